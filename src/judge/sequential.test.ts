import binomialQuantile from '@stdlib/stats-base-dists-binomial-quantile';
import { describe, expect, it } from 'vitest';
import { perClaim, profiles } from '../claim/profile.js';
import { stream } from '../math/random.js';
import { REGISTERED } from '../testing/profile.js';
import {
  alwaysValidPValue,
  decide,
  detectableViolationRate,
  exactPerformance,
  fewestToDecide,
  type SequentialTest,
  sequentialTest,
} from './sequential.js';

const even = (error: number) => ({ falseAlarm: error, falsePass: error });
const CAP = 20_000;

describe('boundaries', () => {
  it.each([
    [0.99, 0.9, 4e-5, 4e-5, 107, 5],
    [0.95, 0.8, 4e-5, 4e-5, 59, 8],
    [0.99, 0.8, 4e-5, 4e-5, 48, 4],
    [0.99, 0.7, 4e-5, 4e-5, 30, 3],
    [0.99, 0.9, 1e-9, 1e-6, 145, 9],
    [0.95, 0.8, 1e-9, 1e-6, 81, 15],
    [1 - 1e-9, 0.7, 4e-5, 4e-5, 29, 1],
  ])(
    '%d against %d at a = %d, b = %d: %i straight passes, %i straight fails',
    (claimed, broken, falseAlarm, falsePass, passes, fails) => {
      const test = sequentialTest({ claimed, broken }, { falseAlarm, falsePass });
      expect(test.passesToAccept(0)).toBe(passes);
      expect(test.failsToReject(0)).toBe(fails);
      expect(decide(test, passes - 1, 0)).toBe('continue');
      expect(decide(test, passes, 0)).toBe('accept');
      expect(decide(test, 0, fails - 1)).toBe('continue');
      expect(decide(test, 0, fails)).toBe('reject');
      expect(fewestToDecide(test, 0, 0)).toBe(Math.min(passes, fails));
    },
  );

  it('count an exact tie as reached', () => {
    // ln((1 − b)/a) = ln 9 = 2 ln 3 with (1 − p₁)/(1 − p₀) = 3: two fails hit the boundary exactly.
    const test = sequentialTest({ claimed: 0.9, broken: 0.7 }, { falseAlarm: 0.1, falsePass: 0.1 });
    expect(test.failsToReject(0)).toBe(2);
    // ln((1 − a)/b) = ln 8 = 3 ln 2 with p₀/p₁ = 2: three passes.
    const accepting = sequentialTest({ claimed: 0.9, broken: 0.45 }, { falseAlarm: 0.2, falsePass: 0.1 });
    expect(accepting.passesToAccept(0)).toBe(3);
  });

  it('refuse rates out of order', () => {
    expect(() => sequentialTest({ claimed: 0.8, broken: 0.9 }, even(0.01))).toThrow(/broken 0.9, claimed 0.8/);
    expect(() => sequentialTest({ claimed: 1, broken: 0.9 }, even(0.01))).toThrow(RangeError);
  });
});

describe('exact performance', () => {
  const budgets = [
    even(0.05),
    even(0.01),
    perClaim(profiles.quick.budget, REGISTERED),
    perClaim(profiles.deep.budget, REGISTERED),
  ];
  const rates = [
    { claimed: 0.99, broken: 0.9 },
    { claimed: 0.99, broken: 0.8 },
    { claimed: 0.95, broken: 0.8 },
    { claimed: 1 - 1e-9, broken: 0.7 },
  ];

  it.each(rates.flatMap((rate) => budgets.map((budget) => [rate, budget] as const)))('of %o stays within %o', (rate, budget) => {
    const test = sequentialTest(rate, budget);
    const right = exactPerformance(test, rate.claimed, CAP);
    const wrong = exactPerformance(test, rate.broken, CAP);
    // Wald guarantees a/(1 − b) and b/(1 − a); with the overshoot of whole cases the stated errors themselves are kept.
    expect(right.reject).toBeLessThanOrEqual(budget.falseAlarm);
    expect(wrong.accept).toBeLessThanOrEqual(budget.falsePass);
    expect(right.undecided).toBeLessThan(1e-9);
  });

  it('refutes a control that violates in half of its instances within the cap of the quick profile', () => {
    const errors = perClaim(profiles.quick.budget, REGISTERED);
    const test = sequentialTest({ claimed: 0.99, broken: profiles.quick.broken }, errors);
    const { reject, expectedCases } = exactPerformance(test, 0.5, profiles.quick.cap);
    expect(1 - reject).toBeLessThan(errors.falsePass);
    expect(expectedCases).toBeLessThan(12);
  });

  it('adds up, and counts expected cases', () => {
    const test = sequentialTest({ claimed: 0.99, broken: 0.8 }, even(0.01));
    const certain = exactPerformance(test, 1, CAP);
    expect(certain).toEqual({ accept: 1, reject: 0, undecided: 0, expectedCases: test.passesToAccept(0) });
    const cut = exactPerformance(test, 0.9, 3);
    expect(cut.accept + cut.reject + cut.undecided).toBeCloseTo(1, 12);
    expect(cut.undecided).toBeGreaterThan(0.9);
  });

  it('names a detectable violation rate between the claimed and the broken one', () => {
    const test = sequentialTest({ claimed: 0.99, broken: 0.8 }, even(1e-4));
    const rate = detectableViolationRate(test, 1e-4, 1000);
    expect(rate).toBeGreaterThan(0.1);
    expect(rate).toBeLessThanOrEqual(0.201);
    expect(exactPerformance(test, 1 - rate, 1000).accept).toBeLessThanOrEqual(1e-4);
    expect(exactPerformance(test, 1 - rate + 0.01, 1000).accept).toBeGreaterThan(1e-4);
  });
});

describe('simulation', () => {
  const RUNS = 20_000;

  function simulate(test: SequentialTest, passRate: number, wrong: 'accept' | 'reject', seed: string): number {
    const random = stream('sequential', seed);
    let errors = 0;
    for (let run = 0; run < RUNS; run++) {
      let [passes, fails] = [0, 0];
      let decision = decide(test, passes, fails);
      while (decision === 'continue') {
        if (random.uniform() < passRate) passes++;
        else fails++;
        decision = decide(test, passes, fails);
      }
      if (decision === wrong) errors++;
    }
    return errors;
  }

  it.each([0.05, 0.01])('agrees with the exact errors at a = b = %d', (error) => {
    const test = sequentialTest({ claimed: 0.95, broken: 0.8 }, even(error));
    for (const [passRate, wrong] of [
      [0.95, 'reject'],
      [0.8, 'accept'],
    ] as const) {
      const exact = exactPerformance(test, passRate, CAP)[wrong];
      const seen = simulate(test, passRate, wrong, `${error}${wrong}`);
      // Exact binomial test at 10⁻⁶ on either side.
      expect(seen).toBeGreaterThanOrEqual(binomialQuantile(1e-6, RUNS, exact));
      expect(seen).toBeLessThanOrEqual(binomialQuantile(1 - 1e-6, RUNS, exact));
    }
  });

  it('shows what naive repeated looks at a fixed-sample interval would do', () => {
    const random = stream('naive');
    const p = 0.95;
    let alarms = 0;
    for (let run = 0; run < 2000; run++) {
      let fails = 0;
      for (let n = 1; n <= 500; n++) {
        if (random.uniform() >= p) fails++;
        // A one-sided 5 % normal limit, looked at after every case from the twentieth on.
        if (n >= 20 && (fails / n - (1 - p)) / Math.sqrt((p * (1 - p)) / n) > 1.645) {
          alarms++;
          break;
        }
      }
    }
    expect(alarms / 2000).toBeGreaterThan(0.3);
  });
});

it('has an always-valid p-value of 1/likelihood ratio', () => {
  const rates = { claimed: 0.99, broken: 0.9 };
  expect(alwaysValidPValue(rates, 50, 0)).toBe(1);
  expect(alwaysValidPValue(rates, 0, 2)).toBeCloseTo((0.01 / 0.1) ** 2, 12);
  expect(alwaysValidPValue(rates, 10, 1)).toBeCloseTo((0.01 / 0.1) * (0.99 / 0.9) ** 10, 12);
});
