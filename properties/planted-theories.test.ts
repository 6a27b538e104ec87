import { describe, expect, it } from 'vitest';
import { calibratedConstant } from '../src/claim/calibration.js';
import { type Claim, type EstimateMeasurement, instanceAt, type Measurement } from '../src/claim/claim.js';
import { perClaim, profiles } from '../src/claim/profile.js';
import { deviation } from '../src/judge/estimate.js';
import { trialOf, verdictOf } from '../src/judge/trial.js';
import { activations } from '../src/models/two-layer/instances.js';
import type { Outcome } from '../src/record/outcome.js';
import { measureCase } from '../src/run/measure.js';
import { openSubject } from '../src/testing/subjects.js';
import { deepKernelRegression, firstLayerKernelRegression, secondLayerKernelRegression } from './hu2020/kernel-regression.js';
import { sharpWidth } from './hu2020/sharp-terms.js';
import { firstLayerTrainingKernel } from './hu2020/training-kernel.js';
import { claims } from './index.js';

/** Runs of the quick profile, each with cases of its own. */
const SEEDS = 3;
const profile = profiles.quick;
const errors = perClaim(profile.budget, claims.length);
const subject = (await openSubject('wasm'))!;
const kept = new Map<string, Promise<Outcome>>();

/** The case of that index, measured once for all theories. */
function outcomeAt(claim: Claim, seed: number, index: number): Promise<Outcome> {
  const key = `${claim.id} ${seed} ${index}`;
  const [variant] = claim.variants;
  const measured =
    kept.get(key) ??
    measureCase(variant, instanceAt(variant, seed, String(index)), subject, (name) => calibratedConstant(claim.id, name));
  kept.set(key, measured);
  return measured;
}

/** A theory that multiplies the predicted number of that name, for all activations or for one. */
interface Planted {
  readonly number: string;
  readonly factor: number;
  readonly of?: string;
}

function wrong({ numbers, ...measurement }: EstimateMeasurement, { number, factor }: Planted): EstimateMeasurement {
  const { [number]: right, ...others } = numbers;
  return { ...measurement, numbers: { ...others, [number]: { ...right!, predicted: factor * right!.predicted } } };
}

/** A quick run of the claim, in which cases of an activation come out as `planted` says. */
async function run(claim: Claim, seed: number, planted: (measurement: Measurement, activation: string) => Measurement) {
  const trial = trialOf(claim, null, profile, errors);
  for (let index = 0; !trial.settled(); index++) {
    if (!trial.wants(index)) continue;
    const outcome = await outcomeAt(claim, seed, index);
    const activation = activations[index % activations.length]!;
    trial.add(
      index,
      outcome.status === 'measured' ? { ...outcome, measurement: planted(outcome.measurement, activation) } : outcome,
    );
  }
  return trial.result();
}

/** The verdict of a quick run under the theory. */
async function verdictUnder(claim: Claim, seed: number, theory: Planted | null) {
  const result = await run(claim, seed, (measurement, activation) =>
    measurement.kind === 'estimate' && theory !== null && [undefined, activation].includes(theory.of)
      ? wrong(measurement, theory)
      : measurement,
  );
  return verdictOf(result);
}

/** The ladder of a network whose slope is larger by as much. */
function flatter(measurement: Measurement, more: number): Measurement {
  if (measurement.kind !== 'rate') return measurement;
  const points = measurement.points.map(({ size, value }) => ({ size, value: value * size ** more }));
  return { ...measurement, points };
}

const sloped = activations.filter((name) => name !== 'abs');
const planted: readonly (readonly [name: string, claim: Claim, theory: Planted])[] = [
  ...sloped.map((of) => [`ζ² × 2 for ${of}`, firstLayerKernelRegression, { number: 'slope', factor: 2, of }] as const),
  ...sloped.map((of) => [`ζ² × 1.1 for ${of}`, firstLayerKernelRegression, { number: 'slope', factor: 1.1, of }] as const),
  ['ζ² × 1.1', firstLayerKernelRegression, { number: 'slope', factor: 1.1 }],
  ['ζ² × .9', firstLayerKernelRegression, { number: 'slope', factor: 0.9 }],
  ['ν² × 2', firstLayerKernelRegression, { number: 'constant', factor: 2 }],
  ['ν² × 1.5', firstLayerKernelRegression, { number: 'constant', factor: 1.5 }],
  ['ν² × .5', firstLayerKernelRegression, { number: 'constant', factor: 0.5 }],
  ['ϑ₁² × 1.3', firstLayerKernelRegression, { number: 'square', factor: 1.3 }],
  ['ζ² × 1.1 in the second layer', secondLayerKernelRegression, { number: 'slope', factor: 1.1 }],
  ['ϑ₁²/2 × 1.5 in the second layer', secondLayerKernelRegression, { number: 'square', factor: 1.5 }],
  ['ϑ₀ϑ₁ × 1.3 in the second layer', secondLayerKernelRegression, { number: 'norm', factor: 1.3 }],
  ["θ'' × 1.5 of deep networks", deepKernelRegression, { number: 'square', factor: 1.5 }],
  ["θ' × 1.1 of deep networks", deepKernelRegression, { number: 'slope', factor: 1.1 }],
  ['time × 1.1 of training', firstLayerTrainingKernel, { number: 'time', factor: 1.1 }],
];

describe('a planted theory', () => {
  it.each(planted)('%s is refuted', async (_, claim, theory) => {
    for (let seed = 1; seed <= SEEDS; seed++) expect(await verdictUnder(claim, seed, theory)).toBe('refuted');
  });

  it.each(['erf', 'relu', 'abs'])('of a slope of −.1 is refuted, for %s alone', async (of) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const right = await run(sharpWidth, seed, (measurement) => measurement);
      expect(verdictOf(right)).toBe('holds');
      const { slope } = right.strata.find(({ name }) => name === of)!.result;
      const more = -0.1 - slope!.estimate;
      const result = await run(sharpWidth, seed, (measurement, activation) =>
        activation === of ? flatter(measurement, more) : measurement,
      );
      const refuted = result.strata.filter((stratum) => verdictOf(stratum.result) === 'refuted').map(({ name }) => name);
      expect([verdictOf(result), refuted]).toEqual(['refuted', [of]]);
    }
  });

  it('is not found where there is none, as near as each case comes', async () => {
    for (const claim of new Set(planted.map(([, of]) => of))) {
      const verdict = await verdictUnder(claim, 1, null);
      const outcome = await outcomeAt(claim, 1, 0);
      expect(
        outcome.status === 'measured' && outcome.measurement.kind === 'estimate' && outcome.measurement.numbers,
      ).toBeTruthy();
      expect([claim.id, verdict]).toEqual([claim.id, 'holds']);
      if (outcome.status !== 'measured' || outcome.measurement.kind !== 'estimate') continue;
      for (const number of Object.values(outcome.measurement.numbers)) expect(Math.abs(deviation(number))).toBeLessThan(0.5);
    }
  });
});
