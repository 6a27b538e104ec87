import { type Baseline, entryOf } from '../baseline/baseline.js';
import { fileOf, paperOf, registered, selectClaims } from '../claim/registry.js';
import type { Tried } from '../record/case-record.js';
import { brokenText, byPaper, controlsRefuted, evidence } from '../record/evidence.js';
import { exitCodes, standingOfRun } from '../record/exit-code.js';
import { isFine, standingOf } from '../record/standing.js';
import type { ClaimVerdict, Verdicts } from '../record/verdicts.js';
import { counted, significant } from '../support/words.js';
import { claimSection, largest, verdictText } from './claim-section.js';
import { htmlDocument, table } from './document.js';
import { type Content, html, type Markup } from './html.js';

/** reports/index.html: the verdicts with their cases, for people. */
export function page(verdicts: Verdicts, jobs: readonly Tried[], baseline: Baseline): string {
  const { claims, subject, profile, seed } = verdicts;
  const against = claims.filter((claim) => !isFine(standingOf(claim)));
  const papers = byPaper(claims);
  const { code, sentence } = standingOfRun(verdicts);
  const good = code === exitCodes.asExpected;
  const count = (verdict: string) => claims.filter((claim) => claim.verdict === verdict && !claim.missing).length;
  const other = claims.length - count('holds') - count('refuted');
  const header = html`<h1>${subject.backend === 'process' ? `Audit of ${subject.name}` : `Theory of early-time learning, tested on ${subject.backend}`}</h1>
<p class="banner${good ? null : ' bad'}">${sentence} ${counted(count('holds'), 'claim holds', 'claims hold')}, ${count('refuted')} ${count('refuted') === 1 ? 'is' : 'are'} refuted, ${other} not decided or not tested.</p>
${against.length > 0 && html`<ul>${against.map((claim) => html`<li>${link(claim)}: ${verdictText(claim)}</li>`)}</ul>`}
${verdicts.diagnosis && html`<h2>Diagnosis</h2><ul>${verdicts.diagnosis.map((finding) => html`<li>${finding}</li>`)}</ul>`}
<p>Statements of papers about early training of neural networks, each measured on networks and data drawn at random, in the arithmetic of the subject (float32 unless it says
otherwise) and beside a float64 reference. A statement may be expected to be refuted: then the page says why.</p>`;
  const main = html`${glance(verdicts)}
${howToRead(verdicts)}
${[...papers].map(([name, own]) => overview(name, own))}
${[...papers].map(
  ([name, own]) => html`<section aria-label="${name}"><h2 id="${name}">${name}</h2>
${sourceOf(name)}
${own.map((claim) => claimSection(claim, jobs, entryOf(baseline, claim.id, subject), verdicts))}</section>`,
)}`;
  return htmlDocument(
    `earlytime: ${good ? 'as expected' : 'not as expected'} (${subject.name}, ${profile}, seed ${seed})`,
    header,
    main,
    verdicts.versions,
  );
}

const link = ({ id }: ClaimVerdict) => html`<a href="#${id}">${id}</a>`;

/** What was verified, on what, how surely, how closely, and how to do it again. */
function glance(verdicts: Verdicts): Markup {
  const names = ['holds', 'refuted', 'undecided', 'inapplicable', 'unmeasured'] as const;
  const rows = [...byPaper(verdicts.claims)].map(([paper, own]) => [
    html`<a href="#${paper}">${paper}</a>`,
    ...names.map((name) => own.filter(({ verdict, missing }) => verdict === name && !missing).length),
    own.filter(({ missing }) => missing).length,
    `${own.filter(({ asExpected, missing }) => asExpected && !missing).length} of ${own.filter(({ missing }) => !missing).length}`,
    controlsRefuted(own.flatMap(({ controls }) => controls)),
  ]);
  return html`<h2>At a glance</h2>
${table('Verdicts by paper', ['paper', ...names, 'not tested', 'as expected', 'controls refuted'], rows)}
<dl class="facts">${factsOf(verdicts)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

/** Subject, arithmetic, run, sureness, worst margin, rounding, and the command. */
function factsOf(verdicts: Verdicts): readonly (readonly [string, Content])[] {
  const { claims, subject, profile, seed, errorBudget } = verdicts;
  const margins = claims.flatMap((claim) =>
    claim.kind === 'bound' && claim.verdict === 'holds' && claim.worstRatio !== null
      ? [{ ...claim, worst: claim.worstRatio }]
      : [],
  );
  const closest = largest(margins, ({ worst }) => worst);
  const rounded = largest(claims, ({ rounding }) => rounding.worstErrorOverBudget ?? 0);
  const cases = claims.reduce(
    (sum, claim) => sum + claim.cases + claim.controls.reduce((all, control) => all + control.cases, 0),
    0,
  );
  return [
    ['Subject', `${subject.name} on ${subject.backend}, ${subject.device}`],
    [
      'Arithmetic',
      `unit roundoff ${subject.roundoff.accumulator.toExponential(2)} in sums, ${subject.roundoff.inputs === 0 ? 'inputs not rounded' : `${subject.roundoff.inputs.toExponential(2)} on inputs`} (${subject.backend === 'process' ? 'as the subject says' : 'measured'})`,
    ],
    [
      'Run',
      `profile ${profile} (how much is spent), seed ${seed} of all random draws, ${cases} cases and ladders judged, those of controls among them`,
    ],
    [
      'Sureness',
      `over all registered claims together at most ${errorBudget.falseAlarm} chance of refuting one that is true, and ${errorBudget.falsePass} of passing one that is broken (${brokenText(profile)}); per claim ${errorBudget.perClaim.falseAlarm.toExponential(1)} and ${errorBudget.perClaim.falsePass.toExponential(1)}`,
    ],
    [
      'Worst margin',
      closest &&
        html`${link(closest)}: its worst case reaches ${significant(closest.worst)} of its bound, the median one ${significant(closest.medianRatio)}; at most ${significant(100 * (1 - closest.passRate.claimed))} % of the cases may be beyond 1`,
    ],
    [
      'Rounding',
      rounded &&
        html`the largest difference from the float64 reference is ${significant(rounded.rounding.worstErrorOverBudget)} of what rounding explains, in ${link(rounded)}`,
    ],
    ['Again', html`<code>${commandOf(verdicts)}</code>`],
  ];
}

/** What a reader must know to read a section. */
function howToRead({ errorBudget: { perClaim } }: Verdicts): Markup {
  const terms: readonly (readonly [string, string])[] = [
    [
      'Case',
      'one network with its data, drawn at random within the assumptions of the claim. What is observed is compared with the bound that the claim gives, and a case violates the claim where observed / bound is above 1 by more than rounding explains.',
    ],
    [
      'Holds',
      `cases are drawn until a sequential probability ratio test decides between the pass rate that is claimed (99 %, say, so that a few violations are allowed) and the one at which the claim counts as broken, each error having at most the probability ${perClaim.falseAlarm.toExponential(1)}. What is broken more rarely than that may pass.`,
    ],
    [
      'Refuted',
      'the same test decided for broken. The claim has a counterexample, which is shrunk: made smaller as long as it still violates.',
    ],
    [
      'Undecided, inapplicable, unmeasured',
      'the budget of cases ended first; no case was within the assumptions, so that nothing was tested; or the subject failed or differs from the float64 reference by more than rounding.',
    ],
    [
      'Control',
      'a wrong theory, or data or a network that the theory excludes, which the same test must refute: else it would see nothing.',
    ],
    [
      'Rate',
      'a claimed exponent. A ladder is a list of sizes with one network each, and gives one slope; the interval is that of the mean slope over independent ladders.',
    ],
    [
      'Constants',
      'where a paper leaves a constant open, it was calibrated once on cases of other seeds, to 1.25 × their 99.5th percentile, and then frozen: a worst case near 0.8 is what to expect.',
    ],
    [
      'Baseline',
      'margins (observed / bound, or slopes) of an earlier run that is kept with the project; a run fails when its own have drifted from them.',
    ],
  ];
  return html`<details><summary>How to read this</summary><dl class="facts">${terms.map(([term, text]) => html`<dt>${term}</dt><dd>${text}</dd>`)}</dl></details>`;
}

/** What a paper is, and its symbols. */
function sourceOf(name: string): Markup | null {
  const paper = paperOf(name);
  if (paper === undefined) return null;
  const { citation, url, notation } = paper;
  return html`<p>${url === null ? citation : html`<a href="${url}">${citation}</a>`}</p>
<details><summary>Notation</summary><dl class="facts">${notation.map(([symbol, meaning]) => html`<dt>${symbol}</dt><dd>${meaning}</dd>`)}</dl></details>`;
}

/** The command that gives these verdicts. */
function commandOf({ claims, subject, profile, seed, shard }: Verdicts): string {
  const all = selectClaims([], profile).length === claims.length;
  const named = all ? '' : ` ${claims.map(({ id }) => id).join(' ')}`;
  const files = registered().flatMap((claim) => (claims.some(({ id }) => id === claim.id) ? (fileOf(claim) ?? []) : []));
  const own = [...new Set(files)].map((file) => ` --claims ${file}`).join('');
  const part = shard ? ` --shard ${shard.index}/${shard.of}` : '';
  const selection = `${named}${own} --profile ${profile} --seed ${seed}${part}`;
  if (subject.backend === 'process') return `npx earlytime audit${selection} -- <the program>`;
  return `npx earlytime verify${selection} --backend ${subject.backend}`;
}

function overview(paper: string, claims: readonly ClaimVerdict[]): Markup {
  return table(
    `All claims of ${paper}`,
    ['claim', 'verdict', 'evidence', 'controls refuted'],
    claims.map((claim) => [link(claim), verdictText(claim), evidence(claim), controlsRefuted(claim.controls)]),
  );
}
