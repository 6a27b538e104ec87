import { counted, listed } from '../support/words.js';
import { driftText } from './evidence.js';
import type { ClaimVerdict, Verdicts } from './verdicts.js';

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

/** How a run stands, in a sentence and as an exit code. */
export interface RunStanding {
  readonly code: (typeof exitCodes)[keyof typeof exitCodes];
  readonly sentence: string;
}

/** Claims that a sentence names at most. */
const NAMED = 3;

/** How a run stands. A shard alone can only say that its own cases refute, or could not be measured. */
export function standingOfRun({ claims, shard, subject }: Pick<Verdicts, 'claims' | 'shard' | 'subject'>): RunStanding {
  const of = (standing: Standing) => claims.filter((claim) => standingOf(claim) === standing);
  const named = (found: readonly ClaimVerdict[]) =>
    listed(
      found.map(({ id }) => id),
      NAMED,
    );
  const [against, unmeasured, undecided, missing, excused] = [
    of('against'),
    of('unmeasured'),
    of('undecided'),
    of('missing'),
    of('excused'),
  ];
  const total = counted(claims.length, 'verdict');
  if (against.length > 0) {
    return { code: exitCodes.against, sentence: `${against.length} of ${total} not as expected: ${named(against)}.` };
  }
  if (unmeasured.length > 0) {
    return {
      code: exitCodes.unmeasured,
      sentence: `${unmeasured.length} of ${counted(claims.length, 'claim')} could not be measured: ${named(unmeasured)}.`,
    };
  }
  if (shard) {
    return {
      code: exitCodes.asExpected,
      sentence: `A shard gives no verdict of the whole: join all ${shard.of} with \`earlytime report --merge\`.`,
    };
  }
  if (claims.every(({ cases, verdict }) => cases === 0 && verdict === 'undecided')) {
    return { code: exitCodes.unmeasured, sentence: 'Nothing could be judged: the time ended before the first case.' };
  }
  if (undecided.length > 0) {
    return {
      code: exitCodes.undecided,
      sentence: `${undecided.length} of ${total} undecided, which is no pass: ${named(undecided)}.`,
    };
  }
  if (missing.length === claims.length) {
    return {
      code: exitCodes.unmeasured,
      sentence: `Nothing could be judged: the subject lacks what ${claims.length === 1 ? 'the claim needs' : 'every claim needs'}.`,
    };
  }
  if (subject.backend === 'process' && claims.every(({ untouched, missing: lacks }) => untouched || lacks)) {
    return { code: exitCodes.unmeasured, sentence: 'No case touched the subject: what was verified is about the theory alone.' };
  }
  const known = excused.length > 0 ? ` (${counted(excused.length, 'known failure')})` : '';
  if (missing.length === 0) return { code: exitCodes.asExpected, sentence: `Every verdict is as expected${known}.` };
  const judgedClaims = claims.length - missing.length;
  return {
    code: exitCodes.asExpected,
    sentence: `${judgedClaims === 1 ? 'The one verdict is' : `All ${judgedClaims} verdicts are`} as expected${known}; ${counted(missing.length, 'claim was', 'claims were')} not tested, for the subject lacks what ${missing.length === 1 ? 'it needs' : 'they need'}.`,
  };
}
