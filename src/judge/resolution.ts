import { OBSERVED, SLOPE } from '../claim/calibration.js';
import type { Claim, Measurement } from '../claim/claim.js';
import { type ProfileName, perClaim, profiles } from '../claim/profile.js';
import { mean, variance } from '../math/statistics.js';
import { deviation, resolution as estimateResolution } from './estimate.js';
import { marginOf } from './margin.js';
import { slopeResolution } from './rate.js';
import { refutableViolationRate } from './sequential.js';
import { trialOf } from './trial.js';

/** What a case of a claim says of how much its theory may be wrong. */
export interface Sensitivity {
  readonly measurement: Measurement;
  /** Of a bound, by number of its theory: the factor by which that is too large, and too small, when the case first violates the claim. */
  readonly critical: Readonly<Record<string, readonly [up: number, down: number]>>;
}

/** The smallest error of a number that a run refutes with probability .95: in the stratum that shows it best, and in the one that shows it least; null where no error is. */
export type Resolution = [best: number | null, least: number | null];

/** The resolution of each number of a claim in a run of that profile, from cases of each of its strata. */
export function resolutionOf(
  claim: Claim,
  strata: readonly (readonly Sensitivity[])[],
  name: ProfileName,
  registered: number,
): Record<string, Resolution> {
  const judged = strata.filter((cases) => cases.length > 1);
  if (judged.length === 0) return {};
  if (claim.kind === 'rate') return { [SLOPE]: range(judged.map(slopeOff(claim, name, registered))) };
  if (claim.kind === 'estimate') return ofNumbers(claim, judged, name, registered);
  const profile = profiles[name];
  const trial = trialOf(claim, null, profile, perClaim(profile.budget, registered));
  const { test, strata: own } = trial.result();
  const cap = trial.cap / Math.max(1, own.length);
  const rate = refutableViolationRate((own[0]?.result ?? { test }).test!, cap);
  const reached = (factors: readonly number[]) => {
    const factor = factors.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(rate * factors.length) - 1)]!;
    return Number.isFinite(factor) ? Math.max(0, factor - 1) : null;
  };
  const numbers = claim.numbers.map(({ name: number }) => {
    const inEach = judged.map((cases) => {
      const directions = [0, 1].map((direction) => reached(cases.map(({ critical }) => critical[number]![direction]!)));
      return directions.includes(null) ? null : Math.max(...(directions as number[]));
    });
    return [number, range(inEach)] as const;
  });
  return Object.fromEntries([
    ...numbers,
    [OBSERVED, range(judged.map((cases) => reached(cases.map(({ measurement }) => 1 / marginOf(measurement)))))],
  ]);
}

function ofNumbers(
  claim: Claim,
  strata: readonly (readonly Sensitivity[])[],
  name: ProfileName,
  registered: number,
): Record<string, Resolution> {
  const { estimates, budget } = profiles[name];
  const falseAlarm = perClaim(budget, registered).falseAlarm / claim.variants[0].strata.length / estimates.length;
  const inEach = strata.map((cases) => {
    const measured = cases.flatMap(({ measurement }) => (measurement.kind === 'estimate' ? [measurement.numbers] : []));
    const names = Object.keys(measured[0]!);
    return new Map(
      names.map((number) => {
        const all = measured.map((numbers) => numbers[number]!);
        const deviations = all.map(deviation);
        const scatter = { mean: mean(deviations), standardDeviation: Math.sqrt(variance(deviations)), value: all[0]!.tolerance };
        const off = estimateResolution(scatter, estimates.at(-1)!, falseAlarm, names.length);
        return [number, Number.isFinite(off) ? off : null];
      }),
    );
  });
  const names = [...new Set(inEach.flatMap((numbers) => [...numbers.keys()]))];
  return Object.fromEntries(
    names.map((number) => [number, range(inEach.flatMap((of) => (of.has(number) ? [of.get(number)!] : [])))]),
  );
}

function slopeOff({ variants }: Claim, name: ProfileName, registered: number): (ladders: readonly Sensitivity[]) => number {
  const { budget, replicates, stratumReplicates } = profiles[name];
  const { length } = variants[0].strata;
  const looks = length > 1 ? stratumReplicates : replicates;
  const falseAlarm = perClaim(budget, registered).falseAlarm / length / looks.length;
  return (ladders) => {
    const slopes = ladders.map(({ measurement }) => marginOf(measurement));
    return slopeResolution(Math.sqrt(variance(slopes)), looks.at(-1)!, falseAlarm);
  };
}

function range(each: readonly (number | null)[]): Resolution {
  const seen = each.filter((off) => off !== null);
  const digits = (off: number) => Number(off.toPrecision(3));
  const best = seen.length === 0 ? null : digits(Math.min(...seen));
  return [best, seen.length < each.length ? null : digits(Math.max(...seen))];
}
