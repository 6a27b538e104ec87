import { describe, expect, it } from 'vitest';
import { grossMultiple } from '../claim/calibration.js';
import { perClaim, profiles } from '../claim/profile.js';
import { claimOf } from '../claim/registry.js';
import { stream } from '../math/random.js';
import type { Outcome } from '../record/outcome.js';
import { claimVerdict } from '../run/claim-verdict.js';
import '../testing/registry.js';
import { trialOf, verdictOf } from './trial.js';

const INSTANCES = 1200;

/** What 1,200 draws of a Pareto law of that exponent calibrate. */
function calibrated(exponent: number, seed: number) {
  const random = stream('pareto', String(seed));
  const ratios = Array.from({ length: INSTANCES }, () => random.uniform() ** (-1 / exponent)).sort((a, b) => a - b);
  const percentile = (level: number) => ratios[Math.ceil(level * INSTANCES) - 1]!;
  return {
    value: 1.25 * percentile(0.995),
    percentile95: percentile(0.95),
    percentile995: percentile(0.995),
    largest: ratios.at(-1)!,
    instances: INSTANCES,
  };
}

describe('the multiple of a bound beyond which one case refutes', () => {
  it.each([1.5, 4, 12])('is exceeded no more often than said, of a Pareto tail with exponent %s', (exponent) => {
    const probability = 1e-7;
    const below = Array.from({ length: 200 }, (_, seed) => {
      const constant = calibrated(exponent, seed);
      return (grossMultiple(constant, probability) * constant.value) ** -exponent <= probability;
    });
    // Two standard errors of the exponent are too few in one of 44.
    expect(below.filter(Boolean).length).toBeGreaterThanOrEqual(185);
  });

  it('is no less than twice the largest ratio seen', () => {
    const constant = { ...calibrated(12, 1), largest: 40 };
    expect(grossMultiple(constant, 1e-3) * constant.value).toBeCloseTo(80, 6);
  });
});

describe('a single case of hu2020/first-layer-kernel', () => {
  const claim = claimOf('hu2020/first-layer-kernel');
  const errors = perClaim(profiles.quick.budget, 120);
  const trialAfter = (ratio: number) => {
    const trial = trialOf(claim, null, profiles.quick, errors);
    const outcome = (observed: number): Outcome => ({
      status: 'measured',
      violation: observed > 1,
      float64: false,
      measurement: { kind: 'bound', observed, bound: 1, roundoff: 0, constant: 'odd', quantities: {}, rounding: null },
    });
    for (let index = 0; index < 9; index++) trial.add(index, outcome(index === 8 ? ratio : 0.5));
    return trial;
  };
  const after = (ratio: number) => trialAfter(ratio).result();

  it('refutes at 14 times its bound, and says why', () => {
    const result = after(14);
    expect([verdictOf(result), result.violations, result.worstIndex]).toEqual(['refuted', 1, 8]);
    expect(result.gross!.ratio).toBe(14);
    expect(result.gross!.beyond).toBeLessThan(5);
  });

  it('says so in the verdict, beside what a run would notice', () => {
    const trial = trialAfter(14);
    const verdict = claimVerdict({ claim, trial, controls: [], counterexample: null, profile: 'quick', seconds: 1 }, errors);
    expect(verdict.reason).toMatch(/^one case is 14 times its bound, beyond [\d.]+ times, which the tail/);
    expect(verdict.resolution!.map(({ number }) => number)).toEqual(['ζ²', 'ν²', 'the observed quantity']);
  });

  it('does not at twice', () => {
    expect([verdictOf(after(2)), after(2).gross]).toEqual(['undecided', null]);
  });
});
