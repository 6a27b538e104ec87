import { describe, expect, it } from 'vitest';
import { stream } from '../math/random.js';
import { slopeOf } from '../math/statistics.js';
import { decideRate, estimateSlope } from './rate.js';

const errors = { falseAlarm: 0.01, falsePass: 0.05 };

it('finds the exponent of a power law', () => {
  expect(slopeOf([16, 32, 64].map((size) => ({ size, value: 3 * size ** -0.7 })))).toBeCloseTo(-0.7, 12);
});

describe('the interval', () => {
  it('is the Student interval of the mean', () => {
    const slopes = Array.from({ length: 12 }, (_, k) => k);
    const { estimate, lower, upper, replicates } = estimateSlope(slopes, errors);
    expect(estimate).toBe(5.5);
    expect(replicates).toBe(12);
    // s/√n = √13/√12; t quantiles with 11 degrees of freedom: 2.718079 at .99, 1.795885 at .95.
    expect(lower).toBeCloseTo(5.5 - 2.718079 * Math.sqrt(13 / 12), 5);
    expect(upper).toBeCloseTo(5.5 + 1.795885 * Math.sqrt(13 / 12), 5);
  });

  it('refuses too few replicates', () => {
    expect(() => estimateSlope([1, 2, 3], errors)).toThrow(/at least 4 replicates, found 3/);
  });

  it.each([4, 12])('errs as often as it says, with %i replicates', (replicates) => {
    const random = stream('rate');
    let alarms = 0;
    let passes = 0;
    for (let run = 0; run < 4000; run++) {
      const slopes = Array.from({ length: replicates }, () => -0.24 + 0.1 * random.gaussian());
      const decision = decideRate(estimateSlope(slopes, errors), -0.24);
      if (decision === 'reject') alarms++;
      if (decision === 'accept') passes++;
    }
    // At the boundary itself both one-sided errors are exact; five standard deviations.
    expect(Math.abs(alarms - 40)).toBeLessThan(5 * Math.sqrt(40));
    expect(Math.abs(passes - 200)).toBeLessThan(5 * Math.sqrt(200));
  });
});

it('decides by the whole interval', () => {
  const interval = (lower: number, upper: number) => ({ estimate: (lower + upper) / 2, lower, upper, replicates: 12 });
  expect(decideRate(interval(-0.5, -0.3), -0.24)).toBe('accept');
  expect(decideRate(interval(-0.2, -0.1), -0.24)).toBe('reject');
  expect(decideRate(interval(-0.3, -0.1), -0.24)).toBe('continue');
});
