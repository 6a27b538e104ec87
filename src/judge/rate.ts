import studentQuantile from '@stdlib/stats-base-dists-t-quantile';
import type { ErrorProbabilities } from '../claim/pass-rate.js';
import { mean, variance } from '../math/statistics.js';
import type { Decision } from './sequential.js';

/** Mean slope over replicates with one-sided Student limits. */
export interface SlopeEstimate {
  readonly estimate: number;
  /** Exceeds the true mean slope with probability at most `falseAlarm`. */
  readonly lower: number;
  /** Falls short of it with probability at most `falsePass`. */
  readonly upper: number;
  readonly replicates: number;
}

/** Fewest replicates that Student limits are taken of. */
const FEWEST_REPLICATES = 4;

/** Student interval of the mean of independent replicate slopes. */
export function estimateSlope(slopes: readonly number[], { falseAlarm, falsePass }: ErrorProbabilities): SlopeEstimate {
  const replicates = slopes.length;
  if (replicates < FEWEST_REPLICATES) {
    throw new RangeError(`expected at least ${FEWEST_REPLICATES} replicates, found ${replicates}`);
  }
  const estimate = mean(slopes);
  const error = Math.sqrt(variance(slopes) / replicates);
  return {
    estimate,
    lower: estimate - studentQuantile(1 - falseAlarm, replicates - 1) * error,
    upper: estimate + studentQuantile(1 - falsePass, replicates - 1) * error,
    replicates,
  };
}

/** Standard normal quantile of .95. */
const OFTEN = 1.645;

/**
 * Standard errors of a mean by which it has to be off for Student's limit at that level to notice with probability .95: √(1 + t²/(2(n − 1))) is the scatter of
 * mean − t · error, as that of the error itself is 1/√(2(n − 1)) of it.
 */
export function noticedErrors(level: number, cases: number): number {
  const quantile = studentQuantile(1 - level, cases - 1);
  return quantile + OFTEN * Math.sqrt(1 + quantile ** 2 / (2 * (cases - 1)));
}

/** By how much the true slope has to exceed the claimed one to be refuted by so many replicates with probability .95. */
export function slopeResolution(standardDeviation: number, replicates: number, falseAlarm: number): number {
  return (noticedErrors(falseAlarm, replicates) * standardDeviation) / Math.sqrt(replicates);
}

/** Accepts when the whole interval lies below the claimed slope, rejects when it lies above. */
export function decideRate({ lower, upper }: SlopeEstimate, claimed: number): Decision {
  if (upper < claimed) return 'accept';
  return lower > claimed ? 'reject' : 'continue';
}
