import { expect, it } from 'vitest';
import { progressLine } from './progress.js';
import type { Job } from './schedule.js';

const job = (id: string, control: string | null, settled: boolean) =>
  ({ claim: { id }, control, judged: 5, trial: { settled: () => settled } }) as unknown as Job;

function terminal(isTTY: boolean) {
  const written: string[] = [];
  return {
    written,
    stream: { isTTY, columns: 60, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream,
  };
}

it('shows how far a run is, on one line that fits the terminal, and not more often than a reader can read', () => {
  const { written, stream } = terminal(true);
  const line = progressLine(stream);
  line.update([job('p/one', null, true), job('p/two', 'wrong', false)]);
  line.update([job('p/one', null, true), job('p/two', null, true)]);
  line.clear();
  expect(written).toEqual(['\r\u001b[K1 of 2 tests settled, 10 cases  p/two / wrong', '\r\u001b[K']);
});

it('says nothing of a current test when none is open, and nothing at all without a terminal', () => {
  const { written, stream } = terminal(true);
  progressLine(stream).update([job('p/one', null, true)]);
  expect(written).toEqual(['\r\u001b[K1 of 1 tests settled, 5 cases  ']);
  const silent = terminal(false);
  const line = progressLine(silent.stream);
  line.update([job('p/one', null, false)]);
  line.clear();
  expect(silent.written).toEqual([]);
});
