import { expect, it } from 'vitest';
import { progressText } from './progress.js';
import type { Job } from './schedule.js';

const job = (id: string, control: string | null, seconds: readonly number[], fewest: number) =>
  ({
    claim: { id },
    control,
    cases: seconds.map((spent) => ({ seconds: spent })),
    trial: { settled: () => fewest === 0, fewest: () => fewest },
  }) as unknown as Job;

it('shows how far a run is, and how long what is sure to be needed will take', () => {
  let time = 0;
  const text = progressText(() => time);
  time = 61_400;
  const jobs = [job('p/one', null, [1, 1], 0), job('p/two', 'wrong', [30, 10], 9), job('p/three', null, [], 1)];
  // 9 × 20 s, and one of the mean of all four, on two workers.
  expect(text(jobs, 2)).toBe('1 of 3 tests settled, 4 cases, 1:01, about 1:35 left  p/two / wrong');
  expect(text([job('p/one', null, [2], 0)], 1)).toBe('1 of 1 test settled, 1 case, 1:01, about 0:00 left  ');
  expect(text([job('p/one', null, [], 5)], 1)).toBe('0 of 1 test settled, 0 cases, 1:01  p/one');
});
