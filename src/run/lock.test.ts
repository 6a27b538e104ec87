import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lock } from './lock.js';

const fresh = () => join(mkdtempSync(join(tmpdir(), 'earlytime-')), 'lock');
/** The lock of this process, with some of it changed. */
function heldBy(file: string, change: Readonly<Record<string, unknown>>): string {
  lock('out', file).release();
  const held = lock('out', file);
  const text = JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...change });
  held.release();
  writeFileSync(file, text);
  return text;
}
const aged = (file: string, seconds: number) => {
  const then = new Date(Date.now() - 1000 * seconds);
  utimesSync(file, then, then);
};

it('is held by one at a time, and leaves nothing behind', () => {
  const file = fresh();
  const held = lock('out', file);
  held.assertHeld();
  expect(() => lock('out', file)).toThrow(
    /another run writes into 'out'\n {2}found: process \d+ on .*\n {2}what to do: .*remove .*lock/,
  );
  held.release();
  expect(readdirSync(join(file, '..'))).toEqual([]);
  lock('out', file).release();
});

it('is refused while another process of this system lives, however long it is silent, and taken over once it is gone', async () => {
  const file = fresh();
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(other, 'spawn');
  const stat = readFileSync(`/proc/${other.pid}/stat`, 'utf8');
  heldBy(file, { pid: other.pid, started: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] });
  aged(file, 1000);
  expect(() => lock('out', file)).toThrow(/last sign of life is 1000 s old/);
  other.kill('SIGKILL');
  await once(other, 'exit');
  lock('out', file).release();
});

it('is taken over from a process whose number another one has by now', () => {
  const file = fresh();
  heldBy(file, { started: '1' });
  lock('out', file).release();
});

it('is told from signs of life where the process is on another system', () => {
  const file = fresh();
  heldBy(file, { system: 'elsewhere', host: 'elsewhere', pid: 1 });
  aged(file, 30);
  expect(() => lock('out', file)).toThrow(/process 1 on elsewhere/);
  aged(file, 90);
  lock('out', file).release();
});

it('refuses a lock of another form until it is old', () => {
  const file = fresh();
  writeFileSync(file, 'nonsense');
  expect(() => lock('out', file)).toThrow(/a lock of another form/);
  aged(file, 90);
  lock('out', file).release();
});

it('is noticed to be lost, and is then not taken from the new holder', () => {
  const file = fresh();
  const held = lock('out', file);
  writeFileSync(file, 'of another');
  expect(() => held.assertHeld()).toThrow(/another run has taken 'out' over/);
  held.release();
  expect(existsSync(file)).toBe(true);
});
