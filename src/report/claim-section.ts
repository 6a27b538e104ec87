import temml from 'temml';
import type { BaselineEntry } from '../baseline/baseline.js';
import { calibration } from '../claim/calibration.js';
import type { Claim, Series } from '../claim/claim.js';
import type { ErrorProbabilities } from '../claim/pass-rate.js';
import { marginOf } from '../judge/margin.js';
import { median } from '../math/statistics.js';
import type { Tried } from '../record/case-record.js';
import { driftText, noticedText } from '../record/evidence.js';
import { isFine, markOf, partsOf, standingOf } from '../record/standing.js';
import type { ClaimVerdict, Verdicts } from '../record/verdicts.js';
import { counted, significant } from '../support/words.js';
import { table } from './document.js';
import { estimateFigure } from './estimate-figure.js';
import { html, type Markup, markup } from './html.js';
import {
  curveKey,
  type Distribution,
  distributionPicture,
  type Ladders,
  ladderPicture,
  meanLadder,
  seriesPicture,
} from './plots.js';

/** Everything about one claim. */
export function claimSection(
  verdict: ClaimVerdict,
  jobs: readonly Tried[],
  entry: BaselineEntry | null,
  { errorBudget }: Pick<Verdicts, 'errorBudget'>,
): Markup {
  const own = jobs.filter(({ claim }) => claim.id === verdict.id);
  const { claim } = own[0]!;
  return html`<article id="${verdict.id}" aria-labelledby="${verdict.id}-name">
<div class="heading"><h3 id="${verdict.id}-name">${verdict.id}</h3>${verdictText(verdict)}</div>
<p>${verdict.statement}</p>
${formulaOf(claim)}
<p class="quiet">${claim.source.paper}, ${claim.source.place}. ${kindText(claim, verdict, errorBudget.perClaim)}</p>
${verdict.reason && html`<p>${verdict.reason}.</p>`}
${constantsOf(claim)}
${resolutionOf(verdict)}
${verdict.drift && html`<p${verdict.drift.regressed ? markup(' class="bad"') : markup(' class="quiet"')}>Against the baseline${entry && ` (profile ${entry.profile}, seed ${entry.seed}: ${entry.reason})`}: ${driftText(verdict)}.</p>`}
${verdict.kept?.map(({ file, violated, reason }) => html`<p${violated !== false && markup(' class="bad"')}>Kept counterexample <code>${file}</code>: ${violated === null ? `not measured (${reason})` : violated ? 'still violates the claim' : (reason ?? 'passes now')}.</p>`)}
${claim.assumptions.length > 0 && html`<details><summary>Assumptions</summary><ul>${claim.assumptions.map((text) => html`<li>${text}</li>`)}</ul></details>`}
<div class="columns">${claim.kind === 'rate' && ladderFigure(verdict, own)}${estimateFigure(verdict)}
${distributionFigure(verdict, own, entry)}
${seriesFigure(verdict, own[0]!)}</div>
${numbers(verdict, own)}
${counterexampleOf(verdict)}
</article>`;
}

/** The verdict in words, with a mark. */
export function verdictText(claim: ClaimVerdict): Markup {
  const { verdict, expected, excused } = claim;
  const standing = standingOf(claim);
  if (standing === 'missing') return html`<span class="verdict quiet">not tested: the subject lacks what it needs</span>`;
  const weak = partsOf(claim).filter((part) => part.control !== null && !isFine(part.standing));
  const tone = isFine(standing) ? (verdict === 'holds' ? 'good' : 'quiet') : standing === 'undecided' ? 'open' : 'bad';
  const besides = verdict === expected ? [partsOf(claim)[0]].filter(({ standing: own }) => !isFine(own)) : [];
  const parts = [
    verdict !== expected ? `${verdict}, expected: ${expected}` : expected === 'holds' ? 'holds' : `${verdict}, as expected`,
    ...(excused === undefined ? [] : [excused ? 'a known failure' : 'wrongly expected to fail']),
    ...(weak.length > 0 ? [`controls not refuted: ${weak.map(({ control }) => control).join(', ')}`] : []),
    ...(excused === undefined ? besides.map(({ why }) => why ?? '') : []),
  ];
  return html`<span class="verdict ${tone}">${markOf(standing)} ${parts.join('; ')}</span>`;
}

/** The calibrated constants of the claim, and what they leave to others to test. */
function constantsOf({ id, lawTestedBy }: Claim): Markup | null {
  const constants = Object.entries(calibration()[id]?.constants ?? {});
  if (constants.length === 0) return null;
  const values = constants.map(([name, constant]) =>
    'mean' in constant
      ? `${name} ${significant(constant.value, 2)}, where ${constant.instances} calibration cases are off by ${significant(constant.mean, 2)} ± ${significant(constant.standardDeviation, 2)}`
      : `${constants.length === 1 ? 'C' : `C (${name})`} = ${significant(constant.value)}, 1.25 × the 99.5th percentile ${significant(constant.percentile995)} of ${constant.instances} calibration cases`,
  );
  const tolerances = constants.some(([, constant]) => 'mean' in constant);
  return tolerances
    ? html`<details class="quiet"><summary>Tolerances: what finite size explains, 2 % at least</summary><ul>${values.map((text) => html`<li>${text}</li>`)}</ul></details>`
    : html`<p class="quiet">Not from the paper: ${values.join('; ')}. With a constant that was calibrated, this shows that the distribution reproduces${lawTestedBy.length > 0 ? `; the law itself is tested by ${lawTestedBy.join(', ')}` : ''}.</p>`;
}

/** What errors of its theory a run of this profile would notice. */
function resolutionOf({ resolution = [] }: ClaimVerdict): Markup | null {
  const text = noticedText(resolution);
  return text === '' ? null : html`<p class="quiet">Would notice, with probability .95: ${text}.</p>`;
}

function formulaOf({ formula }: Claim): Markup | null {
  if (formula === null) return null;
  const rendered = temml.renderToString(formula, { displayMode: true });
  return html`<div class="formula" tabindex="0" role="group" aria-label="formula">${markup(rendered)}</div>`;
}

/** What the test decides between. */
function kindText(claim: Claim, verdict: ClaimVerdict, { falseAlarm, falsePass }: ErrorProbabilities): string {
  if (verdict.kind === 'rate') {
    return `A rate: the mean slope over ladders of sizes, between Student limits: the true one is below the lower with probability at most ${falseAlarm.toExponential(1)}, above the upper with ${falsePass.toExponential(1)}.`;
  }
  if (verdict.kind === 'estimate') {
    return `An estimate: each number is the mean of estimate/predicted over cases${claim.factor ? ` of one ${claim.factor}` : ''}, between Student limits. It holds where all are surely within their tolerances: beyond one, it passes with probability at most ${falsePass.toExponential(1)}, and it is refuted with probability at most ${falseAlarm.toExponential(1)} while all are within.`;
  }
  const { passRate, detectableViolationRate: seen } = verdict;
  const cases = verdict.strata ? `cases of one ${verdict.strata.factor}` : 'cases';
  const certain = 1 - passRate.claimed < 1e-6;
  const share = certain ? 'every case' : `at least ${percent(passRate.claimed)} of the cases`;
  const claimed = `${claim.kind === 'identity' ? 'An identity' : 'A bound'}: ${share} must pass`;
  return `${claimed}; it counts as broken where only ${percent(passRate.broken)} do.${
    seen === null
      ? ''
      : ` Were ${percent(seen)} of the ${cases} violations, the test would have passed it with a probability of at most ${falsePass.toExponential(1)}; it may miss rarer ones.`
  }`;
}

const percent = (part: number) => `${significant(100 * part)} %`;

const measured = ({ cases }: Tried) =>
  cases.flatMap(({ outcome, index }) => (outcome.status === 'measured' ? [{ ...outcome, index }] : []));
const marginsOf = (job: Tried) => measured(job).map(({ measurement }) => marginOf(measurement));
const nameOf = ({ control }: Tried) => (control === null ? 'the claim' : `control: ${control}`);

/** Margins of the claim, its controls and the baseline: observed over bound, of a rate the slopes. */
function distributionFigure({ id, kind }: ClaimVerdict, jobs: readonly Tried[], entry: BaselineEntry | null): Markup | null {
  const { claim } = jobs[0]!;
  const own = jobs.map(
    (job): Distribution => ({
      name: nameOf(job),
      role: job.control === null ? 'own' : 'control',
      values: marginsOf(job),
    }),
  );
  const earlier: Distribution[] = entry ? [{ name: 'baseline', role: 'baseline', values: entry.margins }] : [];
  const rows = [own[0]!, ...earlier, ...own.slice(1)].filter(({ values }) => values.length > 0);
  if (rows.length === 0) return null;
  const text = rows
    .map(({ name, values }) => `${name} ${significant(Math.min(...values))} to ${significant(Math.max(...values))}`)
    .join('; ');
  if (kind === 'rate') {
    const { slope } = claim.rate!;
    return html`<figure>${distributionPicture(`${id}, slope of each ladder, claimed at most ${slope}: ${text}`, rows, { scale: 'linear', limit: slope, axis: 'slope →' })}
<figcaption>Each line is the slope of one ladder. The claim is about their mean; it asserts a mean left of the dashed line.</figcaption></figure>`;
  }
  const [what, axis, is] =
    kind === 'estimate'
      ? [
          'largest deviation over its tolerance',
          'deviation / tolerance →',
          'its largest deviation over the tolerance, which the means are held to',
        ]
      : ['observed over bound', 'observed / bound →', 'what was observed over what the claim allows'];
  const beyond = kind === 'estimate' ? 'Single cases may be right of 1.' : 'Right of 1 the claim is violated.';
  return html`<figure>${distributionPicture(`${id}, ${what} of each case, the limit being at 1: ${text}`, rows, { scale: 'log', limit: 1, axis })}
<figcaption>Each line is a case: ${is}. ${beyond} Beyond 10⁻⁶ and 10⁶: at the edge.</figcaption></figure>`;
}

const laddersOf = (job: Tried): Ladders =>
  measured(job).flatMap(({ measurement }) => (measurement.kind === 'rate' ? [measurement.points] : []));

function ladderFigure(claim: ClaimVerdict, jobs: readonly Tried[]): Markup | null {
  const [own, ...controls] = jobs.map(laddersOf);
  if (claim.kind !== 'rate' || !own?.length) return null;
  const { slope } = claim;
  const label = slope
    ? `${claim.id}: slope ${significant(slope.estimate)} between ${significant(slope.lower)} and ${significant(slope.upper)}, claimed at most ${slope.claimed}`
    : `${claim.id}: ${own.length} ladders`;
  return html`<figure>${ladderPicture(
    label,
    own,
    controls.filter(({ length }) => length > 0),
    slope,
  )}
<figcaption>Thin lines: one ladder of sizes each; thick: their geometric mean, in the band of slopes that the interval allows. <span class="key" style="color:var(--limit)">Dashed: the claimed slope.</span>
<span class="key" style="color:var(--control)">Dotted: means of the controls, moved to the same start.</span></figcaption></figure>`;
}

/** The item of the largest size; null of none. */
export function largest<T>(items: readonly T[], size: (item: T) => number): T | null {
  return items.reduce<T | null>((best, item) => (best === null || size(item) > size(best) ? item : best), null);
}

/** The case nearest to its bound, over time. */
function seriesFigure({ id }: ClaimVerdict, own: Tried): Markup | null {
  const worst = largest(
    measured(own).filter(({ measurement }) => measurement.kind === 'bound' && measurement.series),
    ({ measurement }) => marginOf(measurement),
  );
  if (worst?.measurement.kind !== 'bound' || !worst.measurement.series) return null;
  return curves(
    worst.measurement.series,
    `${id}, case ${worst.index}`,
    `Case ${worst.index}, the one nearest to its bound (or furthest beyond), over ${worst.measurement.series.over}.`,
  );
}

/** Curves with their key and the numbers behind them. */
export function curves(series: Series, label: string, caption: string): Markup | null {
  const names = Object.keys(series.curves);
  const ends = names.map((name) => `${name} ${significant(series.curves[name]!.at(-1) ?? null)}`);
  const picture = seriesPicture(`${label}; at the end: ${ends.join(', ')}`, series);
  if (picture === null) return null;
  const key = curveKey(series).map(
    ({ name, colour, dashed }) => html`<span class="key" style="color:${colour}">${dashed ? '╌' : '━'} ${name}</span> `,
  );
  return html`<figure>${picture}
<figcaption>${key}<br>${caption}</figcaption></figure>
<details><summary>Numbers of these curves</summary>${table(
    label,
    [series.over, ...names],
    series.at.map((at, k) => [at, ...names.map((name) => series.curves[name]![k]!)]),
  )}</details>`;
}

/** The numbers behind the pictures. */
function numbers(claim: ClaimVerdict, jobs: readonly Tried[]): Markup {
  const theoryOf = ({ claim: { variants }, control }: Tried) =>
    control === null
      ? 'as stated'
      : html`<span class="theory">${variants.find((variant) => variant.control === control)!.statement}</span>`;
  const verdictOf = (control: string | null) =>
    control === null ? claim.verdict : (claim.controls.find(({ id }) => id === control)?.verdict ?? '–');
  if (claim.kind === 'rate') {
    const sizes = laddersOf(jobs[0]!)[0]?.map(({ size }) => size) ?? [];
    return table(
      `Slopes of ${claim.id}, and geometric means at each size`,
      ['cases of', 'theory', 'verdict', 'ladders', 'mean slope', ...sizes.map((size) => `size ${size}`)],
      jobs.map((job) => {
        const [ladders, slopes] = [laddersOf(job), marginsOf(job)];
        const some = slopes.length > 0;
        const means = some ? meanLadder(ladders).map(({ value }) => value) : sizes.map(() => null);
        const slope = some ? slopes.reduce((sum, value) => sum + value, 0) / slopes.length : null;
        return [nameOf(job), theoryOf(job), verdictOf(job.control), slopes.length, slope, ...means];
      }),
    );
  }
  const estimate = claim.kind === 'estimate';
  return table(
    `${estimate ? 'Deviation over tolerance' : 'Observed over bound'} of ${claim.id}`,
    ['cases of', 'theory', 'verdict', 'cases', estimate ? 'beyond 1' : 'violations', 'least', 'median', 'largest'],
    jobs.map((job) => {
      const all = measured(job);
      const ratios = marginsOf(job);
      const [least, most] = ratios.length > 0 ? [Math.min(...ratios), Math.max(...ratios)] : [null, null];
      const beyond = estimate ? ratios.filter((ratio) => ratio > 1) : all.filter(({ violation }) => violation);
      return [nameOf(job), theoryOf(job), verdictOf(job.control), all.length, beyond.length, least, median(ratios), most];
    }),
  );
}

function counterexampleOf({ kind, counterexample, verdict, expected }: ClaimVerdict): Markup | null {
  if (!counterexample) return null;
  const { instance, replay, shrinks, measured: seen } = counterexample;
  const name =
    kind === 'rate'
      ? 'The ladder with the largest slope'
      : kind === 'estimate'
        ? 'The case that is furthest off'
        : `${verdict === expected ? 'A case that shows it' : 'Counterexample'}, shrunk ${counted(shrinks, 'time')}`;
  const figures =
    seen &&
    (kind === 'rate'
      ? `: slope ${significant(seen.observed)}, claimed at most ${significant(seen.bound)}`
      : kind === 'estimate'
        ? `: off by ${significant(seen.observed)} of its tolerance`
        : `: observed ${significant(seen.observed)}, bound ${significant(seen.bound)}`);
  return html`<p>${name}${figures}. The command measures it again and prints these and all other quantities:</p>
<pre><code>${JSON.stringify(instance)}</code></pre>
<pre><code>${replay}</code></pre>`;
}
