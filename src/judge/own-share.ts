import type { ErrorProbabilities } from '../claim/pass-rate.js';
import { counted } from '../support/words.js';
import { decide, sequentialTest } from './sequential.js';

/** Share of cases that the subject's own arithmetic must decide, and the share at which a verdict would say nothing of the subject. */
const SHARE = { claimed: 0.9, broken: 0.5 };

/** Cases of a trial, and those that rounding left to the float64 reference, or without a verdict. */
export interface Shares {
  readonly cases: number;
  readonly onReference: number;
  readonly setAside: number;
}

/** Why so many cases were not decided by the subject's own arithmetic that nothing is said of it; null where they are few enough. */
export function borrowedReason({ cases, onReference, setAside }: Shares, errors: ErrorProbabilities): string | null {
  if (decide(sequentialTest(SHARE, errors), cases - onReference, onReference + setAside) !== 'reject') return null;
  return `of ${counted(cases + setAside, 'case')} the float64 reference decided ${onReference} and rounding set aside ${setAside}: too many for a verdict on the subject`;
}
