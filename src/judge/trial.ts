import { calibration, grossMultiple } from '../claim/calibration.js';
import type { Claim } from '../claim/claim.js';
import type { ErrorProbabilities } from '../claim/pass-rate.js';
import { type Profile, perStratum } from '../claim/profile.js';
import { type Evidence, estimateEvidence, type Gross, rateEvidence, sequentialEvidence } from './evidence.js';
import { INAPPLICABLE_LIMIT, singleTrial, type Trial, type TrialResult } from './single-trial.js';
import { stratified } from './stratified.js';

export type { Trial, TrialResult } from './single-trial.js';

/**
 * Puts a claim (or its control) on trial with these error probabilities. A claim with strata holds when each of them does, and is refuted when one is; a control
 * shows what the claim notices, in all of its strata together, but for an estimate, whose numbers are those of a stratum, and for a theory that is nearly right.
 */
export function trialOf(claim: Claim, control: string | null, profile: Profile, errors: ErrorProbabilities): Trial {
  const { strata, nearMiss } = claim.variants.find((variant) => variant.control === control)!;
  const apart = strata.length > 1 && (control === null || nearMiss || claim.kind === 'estimate');
  const looks = looksOf(claim, control, profile, apart);
  if (!apart) return singleTrial(evidenceFor(claim, control, profile, errors, looks), capOf(claim, profile, looks), errors);
  // Of an estimate whose numbers are beyond their tolerance in one stratum, that one would have to pass: its probability needs no sharing (Berger 1982).
  const each =
    claim.kind === 'estimate'
      ? { ...errors, falseAlarm: errors.falseAlarm / strata.length }
      : perStratum(errors, strata.length, profile);
  return stratified(
    strata.map(({ name }) => {
      const evidence = evidenceFor(claim, control, profile, each, looks);
      return {
        name: name!,
        trial: singleTrial(evidence, shareOf(capOf(claim, profile, looks), evidence, strata.length), each),
      };
    }),
    errors,
  );
}

/** Numbers of cases, of one stratum or of all, at which a rate or an estimate is judged. */
function looksOf({ kind }: Claim, control: string | null, profile: Profile, apart: boolean): readonly number[] {
  if (kind === 'estimate') return profile.estimates;
  if (apart) return profile.stratumReplicates;
  return control === null ? profile.replicates : profile.controlReplicates;
}

function evidenceFor(
  claim: Claim,
  control: string | null,
  profile: Profile,
  errors: ErrorProbabilities,
  looks: readonly number[],
): Evidence {
  if (claim.kind === 'rate') {
    // Strata may stop at different looks: as many ladders of each are those of the first.
    const fewest = looks === profile.stratumReplicates ? looks[0]! : looks.at(-1)!;
    return rateEvidence(claim.rate!.slope, looks, errors, fewest);
  }
  if (claim.kind === 'estimate') return estimateEvidence(looks, errors);
  const { claimed, broken } = claim.passRate!;
  const certain = control === null && claim.kind === 'identity';
  const gross = control === null ? grossOf(claim, profile) : null;
  return sequentialEvidence({ claimed, broken: Math.min(broken, profile.broken) }, errors, certain, gross);
}

/** By the tails of the calibrated constants, at the false alarms of one case of as many as a trial may have. */
function grossOf({ id }: Claim, { cap }: Profile): Gross | null {
  const constants = calibration()[id]?.constants ?? {};
  if (Object.keys(constants).length === 0) return null;
  return (measurement, falseAlarm) => {
    const constant = measurement.kind === 'bound' && measurement.constant !== null ? constants[measurement.constant] : undefined;
    return constant && 'percentile995' in constant ? grossMultiple(constant, falseAlarm / cap) : null;
  };
}

function capOf(claim: Claim, profile: Profile, looks: readonly number[]): { readonly cap: number; readonly planned: number } {
  if (claim.passRate) return { cap: profile.cap, planned: profile.cap };
  const lastLook = looks.at(-1)!;
  return { cap: lastLook + INAPPLICABLE_LIMIT, planned: lastLook };
}

/** Times as many cases as a sequential test takes at least to accept. */
const ROOM = 4;

/** The part of a claim's cases that one stratum of several may take: its share of a sequential test's, with room for some violations; of an estimate all its looks. */
function shareOf(whole: { readonly cap: number; readonly planned: number }, evidence: Evidence, strata: number): typeof whole {
  const { test } = evidence.found();
  if (test === null) return whole;
  const cap = Math.max(Math.ceil(whole.cap / strata), ROOM * test.passesToAccept(0));
  return { cap, planned: cap };
}

export type Verdict = 'holds' | 'refuted' | 'undecided' | 'inapplicable' | 'unmeasured';

/** The verdict of a trial, settled or cut short. */
export function verdictOf({ decision, untrusted, missing, cases, inapplicable }: TrialResult): Verdict {
  if (decision === 'accept') return 'holds';
  if (decision === 'reject') return 'refuted';
  if (untrusted || missing) return 'unmeasured';
  return cases === 0 && inapplicable > 0 ? 'inapplicable' : 'undecided';
}
