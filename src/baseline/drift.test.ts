import { describe, expect, it } from 'vitest';
import { firstLayerKernelRate } from '../../properties/hu2020/kernel-rate.js';
import { calibrationHash } from '../claim/calibration.js';
import { perClaim, profiles } from '../claim/profile.js';
import { trialOf } from '../judge/trial.js';
import { stream } from '../math/random.js';
import { type Job, jobOf } from '../run/schedule.js';
import { REGISTERED } from '../testing/profile.js';
import { toyClaims } from '../testing/toy-claims.js';
import type { BaselineEntry } from './baseline.js';
import { driftOf, marginsOf } from './drift.js';
import { detectableDrift, sizeForDrift, twoSamplePValue } from './two-sample.js';

const LEVEL = perClaim(profiles.quick.budget, REGISTERED).falseAlarm;
const logNormal = (seed: number, name: string, index: number, count: number, median: number, spread: number) => {
  const random = stream(seed, name, index);
  return Array.from({ length: count }, () => median * Math.exp(spread * random.gaussian()));
};

describe('the rank-sum test', () => {
  it('is not more eager than the exact one where the samples are wholly apart', () => {
    for (const [first, second] of [
      [4, 120],
      [10, 10],
      [12, 20],
    ] as const) {
      const low = Array.from({ length: first }, (_, k) => k);
      const high = Array.from({ length: second }, (_, k) => 1000 + k);
      // 2/C(N, n), both tails.
      let exact = 2;
      for (let k = 1; k <= first; k++) exact *= k / (second + k);
      expect(twoSamplePValue(low, high)).toBeGreaterThan(exact);
    }
  });
  it('has its stated size', () => {
    let alarms = 0;
    for (let run = 0; run < 4000; run++) {
      alarms += twoSamplePValue(logNormal(1, 'a', run, 60, 1, 1), logNormal(1, 'b', run, 34, 1, 1)) < 0.05 ? 1 : 0;
    }
    // .05 with five standard errors of a count of 4,000.
    expect(Math.abs(alarms / 4000 - 0.05)).toBeLessThan(5 * Math.sqrt((0.05 * 0.95) / 4000));
  });
  it('is exact where one value is most of both samples', () => {
    // Zeros in 118 of 120 against 20 of 34: the hypergeometric tail by hand, P(K ≥ 118) = Σ C(138, k) C(16, 120 − k)/C(154, 120).
    const choose = (n: number, k: number) => Array.from({ length: k }, (_, i) => (n - i) / (i + 1)).reduce((p, q) => p * q, 1);
    const exact = [118, 119, 120].reduce((sum, k) => sum + (choose(138, k) * choose(16, 120 - k)) / choose(154, 120), 0);
    const some = (zeros: number, count: number) => Array.from({ length: count }, (_, k) => (k < zeros ? 0 : k));
    expect(twoSamplePValue(some(118, 120), some(20, 34))).toBeCloseTo(2 * exact, 12);
    expect(twoSamplePValue(some(118, 120), some(33, 34))).toBeGreaterThan(0.3);
  });
  it('knows ties: all equal is no drift, all different from a constant is', () => {
    expect(twoSamplePValue([0, 0, 0], [0, 0])).toBe(1);
    expect(twoSamplePValue(Array(120).fill(0), Array(34).fill(1))).toBeLessThan(LEVEL);
  });
});

describe('the detectable drift', () => {
  it('says how large a sample it would take to see any', () => {
    const sample = logNormal(3, 'before', 0, 120, 1, 0.2);
    const needed = sizeForDrift(sample, LEVEL, 'factor')!;
    expect(detectableDrift(sample, needed, LEVEL, 'factor')).not.toBeNull();
    expect(detectableDrift(sample, needed - 1, LEVEL, 'factor')).toBeNull();
    // Too few margins, or too many zeros among them, for any size of the other sample.
    expect(sizeForDrift(sample.slice(0, 4), LEVEL, 'factor')).toBeNull();
    expect(
      sizeForDrift(
        sample.map((_, k) => (k < 119 ? 0 : 1)),
        LEVEL,
        'factor',
      ),
    ).toBeNull();
  });
  it('is seen with about the probability that it says', () => {
    const before = logNormal(2, 'before', 0, 400, 1, 1);
    const factor = detectableDrift(before, 34, LEVEL, 'factor')!;
    const runs = Array.from({ length: 500 }, (_, run) => logNormal(2, 'after', run, 34, factor, 1));
    const seen = runs.filter((after) => twoSamplePValue(before, after) < LEVEL).length / 500;
    expect(seen).toBeGreaterThan(0.83);
    expect(seen).toBeLessThan(0.97);
  });
  it('is none where the samples are too small for any, or a factor moves too few of them', () => {
    expect(detectableDrift([1, 2, 3], 4, LEVEL, 'difference')).toBeNull();
    const mostlyZero = [...Array(60).fill(0), ...logNormal(2, 'few', 0, 60, 1, 1)];
    expect(detectableDrift(mostlyZero, 34, LEVEL, 'factor')).toBeNull();
    expect(detectableDrift(Array(120).fill(0), 34, LEVEL, 'factor')).toBeNull();
  });
  it('is the least that can be kept where all margins are one', () => {
    expect(detectableDrift(Array(122).fill(0.99), 34, LEVEL, 'factor')).toBeCloseTo(1.0001, 9);
    expect(twoSamplePValue(Array(122).fill(0.99), Array(34).fill(0.9901))).toBeLessThan(LEVEL);
  });
});

describe('a run against the baseline', () => {
  const { bound, rate } = toyClaims;
  const job = (claim: typeof bound, margins: readonly number[]): Job => {
    const made = jobOf(claim, null, 1, trialOf(claim, null, profiles.quick, { falseAlarm: LEVEL, falsePass: LEVEL }));
    margins.forEach((margin, index) => {
      const measurement =
        claim.kind === 'rate'
          ? { kind: 'rate' as const, points: [1, Math.E].map((size) => ({ size, value: size ** margin })), rounding: null }
          : { kind: 'bound' as const, observed: margin, bound: 1, roundoff: 0, constant: null, quantities: {}, rounding: null };
      const outcome = { status: 'measured' as const, measurement, violation: false, float64: false };
      made.cases.push({ claim: claim.id, control: null, index, instance: { seed: index }, outcome, seconds: 0 });
      made.trial.add(index, outcome);
    });
    return made;
  };
  const entry = (claim: typeof bound, margins: number[], more: Partial<BaselineEntry> = {}): BaselineEntry => ({
    claim: claim.id,
    subject: 'earlytime',
    backend: 'wasm',
    device: 'd',
    calibration: calibrationHash(claim.id),
    profile: 'standard',
    seed: 1,
    reason: 'first',
    expires: null,
    margins,
    ...more,
  });

  it('raises no alarm in 200 unchanged runs of a registry', () => {
    let alarms = 0;
    for (let claim = 0; claim < REGISTERED; claim++) {
      const spread = 0.05 + (claim % 20) / 10;
      const kept = logNormal(3, 'kept', claim, 120, 0.5, spread);
      for (let run = 0; run < 200; run++) {
        alarms += twoSamplePValue(kept, logNormal(3, `run ${run}`, claim, 34, 0.5, spread)) < LEVEL ? 1 : 0;
      }
    }
    expect(alarms).toBe(0);
  });

  it('compares so many cases as the test needs at least, whatever it took', () => {
    const least = job(bound, [1]).trial.result().test!.passesToAccept(0);
    expect(marginsOf(job(bound, logNormal(4, 'more', 0, least + 9, 0.5, 0.1)))).toHaveLength(least);
    expect(marginsOf(job(rate, [-1, -2, -3])).map((slope) => Number(slope.toFixed(9)))).toEqual([-1, -2, -3]);
  });

  const today = '2027-01-31';
  const kept = logNormal(5, 'kept', 0, 120, 0.7, 0.045);
  const now = logNormal(5, 'now', 0, 34, 0.7, 0.045);

  it('sees a constant that is 12 % off, and says by how much it could have been', async () => {
    expect(await driftOf(job(bound, now), entry(bound, kept), LEVEL, today)).toMatchObject({ regressed: false, reason: null });
    const off = await driftOf(
      job(
        bound,
        now.map((margin) => margin / 1.12),
      ),
      entry(bound, kept),
      LEVEL,
      today,
    );
    expect(off).toMatchObject({ regressed: true, reason: expect.stringContaining('drifted'), cases: 18, baselineCases: 120 });
    expect(off.pValue).toBeLessThan(LEVEL);
    expect(off.detectable).toBeGreaterThan(1);
    expect(off.detectable).toBeLessThan(1.12);
  });

  it('compares slopes by their difference', async () => {
    const slopes = Array.from({ length: 40 }, (_, k) => -0.5 + (k - 20) / 400);
    const same = await driftOf(job(rate, slopes.slice(3, 23)), entry(rate, slopes), LEVEL, today);
    expect(same).toMatchObject({ regressed: false });
    expect(same.detectable).toBeLessThan(0.1);
    const steeper = slopes.slice(0, 20).map((slope) => slope + 0.2);
    expect((await driftOf(job(rate, steeper), entry(rate, slopes), LEVEL, today)).regressed).toBe(true);
  });

  it('fails an entry that has expired, or of another calibration', async () => {
    expect((await driftOf(job(bound, now), entry(bound, kept, { expires: '2027-01-31' }), LEVEL, today)).regressed).toBe(false);
    expect(await driftOf(job(bound, now), entry(bound, kept, { expires: '2027-01-30' }), LEVEL, today)).toMatchObject({
      regressed: true,
      reason: expect.stringContaining('expired on 2027-01-30'),
    });
    expect(await driftOf(job(bound, now), entry(bound, kept, { calibration: 'sha256:other' }), LEVEL, today)).toMatchObject({
      regressed: true,
      reason: expect.stringContaining('calibrated again'),
    });
  });

  it('says nothing of a run without a measured case', async () => {
    expect(await driftOf(job(bound, []), entry(bound, kept), LEVEL, today)).toMatchObject({
      regressed: false,
      pValue: null,
      median: null,
    });
  });
});

it('has margins of a rate that is judged by strata: the ladders of the first look', () => {
  const sizes = [16, 32, 64, 96];
  const outcome = {
    status: 'measured',
    violation: false,
    float64: false,
    measurement: { kind: 'rate', points: sizes.map((size) => ({ size, value: 1 / size })), rounding: null },
  } as const;
  const trial = trialOf(firstLayerKernelRate, null, profiles.quick, perClaim(profiles.quick.budget, REGISTERED));
  const job = jobOf(firstLayerKernelRate, null, 1, trial);
  const strata = firstLayerKernelRate.variants[0].strata.length;
  const first = profiles.quick.stratumReplicates[0]! * strata;
  const cases = Array.from({ length: 2 * first }, (_, index) => ({ index, outcome }));
  expect(marginsOf({ ...job, cases: cases as unknown as Job['cases'] })).toEqual(Array(first).fill(-1));
});
