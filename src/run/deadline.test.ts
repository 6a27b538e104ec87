import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { deadline } from './deadline.js';

it('aborts after its time, whatever is collected until then', async () => {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  let passed = false;
  deadline(new AbortController().signal, 0.3).signal.addEventListener('abort', () => {
    passed = true;
  });
  await delay(20);
  collect();
  await delay(20);
  collect();
  expect(passed).toBe(false);
  await delay(500);
  expect(passed).toBe(true);
});

it('aborts when it is interrupted, before or later, and not once it is released', async () => {
  const interrupt = new AbortController();
  const open = deadline(interrupt.signal, null);
  const released = deadline(interrupt.signal, 0.01);
  released.release();
  await delay(50);
  interrupt.abort();
  expect([open.signal.aborted, released.signal.aborted]).toEqual([true, false]);
  expect(deadline(interrupt.signal, 5).signal.aborted).toBe(true);
});
