import type { Claim } from '../claim/claim.js';
import type { ErrorProbabilities } from '../claim/pass-rate.js';
import type { Profile } from '../claim/profile.js';
import type { Outcome } from '../record/outcome.js';
import { marginOf } from './margin.js';
import { decideRate, estimateSlope, type SlopeEstimate } from './rate.js';
import { type Decision, decide, fewestToDecide, type SequentialTest, sequentialTest } from './sequential.js';

/** A claim or control on trial: it takes outcomes in index order until it is settled. */
export interface Trial {
  readonly cap: number;
  /** Cases that are measured when nothing decides earlier: all of a sequential test's, the ladders of a rate. */
  readonly planned: number;
  /** Counts the next outcome; ignored once settled. */
  add(outcome: Outcome): void;
  settled(): boolean;
  /** Fewest further outcomes after which it could be settled; 0 when it is. */
  fewest(): number;
  result(): TrialResult;
}

export interface TrialResult {
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
  /** Outcomes consumed that were measured. */
  readonly cases: number;
  readonly violations: number;
  readonly inapplicable: number;
  readonly unmeasured: number;
  /** Why the first case was not measured, or was outside the theorem. */
  readonly reason: string | null;
  /** Index of the first violation; of a rate, of the ladder with the largest slope. */
  readonly worstIndex: number | null;
  /** observed/bound of each measured case. */
  readonly ratios: readonly number[];
  readonly worstRounding: number | null;
  readonly slope: SlopeEstimate | null;
  readonly test: SequentialTest | null;
}

/** Cases outside the theorem after which, with none inside, a claim is inapplicable. */
const INAPPLICABLE_LIMIT = 50;

/** Puts a claim (or its control) on trial with these error probabilities. */
export function trialOf(claim: Claim, control: string | null, profile: Profile, errors: ErrorProbabilities): Trial {
  const looks = control === null ? profile.replicates : profile.controlReplicates;
  const atEachLook = { falseAlarm: errors.falseAlarm / looks.length, falsePass: errors.falsePass / looks.length };
  const lastLook = looks.at(-1)!;
  const test = claim.passRate
    ? sequentialTest({ claimed: claim.passRate.claimed, broken: Math.min(claim.passRate.broken, profile.broken) }, errors)
    : null;
  const cap = test ? profile.cap : lastLook + INAPPLICABLE_LIMIT;
  const ratios: number[] = [];
  const slopes: number[] = [];
  let index = 0;
  let violations = 0;
  let inapplicable = 0;
  let unmeasured = 0;
  let limited = 0;
  let touched = false;
  let missing = false;
  /** Of the first case of each kind; a disagreement weighs more than whatever else failed. */
  const reasons: { disagrees?: string; unmeasured?: string; inapplicable?: string } = {};
  let worstIndex: number | null = null;
  let worstRounding: number | null = null;
  // Kept, for a scheduler asks every trial again and again whether it is settled.
  let slope: SlopeEstimate | null = null;

  const cases = () => ratios.length + slopes.length;
  const passes = () => cases() - violations;
  // An identity asks for every case: of it no rate of violations is tolerated, however many passes came before.
  const certain = control === null && claim.kind === 'identity';
  // A case that was not measured may hide a violation: it counts against accepting, as one, and never for rejecting.
  const decision = (): Decision => {
    if (!test) return slope ? decideRate(slope, claim.rate!.slope) : 'continue';
    if ((certain && violations > 0) || decide(test, passes(), violations) === 'reject') return 'reject';
    return decide(test, passes(), violations + unmeasured) === 'accept' ? 'accept' : 'continue';
  };
  const untrusted = () =>
    reasons.disagrees !== undefined ||
    (unmeasured > 0 && (test === null || certain || decide(test, passes(), unmeasured) === 'reject'));
  const hopeless = () => missing || untrusted() || (cases() === 0 && inapplicable >= INAPPLICABLE_LIMIT);
  const settled = () => hopeless() || index >= cap || decision() !== 'continue' || slopes.length >= lastLook;

  return {
    cap,
    planned: test ? cap : lastLook,
    settled,
    fewest: () => {
      if (settled()) return 0;
      return test
        ? Math.max(1, fewestToDecide(test, passes(), violations + unmeasured))
        : looks.find((look) => look > slopes.length)! - slopes.length;
    },
    add: (outcome) => {
      if (settled()) return;
      if (outcome.status === 'measured') {
        const { measurement } = outcome;
        touched ||= !outcome.untouched;
        if (measurement.rounding !== null) worstRounding = Math.max(worstRounding ?? 0, measurement.rounding);
        if (measurement.kind === 'rate') {
          slopes.push(marginOf(measurement));
          slope = looks.includes(slopes.length) ? estimateSlope(slopes, atEachLook) : null;
          if (slopes.at(-1) === Math.max(...slopes)) worstIndex = index;
        } else ratios.push(marginOf(measurement));
        if (outcome.violation) {
          violations++;
          worstIndex ??= index;
        }
      } else {
        if (outcome.status === 'inapplicable') {
          inapplicable++;
          reasons.inapplicable ??= outcome.reason;
          if (outcome.limited) limited++;
        } else {
          touched = true;
          unmeasured++;
          reasons.unmeasured ??= outcome.reason;
          if (outcome.disagrees) reasons.disagrees ??= outcome.reason;
          if (outcome.missing) missing = true;
        }
      }
      index++;
    },
    result: () => ({
      decision: missing || untrusted() ? 'continue' : decision(),
      untrusted: untrusted(),
      disagrees: reasons.disagrees !== undefined,
      missing,
      limited: cases() === 0 && limited > 0 && limited === inapplicable,
      untouched: cases() > 0 && !touched,
      cases: cases(),
      violations,
      inapplicable,
      unmeasured,
      reason: reasons.disagrees ?? reasons.unmeasured ?? reasons.inapplicable ?? null,
      worstIndex,
      ratios,
      worstRounding,
      slope,
      test,
    }),
  };
}

export type Verdict = 'holds' | 'refuted' | 'undecided' | 'inapplicable' | 'unmeasured';

/** The verdict of a trial, settled or cut short. */
export function verdictOf({ decision, untrusted, missing, cases, inapplicable }: TrialResult): Verdict {
  if (decision === 'accept') return 'holds';
  if (decision === 'reject') return 'refuted';
  if (untrusted || missing) return 'unmeasured';
  return cases === 0 && inapplicable > 0 ? 'inapplicable' : 'undecided';
}
