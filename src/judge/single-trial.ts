import type { ErrorProbabilities } from '../claim/pass-rate.js';
import type { Outcome } from '../record/outcome.js';
import type { Evidence, Found } from './evidence.js';
import { borrowedReason } from './own-share.js';
import type { Decision } from './sequential.js';

/** A claim or control on trial: it takes outcomes in index order until it is settled. */
export interface Trial {
  /** No index from here on is taken. */
  readonly cap: number;
  /** Cases that are measured when nothing decides earlier: all of a sequential test's, the replicates of a rate or an estimate. */
  readonly planned: number;
  /** Cases that it takes at least to accept, as many of each stratum: their number does not depend on what they are. */
  readonly fewestToAccept: number;
  /** Whether the case of that index could still change anything. */
  wants(index: number): boolean;
  /** Counts the outcome of the case of that index; ignored once settled. */
  add(index: number, outcome: Outcome): void;
  settled(): boolean;
  /** Fewest further outcomes after which it could be settled; 0 when it is. */
  fewest(): number;
  result(): TrialResult;
}

export interface TrialResult extends Found {
  readonly decision: Decision;
  /** Cases that were not measured leave nothing to decide, or the subject disagrees with the reference. */
  readonly untrusted: boolean;
  /** The subject differs from the float64 reference beyond rounding, which no further case mends. */
  readonly disagrees: boolean;
  /** The subject lacks a capability that the cases need. */
  readonly missing: boolean;
  /** Every case asked for what the subject says it does not know. */
  readonly limited: boolean;
  /** No case asked the subject for anything. */
  readonly untouched: boolean;
  readonly inapplicable: number;
  readonly unmeasured: number;
  /** Why the first case was not measured, or was outside the theorem. */
  readonly reason: string | null;
  readonly worstRounding: number | null;
  /** Measured cases that were decided by the float64 reference, being within rounding of their bound. */
  readonly onReference: number;
  /** Cases that were not judged, for no arithmetic of the subject carries them. */
  readonly setAside: number;
  /** The strata that are judged by themselves; empty where there is one. */
  readonly strata: readonly { readonly name: string; readonly result: TrialResult }[];
}

/** Cases outside the theorem after which, with none inside, a claim is inapplicable. */
export const INAPPLICABLE_LIMIT = 50;

/** A trial of cases that are alike. */
export function singleTrial(
  evidence: Evidence,
  { cap, planned }: { readonly cap: number; readonly planned: number },
  errors: ErrorProbabilities,
): Trial {
  let onReference = 0;
  let setAside = 0;
  let taken = 0;
  let inapplicable = 0;
  let unmeasured = 0;
  let limited = 0;
  let touched = false;
  let missing = false;
  let worstRounding: number | null = null;
  /** Of the first case of each kind; a disagreement weighs more than whatever else failed. */
  const reasons: { disagrees?: string; unmeasured?: string; inapplicable?: string } = {};

  const cases = () => evidence.found().cases;
  const borrowed = () => borrowedReason({ cases: cases(), onReference, setAside }, errors);
  const untrusted = () => reasons.disagrees !== undefined || evidence.untrusted(unmeasured) || borrowed() !== null;
  const hopeless = () => missing || untrusted() || (cases() === 0 && inapplicable >= INAPPLICABLE_LIMIT);
  // Kept, for a scheduler asks every trial again and again whether it is settled.
  let settled = false;

  return {
    cap,
    planned,
    fewestToAccept: evidence.fewestToAccept,
    wants: () => !settled,
    settled: () => settled,
    fewest: () => (settled ? 0 : evidence.fewest(unmeasured)),
    add: (index, outcome) => {
      if (settled) return;
      taken++;
      if (outcome.status === 'measured') {
        const { measurement, violation } = outcome;
        touched ||= !outcome.untouched;
        if (outcome.float64) onReference++;
        if (measurement.rounding !== null) worstRounding = Math.max(worstRounding ?? 0, measurement.rounding);
        evidence.add(measurement, violation, index);
      } else if (outcome.status === 'inapplicable') {
        inapplicable++;
        reasons.inapplicable ??= outcome.reason;
        if (outcome.limited) limited++;
        if (outcome.setAside) setAside++;
      } else {
        touched = true;
        unmeasured++;
        reasons.unmeasured ??= outcome.reason;
        if (outcome.disagrees) reasons.disagrees ??= outcome.reason;
        if (outcome.missing) missing = true;
      }
      settled = hopeless() || taken >= cap || evidence.decide(unmeasured) !== 'continue' || evidence.complete();
    },
    result: () => ({
      ...evidence.found(),
      decision: missing || untrusted() ? 'continue' : evidence.decide(unmeasured),
      untrusted: untrusted(),
      disagrees: reasons.disagrees !== undefined,
      missing,
      limited: cases() === 0 && limited > 0 && limited === inapplicable,
      untouched: cases() > 0 && !touched,
      inapplicable,
      unmeasured,
      reason: reasons.disagrees ?? reasons.unmeasured ?? borrowed() ?? reasons.inapplicable ?? null,
      worstRounding,
      onReference,
      setAside,
      strata: [],
    }),
  };
}
