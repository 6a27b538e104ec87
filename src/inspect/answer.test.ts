import { describe, expect, it } from 'vitest';
import { trainingAnswer } from './answer.js';

const answer = (meanSquareGap: number[], networkLoss = meanSquareGap.map(() => 0.1), warnings: string[] = []) =>
  trainingAnswer({
    kernel: { relative: 0.3 },
    training: { step: meanSquareGap.map((_, k) => k + 1), networkLoss, meanSquareGap },
    setting: { stepSize: 20, tolerance: 0.05, signal: 2 },
    warnings,
  });

describe('the answer', () => {
  it('is the last step before the gap first exceeds the tolerance, whatever the gap is at the end', () => {
    expect(answer([0.01, 0.09, 0.2, 0.01])).toEqual({
      sentence:
        'Linear until step 2 (t = 40) at step size 20, to 5 % of the signal; the largest gap in mean square is 10 %, after step 3.',
      standing: 'good',
    });
  });

  it('is Yes where it never does, with caution where the theorem does not cover the data', () => {
    const { sentence, standing } = answer([0.01, 0.02], undefined, ['a spike']);
    expect([sentence, standing]).toEqual([
      'Yes: linear in all 2 steps (t = 40) at step size 20, to 5 % of the signal; the largest gap in mean square is 1 %, after step 2.',
      'caution',
    ]);
  });

  it('is No where the gap is there from the first step on, or not a number, and where the network diverges', () => {
    for (const first of [0.2, Number.NaN])
      expect(answer([first, 0.01])).toMatchObject({ standing: 'bad', sentence: expect.stringMatching(/^No: not linear/) });
    for (const loss of [7, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(answer([0.01, 0.01], [1, loss])).toMatchObject({
        standing: 'bad',
        sentence: expect.stringMatching(/^No: the network diverges at step size 20.* after step 2\. Take a smaller --step/),
      });
    }
  });

  it('is about the kernel alone without labels', () => {
    expect(answer([]).sentence).toBe(
      'The kernel differs from that of a linear model by 0.3 of its norm; without labels nothing was trained.',
    );
  });
});
