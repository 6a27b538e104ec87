import { type ProfileName, profiles } from '../claim/profile.js';
import { counted, significant } from '../support/words.js';
import type { ClaimVerdict } from './verdicts.js';

/** The claims of each paper, in the order of the registry. */
export function byPaper(claims: readonly ClaimVerdict[]): ReadonlyMap<string, readonly ClaimVerdict[]> {
  const papers = new Map<string, ClaimVerdict[]>();
  for (const claim of claims) {
    const paper = claim.id.slice(0, claim.id.indexOf('/'));
    papers.set(paper, [...(papers.get(paper) ?? []), claim]);
  }
  return papers;
}

/** How many of the controls were refuted, in one cell. */
export function controlsRefuted(controls: ClaimVerdict['controls']): string {
  return `${controls.filter(({ verdict }) => verdict === 'refuted').length} of ${controls.length}`;
}

/** What was measured of a claim, in one cell. */
export function evidence(claim: ClaimVerdict): string {
  if (claim.kind !== 'rate' && claim.cases === 0) return 'no case measured';
  if (claim.kind !== 'rate') {
    const { violations, cases, medianRatio, worstRatio } = claim;
    return `${violations} of ${cases} violate; observed/bound median ${significant(medianRatio)}, worst ${significant(worstRatio)}`;
  }
  if (!claim.slope) return counted(claim.cases, 'ladder');
  const { estimate, lower, upper, claimed, replicates } = claim.slope;
  return `slope ${significant(estimate)} [${significant(lower)}, ${significant(upper)}] over ${counted(replicates, 'ladder')}; claimed ≤ ${claimed}`;
}

/** What the comparison with the baseline says. */
export function driftText({ kind, drift }: Pick<ClaimVerdict, 'kind' | 'drift'>): string {
  const { reason, pValue, level, cases, baselineCases, detectable, needed } = drift!;
  const size = kind === 'rate' ? `of ${significant(detectable)} of the slopes` : `by a factor of ${significant(detectable, 5)}`;
  const power =
    detectable !== null
      ? `a drift ${size} would be seen with probability .9`
      : `these are too few to see any drift, so that nothing is said of one${
          needed == null
            ? ': record a baseline of more cases, with a more thorough --profile'
            : `: it takes ${counted(needed, 'case')}, with a more thorough --profile`
        }`;
  return `${reason ? `${reason}; ` : ''}two-sample test of the first ${counted(cases, 'margin')} against ${baselineCases}: p ${significant(pValue, 2)}, alarm below ${level.toExponential(1)}; ${power}`;
}

/** How sure the verdict is. */
export function sureness(claim: ClaimVerdict): string {
  if (claim.kind === 'rate') return 'Student limits';
  const { claimed, broken } = claim.passRate;
  return `pass rate ${significant(claimed, 4)} against ${significant(broken)}${claim.detectableViolationRate === null ? '' : `; would see a violation rate of ${significant(claim.detectableViolationRate)}`}`;
}

/** What the probability of a false pass is against. */
export function brokenText(profile: ProfileName): string {
  const { broken } = profiles[profile];
  return broken <= 0.5
    ? 'a claim that about half of its cases violate'
    : `a claim that as many of its cases violate as its pass rate says, ${significant(100 * (1 - broken))} % for most`;
}
