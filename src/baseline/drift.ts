import hypergeometric from '@stdlib/stats-base-dists-hypergeometric-cdf';
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
 * Two-sided test of two independent samples: rank sums in their normal approximation with the correction for ties (Kruskal–Wallis with two groups), which is
 * conservative in the far tail where ties are few; where one value makes up half of both samples and more, the exact test of its share in each (hypergeometric).
 */
export function twoSamplePValue(first: readonly number[], second: readonly number[]): number {
  const pooled = [...first, ...second];
  const counts = new Map<number, number>();
  for (const value of pooled) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [common, count] = [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most));
  if (2 * count < pooled.length) return kruskal([...first], [...second]).pValue;
  const seen = first.filter((value) => value === common).length;
  const atMost = (k: number) => hypergeometric(k, pooled.length, count, first.length);
  return Math.min(1, 2 * Math.min(atMost(seen), 1 - atMost(seen - 1)));
}

/**
 * The smallest upward drift of `sample`'s distribution that a rank-sum test at `level`, with a new sample of `size`, sees with probability .9: the least factor
 * (or difference) at which P(X < Y) + ½ P(X = Y) is what Noether (1987) asks for; null where none is.
 */
export function detectableDrift(
  sample: readonly number[],
  size: number,
  level: number,
  by: 'factor' | 'difference',
): number | null {
  const total = sample.length + size + 1;
  const needed =
    0.5 + (normalQuantile(1 - level / 2, 0, 1) + normalQuantile(POWER, 0, 1)) * Math.sqrt(total / (12 * sample.length * size));
  const pairs = sample.flatMap((x, i) => sample.filter((_, j) => i !== j).map((y) => [x, y] as const));
  // A factor leaves zeros where they are: of two of them neither is ever the larger.
  const zeros = by === 'factor' ? pairs.filter(([x, y]) => x === 0 && y === 0).length : 0;
  const overtaken = by === 'factor' ? pairs.filter(([, y]) => y > 0).map(([x, y]) => x / y) : pairs.map(([x, y]) => x - y);
  const drift = overtaken.sort((a, b) => a - b)[Math.ceil(needed * pairs.length - zeros / 2) - 1] ?? null;
  if (drift === null || by === 'difference') return drift;
  return Math.max(drift, 1 + 10 ** (1 - DIGITS));
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/**
 * Compares the margins of a run with those of the baseline, at that probability of a false alarm. `today` is YYYY-MM-DD. A drift of ratios is a factor, one of
 * slopes a difference.
 */
export function driftOf(job: Job, entry: BaselineEntry, level: number, today: string): NonNullable<ClaimVerdict['drift']> {
  const margins = marginsOf(job);
  const rate = job.claim.kind === 'rate';
  const pValue = margins.length === 0 ? null : twoSamplePValue(entry.margins, margins);
  const [before, now] = [median(entry.margins), margins.length === 0 ? null : median(margins)];
  const detectable =
    margins.length === 0 ? null : detectableDrift(entry.margins, margins.length, level, rate ? 'difference' : 'factor');
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
    detectable,
  };
}
