import { counted, listed } from '../support/words.js';
import { type Standing, standingOf } from './standing.js';
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
