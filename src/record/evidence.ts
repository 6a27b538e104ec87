import { LARGEST_FACTOR, type NoticedNumber, OBSERVED, SLOPE } from '../claim/calibration.js';
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
  if (claim.kind === 'estimate') return estimated(claim);
  if (claim.kind !== 'rate') {
    const { violations, cases, medianRatio, worstRatio } = claim;
    const ratios = `observed/bound median ${significant(medianRatio)}, worst ${significant(worstRatio)}`;
    return `${violations} of ${cases} violate${refutedStrata(claim)}; ${ratios}`;
  }
  if (!claim.slope) return counted(claim.cases, 'ladder');
  const { estimate, lower, upper, claimed, replicates, stratum } = claim.slope;
  const among = stratum === undefined ? '' : ` of ${stratum}, the largest of ${claim.strata!.each.length},`;
  return `slope ${significant(estimate)} [${significant(lower)}, ${significant(upper)}]${among} over ${counted(replicates, 'ladder')}; claimed ≤ ${claimed}`;
}

/** The strata that are refuted, where they are judged by themselves. */
function refutedStrata({ strata }: ClaimVerdict): string {
  const refuted = strata?.each.filter(({ verdict }) => verdict === 'refuted') ?? [];
  if (refuted.length === 0) return '';
  return `, of ${strata!.factor} ${refuted.map(({ name, violations, cases }) => `${name} ${violations} of ${cases}`).join(', ')}`;
}

type Estimate = Extract<ClaimVerdict, { kind: 'estimate' }>;

/** A predicted number with its interval, in units of its prediction. */
export function numberText({
  stratum,
  name,
  estimate,
  acceptLower,
  acceptUpper,
  predicted,
  tolerance,
}: Estimate['numbers'][number]): string {
  const of = stratum === null ? name : `${name} of ${stratum}`;
  return `${of} ${significant(estimate)} [${significant(acceptLower)}, ${significant(acceptUpper)}], predicted ${predicted} ± ${significant(tolerance, 2)}`;
}

/** How many of the numbers are as predicted, and the one that is furthest off in units of its tolerance. */
function estimated({ numbers, cases }: Estimate): string {
  if (numbers.length === 0) return counted(cases, 'case');
  const off = ({ estimate, predicted, tolerance }: Estimate['numbers'][number]) => Math.abs(estimate - predicted) / tolerance;
  const furthest = numbers.reduce((worst, number) => (off(number) > off(worst) ? number : worst));
  const holding = numbers.filter(({ verdict }) => verdict === 'holds').length;
  return `${holding} of ${counted(numbers.length, 'number')} within tolerance; furthest off ${numberText(furthest)}`;
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

/** What a verdict that holds would have noticed instead, as the end of a sentence. */
export function noticed({ verdict, resolution }: Pick<ClaimVerdict, 'verdict' | 'resolution'>): string {
  const text = verdict === 'holds' ? noticedText(resolution ?? []) : '';
  return text === '' ? '' : `; would notice ${text}`;
}

/** How sure the verdict is. */
export function sureness(claim: ClaimVerdict): string {
  if (claim.kind === 'rate') return `Student limits${claim.strata ? ` of each ${claim.strata.factor}` : ''}${noticed(claim)}`;
  if (claim.kind === 'estimate') return `Student limits, by equivalence${noticed(claim)}`;
  const { claimed, broken } = claim.passRate;
  const of = claim.strata ? ` of one ${claim.strata.factor}` : '';
  return `pass rate ${significant(claimed, 4)} against ${significant(broken)}${of}${claim.detectableViolationRate === null ? '' : `; would see a violation rate${of} of ${significant(claim.detectableViolationRate)}`}${noticed(claim)}`;
}

/** What errors a run notices: of each number the smallest, from the stratum that shows it best to the one that shows it least. */
export function noticedText(resolution: readonly NoticedNumber[]): string {
  // Where nothing is observed at all, as in a count of failures, no multiple of it is more.
  const said = resolution.filter(({ number, best }) => number !== OBSERVED || best !== null);
  return said
    .map(({ number: name, best, least }) => {
      if (best === null) return `no error of ${name} up to × ${LARGEST_FACTOR}`;
      const text = name === SLOPE ? (off: number) => significant(off, 2) : offText;
      const to = least === null ? ' (not in each stratum)' : text(least) === text(best) ? '' : `–${text(least)}`;
      return `${name} ${name === SLOPE || name === OBSERVED ? 'larger' : 'off'} by ${text(best)}${to}`;
    })
    .join(', ');
}

/** 8 %, or × 3 for what is large. */
function offText(off: number): string {
  return off < 1 ? `${significant(100 * off, 2)} %` : `× ${significant(1 + off, 2)}`;
}

/** What the probability of a false pass is against. */
export function brokenText(profile: ProfileName): string {
  const { broken } = profiles[profile];
  return broken <= 0.5
    ? 'a claim that about half of its cases violate'
    : `a claim that as many of its cases violate as its pass rate says, ${significant(100 * (1 - broken))} % for most`;
}
