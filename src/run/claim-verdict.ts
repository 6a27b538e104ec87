import { calibration, calibrationHash, noticedIn } from '../claim/calibration.js';
import type { Claim } from '../claim/claim.js';
import type { ErrorProbabilities } from '../claim/pass-rate.js';
import type { ProfileName } from '../claim/profile.js';
import type { SlopeEstimate } from '../judge/rate.js';
import { alwaysValidPValue, detectableViolationRate } from '../judge/sequential.js';
import { type Trial, type TrialResult, type Verdict, verdictOf } from '../judge/trial.js';
import { median } from '../math/statistics.js';
import { judged } from '../record/standing.js';
import type { ClaimVerdict, Counterexample } from '../record/verdicts.js';
import { counted, significant } from '../support/words.js';

/** A claim with its trial and those of its controls. */
export interface Judged {
  readonly claim: Claim;
  readonly trial: Trial;
  readonly controls: readonly { readonly id: string; readonly trial: Trial }[];
  readonly counterexample: Counterexample | null;
  readonly profile: ProfileName;
  readonly seconds: number;
}

/** The entry of a claim in verdicts.json. */
export function claimVerdict(
  { claim, trial, controls, counterexample, profile, seconds }: Judged,
  errors: ErrorProbabilities,
): ClaimVerdict {
  const result = trial.result();
  const verdict = verdictOf(result);
  const controlVerdicts = controls.map(({ id, trial: control }) => {
    const outcome = control.result();
    const { cases, violations, reason, missing, limited } = outcome;
    const lacking = missing || limited ? { missing: true } : {};
    return { id, verdict: verdictOf(outcome), cases, violations, settled: control.settled(), ...lacking, reason };
  });
  const parts = controls.map((control) => control.trial.result());
  const missing = result.missing || result.limited;
  const resolution = noticedIn(calibration()[claim.id], profile);
  const common = {
    id: claim.id,
    statement: claim.statement,
    verdict,
    expected: claim.expected.verdict,
    missing,
    ...([result, ...parts].every(({ untouched, cases }) => untouched || cases === 0) && result.untouched && { untouched: true }),
    reason: reasonFor(verdict, result) ?? claim.expected.reason,
    cases: result.cases,
    violations: result.violations,
    inapplicable: result.inapplicable,
    unmeasured: result.unmeasured,
    calibration: calibrationHash(claim.id),
    rounding: {
      worstErrorOverBudget: result.worstRounding,
      reason: result.worstRounding === null ? 'no case was compared with the float64 reference' : null,
      onReference: result.onReference,
      setAside: result.setAside,
    },
    ...strataOf(claim, result),
    ...(resolution.length > 0 && { resolution }),
    controls: controlVerdicts,
    counterexample,
    timing: { seconds: Number(seconds.toFixed(3)) },
  };
  if (claim.kind === 'rate') {
    const { slope: claimed, ladder } = claim.rate!;
    const slope = largestSlope(result);
    return judged({ ...common, kind: 'rate', slope: slope && { ...slope, claimed, ladder: [...ladder] } });
  }
  const ratios = {
    worstRatio: result.ratios.length > 0 ? Math.max(...result.ratios) : null,
    medianRatio: median(result.ratios),
  };
  if (claim.kind === 'estimate') return judged({ ...common, kind: 'estimate', numbers: numbersOf(result), ...ratios });
  const { rates } = result.test!;
  const strata = Math.max(1, result.strata.length);
  return judged({
    ...common,
    kind: claim.kind,
    passRate: rates,
    detectableViolationRate:
      verdict === 'holds' ? detectableViolationRate(result.test!, errors.falsePass, trial.cap / strata) : null,
    pValue: pValueOf(result),
    ...ratios,
  });
}

/** Of the claimed pass rate; of several strata the smallest, times their number. */
function pValueOf(result: TrialResult): number | null {
  if (result.cases === 0) return null;
  const each = result.strata.length > 0 ? result.strata.map((stratum) => stratum.result) : [result];
  const values = each.map(({ test, cases, violations }) => alwaysValidPValue(test!.rates, cases - violations, violations));
  return Math.min(1, each.length * Math.min(...values));
}

const verdictOfNumber = { accept: 'holds', reject: 'refuted', continue: 'undecided' } as const;

/** The predicted numbers of each stratum. */
function numbersOf({ strata, numbers }: TrialResult): Extract<ClaimVerdict, { kind: 'estimate' }>['numbers'] {
  const of = (stratum: string | null, found: TrialResult['numbers']) =>
    found.map(({ decision, ...number }) => ({ stratum, verdict: verdictOfNumber[decision], ...number }));
  return strata.length > 0 ? strata.flatMap(({ name, result }) => of(name, result.numbers)) : of(null, numbers);
}

/** The slope that decides: of several strata the largest. */
function largestSlope({ strata, slope }: TrialResult): (SlopeEstimate & { readonly stratum?: string }) | null {
  if (strata.length === 0) return slope;
  const each = strata.flatMap(({ name, result }) => (result.slope ? [{ ...result.slope, stratum: name }] : []));
  return each.toSorted((a, b) => b.estimate - a.estimate)[0] ?? null;
}

/** What became of each stratum of a claim that is judged by them. */
function strataOf({ factor }: Claim, { strata }: TrialResult): Pick<ClaimVerdict, 'strata'> {
  if (strata.length === 0) return {};
  const each = strata.map(({ name, result }) => {
    const { cases, violations, slope } = result;
    return { name, verdict: verdictOf(result), cases, violations, ...(slope && { slope }) };
  });
  return { strata: { factor: factor!, each } };
}

function reasonFor(verdict: Verdict, { cases, reason, unmeasured, gross }: TrialResult): string | null {
  if (verdict === 'refuted' && gross) {
    return `one case is ${significant(gross.ratio)} times its bound, beyond ${significant(gross.beyond)} times, which the tail of the calibrated ratios leaves to no case of a run`;
  }
  if (verdict === 'undecided') {
    const lost = unmeasured > 0 ? `; ${counted(unmeasured, 'case')} could not be measured: ${reason}` : '';
    return `the budget ended after ${counted(cases, 'case')}${lost}`;
  }
  return verdict === 'inapplicable' || verdict === 'unmeasured' || unmeasured > 0 ? reason : null;
}
