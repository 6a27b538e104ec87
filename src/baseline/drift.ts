import { calibrationHash } from '../claim/calibration.js';
import { marginOf } from '../judge/margin.js';
import { median } from '../math/statistics.js';
import type { Tried } from '../record/case-record.js';
import type { ClaimVerdict } from '../record/verdicts.js';
import { type BaselineEntry, MARGIN_DIGITS } from './baseline.js';

/**
 * The margins of a claim's trial: observed over bound of each case, of a rate the slope of each ladder. As many as it
 * takes at least to accept, for their number must not depend on what they are.
 */
export function marginsOf({ cases, fewestToAccept }: Tried): number[] {
  const margins = cases.flatMap(({ outcome }) => {
    if (outcome.status !== 'measured') return [];
    const margin = marginOf(outcome.measurement);
    return Number.isFinite(margin) ? [Number(margin.toPrecision(MARGIN_DIGITS))] : [];
  });
  return margins.slice(0, fewestToAccept);
}

/**
 * Compares the margins of a run with those of the baseline, at that probability of a false alarm. `today` is YYYY-MM-DD. A drift of ratios is a factor, one of
 * slopes a difference.
 */
export async function driftOf(
  tried: Tried,
  entry: BaselineEntry,
  level: number,
  today: string,
): Promise<NonNullable<ClaimVerdict['drift']>> {
  // Its libraries take longer to load than most commands to run.
  const { detectableDrift, sizeForDrift, twoSamplePValue } = await import('./two-sample.js');
  const margins = marginsOf(tried);
  const none = margins.length === 0;
  const by = tried.claim.kind === 'rate' ? 'difference' : 'factor';
  const pValue = none ? null : twoSamplePValue(entry.margins, margins);
  const detectable = none ? null : detectableDrift(entry.margins, margins.length, level, by);
  const needed = detectable === null ? sizeForDrift(entry.margins, level, by) : null;
  const stale = calibrationHash(tried.claim.id) !== entry.calibration;
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
    median: median(margins),
    baselineMedian: median(entry.margins),
    detectable,
    ...(detectable === null && { needed }),
  };
}
