import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import kruskal from '@stdlib/stats-kruskal-test';
import { calibrationHash } from '../calibration.js';
import { slopeOf } from '../judge/rate.js';
import type { ClaimVerdict } from '../report/schema.js';
import type { Job } from '../run/schedule.js';
import type { BaselineEntry } from './baseline.js';

/** Significant digits of a kept margin. */
const DIGITS = 5;
/** Probability with which the detectable drift is seen. */
const POWER = 0.9;

/**
 * The margins of a claim's trial: observed over bound of each case, of a rate the slope of each ladder. Of a sequential test so many as it needs at least to
 * accept, for their number must not depend on what they are.
 */
export function marginsOf({ trial, cases }: Job): number[] {
  const margins = cases.flatMap(({ outcome }) => {
    if (outcome.status !== 'measured') return [];
    const { measurement } = outcome;
    const margin = measurement.kind === 'rate' ? slopeOf(measurement.points) : measurement.observed / measurement.bound;
    return Number.isFinite(margin) ? [Number(margin.toPrecision(DIGITS))] : [];
  });
  return margins.slice(0, trial.result().test?.passesToAccept(0));
}

/**
 * Two-sided rank-sum test of two independent samples, with its normal approximation and the correction for ties (Kruskal–Wallis with two groups): in the far
 * tail it is conservative.
 */
export function rankSumPValue(first: readonly number[], second: readonly number[]): number {
  if (new Set([...first, ...second]).size < 2) return 1;
  return kruskal([...first], [...second]).pValue;
}

/**
 * The smallest upward shift of `sample`'s distribution that a rank-sum test at `level`, with a new sample of `size`, sees with probability .9: the
 * quantile of the pairwise differences of the sample at the probability P(X < Y) that Noether (1987) asks for; null where no shift could be seen.
 */
export function detectableShift(sample: readonly number[], size: number, level: number): number | null {
  const total = sample.length + size + 1;
  const needed =
    0.5 + (normalQuantile(1 - level / 2, 0, 1) + normalQuantile(POWER, 0, 1)) * Math.sqrt(total / (12 * sample.length * size));
  if (!(needed < 1)) return null;
  const differences = sample.flatMap((x, i) => sample.flatMap((y, j) => (i === j ? [] : [y - x]))).sort((a, b) => a - b);
  return differences[Math.ceil(needed * differences.length) - 1] ?? null;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/**
 * Compares the margins of a run with those of the baseline, at that probability of a false alarm. `today` is YYYY-MM-DD. Ratios are compared by their logarithms,
 * so that a drift of them is a factor; of slopes it is a difference.
 */
export function driftOf(job: Job, entry: BaselineEntry, level: number, today: string): NonNullable<ClaimVerdict['drift']> {
  const margins = marginsOf(job);
  const rate = job.claim.kind === 'rate';
  const pValue = margins.length === 0 ? null : rankSumPValue(entry.margins, margins);
  const [before, now] = [median(entry.margins), margins.length === 0 ? null : median(margins)];
  const positive = entry.margins.filter((margin) => margin > 0).map(Math.log);
  const shift = margins.length === 0 ? null : detectableShift(rate ? entry.margins : positive, margins.length, level);
  const stale = calibrationHash(job.claim.id) !== entry.calibration;
  const reason = stale
    ? 'its constant was calibrated again since the baseline was recorded'
    : entry.expires !== null && entry.expires < today
      ? `its entry of the baseline has expired on ${entry.expires}`
      : pValue !== null && pValue < level
        ? 'its margins have drifted from the baseline'
        : null;
  return {
    regressed: reason !== null,
    reason,
    pValue,
    level,
    cases: margins.length,
    baselineCases: entry.margins.length,
    median: now,
    baselineMedian: before,
    detectable: shift === null || !Number.isFinite(shift) ? null : rate ? shift : Math.exp(shift),
  };
}
