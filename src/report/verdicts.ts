import { calibrationHash } from '../calibration.js';
import type { Claim } from '../claim.js';
import { median } from '../judge/margin.js';
import { alwaysValidPValue, detectableViolationRate, type ErrorProbabilities } from '../judge/sequential.js';
import { type Trial, type TrialResult, type Verdict, verdictOf } from '../judge/trial.js';
import type { ClaimVerdict, Counterexample, Verdicts } from './schema.js';

/** A claim with its trial and those of its controls. */
export interface Judged {
  readonly claim: Claim;
  readonly trial: Trial;
  readonly controls: readonly { readonly id: string; readonly trial: Trial }[];
  readonly counterexample: Counterexample | null;
  readonly seconds: number;
}

/** The entry of a claim in verdicts.json. */
export function claimVerdict(
  { claim, trial, controls, counterexample, seconds }: Judged,
  errors: ErrorProbabilities,
): ClaimVerdict {
  const result = trial.result();
  const verdict = verdictOf(result);
  const controlVerdicts = controls.map(({ id, trial: control }) => {
    const outcome = control.result();
    const { cases, violations, reason } = outcome;
    return { id, verdict: verdictOf(outcome), cases, violations, settled: control.settled(), reason };
  });
  const missing = [trial, ...controls.map((control) => control.trial)].some((part) => part.result().missing);
  const common = {
    id: claim.id,
    statement: claim.statement,
    verdict,
    expected: claim.expected.verdict,
    asExpected:
      missing || (verdict === claim.expected.verdict && controlVerdicts.every((control) => control.verdict === 'refuted')),
    missing,
    reason: reasonFor(verdict, result) ?? claim.expected.reason,
    cases: result.cases,
    violations: result.violations,
    inapplicable: result.inapplicable,
    unmeasured: result.unmeasured,
    calibration: calibrationHash(claim.id),
    rounding: {
      worstErrorOverBudget: result.worstRounding,
      reason: result.worstRounding === null ? 'no case was compared with the float64 reference' : null,
    },
    controls: controlVerdicts,
    counterexample,
    timing: { seconds: Number(seconds.toFixed(3)) },
  };
  if (claim.kind === 'rate') {
    const { slope: claimed, ladder } = claim.rate!;
    return { ...common, kind: 'rate', slope: result.slope ? { ...result.slope, claimed, ladder: [...ladder] } : null };
  }
  const { rates } = result.test!;
  return {
    ...common,
    kind: claim.kind,
    passRate: rates,
    detectableViolationRate: verdict === 'holds' ? detectableViolationRate(result.test!, errors.falsePass, trial.cap) : null,
    pValue: result.cases > 0 ? alwaysValidPValue(rates, result.cases - result.violations, result.violations) : null,
    worstRatio: result.ratios.length > 0 ? Math.max(...result.ratios) : null,
    medianRatio: median(result.ratios),
  };
}

function reasonFor(verdict: Verdict, { cases, reason, unmeasured }: TrialResult): string | null {
  if (verdict === 'undecided') return `the budget ended after ${cases} cases`;
  return verdict === 'inapplicable' || verdict === 'unmeasured' || unmeasured > 0 ? reason : null;
}

/** Exit codes of a run; when several apply, the first in the order 130, 2, 70, 1, 4, 3, 0. */
export const exitCodes = {
  asExpected: 0,
  against: 1,
  usage: 2,
  undecided: 3,
  unmeasured: 4,
  internal: 70,
  interrupted: 130,
} as const;

/**
 * The exit code of these verdicts. Undecided ones, also of controls, count only when `strict`; claims that the subject lacks a capability for do not count;
 * nothing judged at all cannot pass.
 */
export function exitCodeOf(all: readonly ClaimVerdict[], strict: boolean): number {
  if (all.some(({ excused }) => excused === false)) return exitCodes.against;
  const tested = all.filter(({ missing }) => !missing);
  const claims = tested.filter(({ excused }) => !excused);
  if (claims.length === 0 && tested.length > 0) return exitCodes.asExpected;
  const isAgainst = (claim: ClaimVerdict) =>
    claim.drift?.regressed ||
    claim.kept?.some(({ violated }) => violated) ||
    ((claim.verdict === 'holds' || claim.verdict === 'refuted') && claim.verdict !== claim.expected) ||
    claim.controls.some((control) => control.verdict === 'holds' || (control.verdict === 'undecided' && control.settled));
  if (claims.some(isAgainst)) return exitCodes.against;
  const unmeasured = (verdict: Verdict) => verdict === 'unmeasured';
  const isUnmeasured = ({ verdict, controls, kept }: ClaimVerdict) =>
    unmeasured(verdict) ||
    controls.some((control) => unmeasured(control.verdict)) ||
    kept?.some(({ violated }) => violated === null);
  if (claims.some(isUnmeasured)) {
    return exitCodes.unmeasured;
  }
  if (claims.every(({ verdict }) => verdict === 'undecided')) return exitCodes.unmeasured;
  if (claims.some(({ verdict, expected }) => verdict === 'inapplicable' && expected !== 'inapplicable'))
    return exitCodes.unmeasured;
  const open = ({ verdict, controls }: ClaimVerdict) =>
    verdict === 'undecided' || controls.some((control) => control.verdict === 'undecided');
  return strict && claims.some(open) ? exitCodes.undecided : exitCodes.asExpected;
}

/** The exit code of a run. A shard alone can only say that its own cases refute, or that they could not be measured. */
export function exitCode({ claims, shard }: Verdicts, strict: boolean): number {
  if (!shard) return exitCodeOf(claims, strict);
  const code = exitCodeOf(claims, false);
  const nothing = claims.every(
    ({ verdict, kept }) => verdict === 'undecided' && !kept?.some(({ violated }) => violated !== false),
  );
  return nothing ? exitCodes.asExpected : code;
}
