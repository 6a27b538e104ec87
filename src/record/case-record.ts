import type { Claim, Instance } from '../claim/claim.js';
import type { Outcome } from './outcome.js';

/** One case as it was measured: a line of the journal. */
export interface CaseRecord {
  readonly claim: string;
  readonly control: string | null;
  readonly index: number;
  readonly instance: Instance | null;
  readonly outcome: Outcome;
  readonly seconds: number;
}

/** One of several runs that share the cases of each trial: that with index ≡ i mod n of n, i from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** A claim, or one of its controls, with the cases that were judged, in index order. */
export interface Tried {
  readonly claim: Claim;
  readonly control: string | null;
  readonly cases: readonly CaseRecord[];
  /** Cases that it takes at least to accept. */
  readonly fewestToAccept: number;
}
