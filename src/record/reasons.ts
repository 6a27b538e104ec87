import { counted, listed } from '../support/words.js';
import { partsOf, standingOf } from './standing.js';
import type { ClaimVerdict } from './verdicts.js';

/** Why a claim does not stand as it should; a reason that several controls share is said once. */
export function reasons(claim: ClaimVerdict): string[] {
  const standing = standingOf(claim);
  if (standing === 'missing') return [];
  if (standing === 'excused') return claim.reason ? [claim.reason] : [];
  const parts = partsOf(claim);
  const shared = new Map<string, string[]>();
  const found: string[] = [];
  for (const { control, standing: of, why } of parts) {
    if (of === 'as expected' || of === 'missing' || why === null) continue;
    const reason = control === null ? null : (claim.controls.find(({ id }) => id === control)?.reason ?? null);
    if (reason === null || control === null || of !== 'unmeasured') found.push(why);
    else shared.set(reason, [...(shared.get(reason) ?? []), control]);
  }
  for (const [reason, controls] of shared) {
    const name = controls.length === 1 ? `control ${controls[0]}` : `${controls.length} controls (${listed(controls, 3)})`;
    const known = reason === claim.reason ? 'for the same reason' : reason;
    found.push(`${name} not refuted: ${known}`);
  }
  if (claim.unmeasured > 0 && standing === 'as expected') {
    found.push(`${counted(claim.unmeasured, 'case')} could not be measured, and counted as failed: ${claim.reason}`);
  }
  return found.flatMap((text) => text.split('\n').map((line) => line.trim()));
}

/** The counterexample of a claim, for whoever wants to see it again; none where there is none. */
export function counterexampleLines({ counterexample }: ClaimVerdict): string[] {
  if (counterexample === null) return [];
  const { instance, measured, replay } = counterexample;
  return [
    ...(measured ? [`observed ${measured.observed}, bound ${measured.bound}`] : []),
    `counterexample ${JSON.stringify(instance)}`,
    replay,
  ];
}
