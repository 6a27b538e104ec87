import { describe, expect, it } from 'vitest';
import type { EstimateMeasurement } from '../claim/claim.js';
import { stream } from '../math/random.js';
import type { Outcome } from '../record/outcome.js';
import { boundOutcome } from '../testing/outcomes.js';
import { testProfile } from '../testing/profile.js';
import { toyClaims } from '../testing/toy-claims.js';
import { estimateNumbers } from './estimate.js';
import { detectableViolationRate, exactPerformance } from './sequential.js';
import { trialOf, verdictOf } from './trial.js';

const TOLERANCE = 0.05;
const measurement = (...estimates: number[]): EstimateMeasurement => ({
  kind: 'estimate',
  numbers: Object.fromEntries(
    estimates.map((estimate, k) => [`number ${k}`, { estimate, predicted: 2, tolerance: TOLERANCE, constant: null }]),
  ),
  quantities: {},
  rounding: null,
});
const measured = (of: EstimateMeasurement): Outcome => ({
  status: 'measured',
  measurement: of,
  violation: false,
  float64: false,
});

/** Verdicts of runs whose numbers have this mean deviation and scatter. */
function rates(mean: number, deviation: number, runs: number, errors: { falseAlarm: number; falsePass: number }, numbers = 1) {
  const random = stream(5, `${mean} ${numbers}`);
  const count = { holds: 0, refuted: 0, undecided: 0 };
  for (let run = 0; run < runs; run++) {
    const trial = trialOf(toyClaims.estimate, null, { ...testProfile, estimates: [8, 16, 32] }, errors);
    for (let index = 0; !trial.settled(); index++) {
      const draw = () => 2 * (1 + mean + deviation * random.gaussian());
      trial.add(index, measured(measurement(...Array.from({ length: numbers }, draw))));
    }
    count[verdictOf(trial.result()) as keyof typeof count]++;
  }
  return count;
}

describe('an estimate', () => {
  const errors = { falseAlarm: 1e-4, falsePass: 1e-4 };

  it('gives each number in units of its prediction, with its interval', () => {
    const cases = Array.from({ length: 16 }, (_, k) => measurement(2.02 + 0.001 * (k % 2), 2));
    const [first, second] = estimateNumbers(cases, errors);
    expect(first).toMatchObject({ name: 'number 0', predicted: 1, tolerance: TOLERANCE, cases: 16, decision: 'accept' });
    expect(first!.estimate).toBeCloseTo(1.01025, 5);
    expect(first!.lower).toBeLessThan(first!.estimate);
    expect(second).toMatchObject({ estimate: 1, lower: 1, upper: 1 });
    expect(() => estimateNumbers(cases.slice(0, 7), errors)).toThrow(/at least 8 cases, found 7/);
  });

  it('measures a prediction of 0 in a unit of its own', () => {
    const zero = { estimate: 0.3, predicted: 0, unit: 10, tolerance: TOLERANCE, constant: null };
    const cases = Array.from({ length: 8 }, () => ({ ...measurement(), numbers: { zero } }));
    expect(estimateNumbers(cases, errors)).toMatchObject([{ predicted: 0, estimate: 0.03, decision: 'accept' }]);
  });

  it('holds well inside the tolerance, is refuted well outside, and undecided at its edge', () => {
    expect(rates(0, 0.02, 100, errors)).toMatchObject({ holds: 100 });
    expect(rates(0.1, 0.02, 100, errors)).toMatchObject({ refuted: 100 });
    expect(rates(-0.1, 0.02, 100, errors)).toMatchObject({ refuted: 100 });
    expect(rates(0.05, 0.02, 100, errors)).toMatchObject({ undecided: 100 });
  });

  it('errs at the edge of the tolerance no more often than it may, over 4,000 runs', () => {
    for (const level of [0.05, 0.01]) {
      // Three standard errors of the simulation.
      const most = 4000 * level + 3 * Math.sqrt(4000 * level);
      for (const numbers of [1, 3]) {
        const at = rates(TOLERANCE, 0.04, 4000, { falseAlarm: level, falsePass: level }, numbers);
        expect(at.refuted).toBeLessThanOrEqual(most);
        expect(at.holds).toBeLessThanOrEqual(most);
      }
    }
  });
});

describe('a claim by strata', () => {
  const claim = toyClaims.stratified;
  const errors = { falseAlarm: 1e-5, falsePass: 1e-5 };
  const run = (violates: (stratum: number, index: number) => boolean) => {
    const trial = trialOf(claim, null, testProfile, errors);
    let last = 0;
    for (let index = 0; !trial.settled() && index < trial.cap; index++) {
      if (!trial.wants(index)) continue;
      trial.add(index, boundOutcome(violates(index % 3, index)));
      last = index;
    }
    return { result: trial.result(), last };
  };

  it('holds when each stratum does, with as many straight passes as one test would take, spread over them', () => {
    const { result } = run(() => false);
    expect(verdictOf(result)).toBe('holds');
    const whole = trialOf(toyClaims.bound, null, testProfile, errors).result().test!.passesToAccept(0);
    expect(result.cases).toBeGreaterThanOrEqual(whole);
    expect(result.cases).toBeLessThan(whole + 3);
    expect(result.strata.map(({ name, result: { cases } }) => [name, cases])).toEqual([
      ['one', result.cases / 3],
      ['two', result.cases / 3],
      ['three', result.cases / 3],
    ]);
  });

  it('is refuted when one stratum is, which one test of all cases overlooks', () => {
    const { result } = run((stratum) => stratum === 1);
    expect(verdictOf(result)).toBe('refuted');
    expect(result.strata.map(({ result: of }) => verdictOf(of))).toEqual(['undecided', 'refuted', 'undecided']);
    expect(result.worstIndex).toBe(1);
    const pooled = trialOf(toyClaims.bound, null, { ...testProfile, broken: 0.5 }, errors);
    for (let index = 0; !pooled.settled(); index++) pooled.add(index, boundOutcome(index % 8 === 1));
    expect(verdictOf(pooled.result())).toBe('holds');
  });

  it('asks for no case of a stratum that is settled', () => {
    const { result, last } = run((stratum, index) => stratum === 2 && index < 3);
    expect(verdictOf(result)).toBe('holds');
    const [one, , three] = result.strata;
    expect(three!.result.cases).toBeGreaterThan(one!.result.cases);
    expect(last).toBe(3 * (three!.result.cases - 1) + 2);
  });

  it('is judged on the strata that the subject knows', () => {
    const trial = trialOf(claim, null, testProfile, errors);
    const unknown: Outcome = { status: 'inapplicable', reason: 'no such activation', limited: true };
    for (let index = 0; !trial.settled(); index++) trial.add(index, index % 3 === 0 ? unknown : boundOutcome(false));
    expect(verdictOf(trial.result())).toBe('holds');
    const failing = trialOf(claim, null, testProfile, errors);
    const broken: Outcome = { status: 'unmeasured', reason: 'crashed' };
    for (let index = 0; !failing.settled(); index++) failing.add(index, index % 3 === 0 ? broken : unknown);
    expect([verdictOf(failing.result()), failing.result().limited]).toEqual(['unmeasured', false]);
  });

  it('errs no more often than it may: exactly, by the product over its strata', () => {
    const { result } = run(() => false);
    const [{ result: of }] = result.strata as [(typeof result.strata)[number]];
    const cap = testProfile.cap;
    const alarm = exactPerformance(of.test!, 0.99, cap).reject;
    expect(1 - (1 - alarm) ** 3).toBeLessThanOrEqual(errors.falseAlarm * 1.05);
    // All at the rate at which the claim counts as broken.
    expect(exactPerformance(of.test!, of.test!.rates.broken, cap).accept ** 3).toBeLessThanOrEqual(errors.falsePass);
    // One alone, at the rate that its report names.
    const seen = detectableViolationRate(of.test!, errors.falsePass, cap);
    expect(exactPerformance(of.test!, 1 - seen, cap).accept).toBeLessThanOrEqual(errors.falsePass);
    expect(seen).toBeLessThan(1);
  });
});
