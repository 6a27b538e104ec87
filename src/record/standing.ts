import { counted } from '../support/words.js';
import { driftText } from './evidence.js';
import type { ClaimVerdict } from './verdicts.js';

/**
 * How a claim, or a part of it, stands in a run. Everything that is said of a run follows from it: the mark, the sentence, the exit code and JUnit.
 * `excused` is a failure that the adopter expects, `missing` what the subject lacks a capability for.
 */
export type Standing = 'as expected' | 'excused' | 'missing' | 'against' | 'unmeasured' | 'undecided';

/** One part of a claim, its own verdict or that of a control, and why it stands as it does. */
export interface Part {
  /** The control; null for the claim itself. */
  readonly control: string | null;
  readonly standing: Standing;
  readonly why: string | null;
}

/** Which part decides over a claim. */
const precedence: readonly Standing[] = ['against', 'unmeasured', 'undecided', 'missing', 'excused', 'as expected'];

/** The worst of these. */
const worst = (standings: readonly Standing[]) => precedence.find((standing) => standings.includes(standing)) ?? 'as expected';

/** The claim itself, then its controls. */
export function partsOf(claim: ClaimVerdict): readonly [Part, ...Part[]] {
  const whole = (standing: Standing, why: string | null): [Part, ...Part[]] => [
    { control: null, standing, why },
    ...claim.controls.map(({ id }): Part => ({ control: id, standing, why: null })),
  ];
  if (claim.excused !== undefined) return whole(claim.excused ? 'excused' : 'against', claim.reason);
  if (claim.missing) return whole('missing', lacking(claim));
  return [
    { control: null, ...ownPart(claim) },
    ...claim.controls.map((control) => ({ control: control.id, ...controlPart(control) })),
  ];
}

type Found = Omit<Part, 'control'>;

function ownPart(claim: ClaimVerdict): Found {
  const { verdict, expected, reason, kept = [], drift } = claim;
  const because = reason ? ` (${reason})` : '';
  const against: string[] = [];
  if ((verdict === 'holds' || verdict === 'refuted') && verdict !== expected) against.push(`${verdict}, expected ${expected}`);
  if (drift?.regressed) against.push(`against the baseline: ${driftText(claim)}`);
  for (const { file, violated } of kept) if (violated) against.push(`kept counterexample ${file}: still violates the claim`);
  if (against.length > 0) return { standing: 'against', why: against.join('; ') };
  const lost = kept.find((replayed) => replayed.violated === null);
  if (lost) return { standing: 'unmeasured', why: `kept counterexample ${lost.file} was not measured: ${lost.reason}` };
  if (verdict === expected) return { standing: 'as expected', why: null };
  return { standing: verdict === 'undecided' ? 'undecided' : 'unmeasured', why: `${verdict}, expected ${expected}${because}` };
}

function controlPart({ id, verdict, cases, settled, missing, reason }: ClaimVerdict['controls'][number]): Found {
  if (verdict === 'refuted') return { standing: 'as expected', why: null };
  if (missing) return { standing: 'missing', why: reason };
  const because = reason && (verdict === 'unmeasured' || verdict === 'inapplicable') ? ` (${reason})` : '';
  const why = `control ${id} was not refuted: ${verdict} after ${counted(cases, 'case')}${because}`;
  if (verdict === 'holds' || (verdict === 'undecided' && settled)) {
    return { standing: 'against', why: `${why}; the test would not notice this wrong theory` };
  }
  return { standing: verdict === 'undecided' ? 'undecided' : 'unmeasured', why };
}

/** What the subject would need. */
function lacking({ reason }: ClaimVerdict): string {
  return reason ?? 'the subject lacks what it needs';
}

/** How a claim stands: as the worst of its parts, but a control that the subject lacks something for does not count. */
export function standingOf(claim: ClaimVerdict): Standing {
  const [own, ...controls] = partsOf(claim);
  return worst([own.standing, ...controls.map(({ standing }) => standing).filter((standing) => standing !== 'missing')]);
}

/** Whether nothing is to be done about a claim. */
export const isFine = (standing: Standing) => standing === 'as expected' || standing === 'excused' || standing === 'missing';

/** A sign for how a claim stands. */
export const markOf = (standing: Standing): '✓' | '–' | '✗' | '?' =>
  standing === 'missing' ? '–' : isFine(standing) ? '✓' : standing === 'undecided' ? '?' : '✗';

/** An entry with whether it is as expected. */
export function judged(claim: DistributiveOmit<ClaimVerdict, 'asExpected'>): ClaimVerdict {
  const entry = { ...claim, asExpected: true } as ClaimVerdict;
  return { ...entry, asExpected: isFine(standingOf(entry)) };
}
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
