import { papers } from '../../properties/papers.js';
import { type Baseline, entryOf } from '../baseline/baseline.js';
import { selectClaims } from '../registry.js';
import type { Job } from '../run/schedule.js';
import { claimSection, largest, verdictText } from './claim-section.js';
import { htmlDocument, significant, table } from './document.js';
import { html, type Markup } from './html.js';
import type { ClaimVerdict, Verdicts } from './schema.js';
import { evidence } from './summary.js';

/** reports/index.html: the verdicts with their cases, for people. */
export function page(verdicts: Verdicts, jobs: readonly Job[], baseline: Baseline): string {
  const { asExpected, claims, subject, profile, seed, shard } = verdicts;
  const against = claims.filter((claim) => !claim.asExpected);
  const groups = [...new Set(claims.map(({ id }) => groupOf(id)))];
  const header = html`<h1>earlytime: ${subject.name} on ${subject.backend}</h1>
<p class="banner${asExpected ? null : ' bad'}">${asExpected ? `Every one of ${claims.length} verdicts is as expected` : `${against.length} of ${claims.length} verdicts are not as expected`}${
    shard ? `, in shard ${shard.index} of ${shard.of}, which decides nothing alone` : null
  }.</p>
${against.length > 0 && html`<ul>${against.map((claim) => html`<li>${link(claim)}: ${verdictText(claim)}</li>`)}</ul>`}
<p>Claims of the theory of early-time learning in neural networks, each tested on networks and data drawn at random. A claim <em>holds</em> when a sequential test accepts the
share of cases that it says must pass; each also has <em>controls</em>, wrong theories which the same test must refute.</p>`;
  const main = html`${glance(verdicts)}
${verdicts.diagnosis && html`<h2>Diagnosis</h2><ul>${verdicts.diagnosis.map((finding) => html`<li>${finding}</li>`)}</ul>`}
${groups.map((group) => overview(group, claims))}
${groups.map(
  (group) => html`<section aria-label="${group}"><h2 id="${group}">${group}</h2>
${papers[group] && html`<p>${papers[group].url === null ? papers[group].citation : html`<a href="${papers[group].url}">${papers[group].citation}</a>`}</p>`}
${claims.filter(({ id }) => groupOf(id) === group).map((claim) => claimSection(claim, jobs, entryOf(baseline, claim.id, subject)))}</section>`,
)}`;
  return htmlDocument(
    `earlytime: ${asExpected ? 'as expected' : 'not as expected'} (${subject.name}, ${profile}, seed ${seed})`,
    header,
    main,
    verdicts.versions,
  );
}

const groupOf = (id: string) => id.slice(0, id.indexOf('/'));
const link = ({ id }: ClaimVerdict) => html`<a href="#${id}">${id}</a>`;

/** What was verified, on what, how surely, how closely, and how to do it again. */
function glance(verdicts: Verdicts): Markup {
  const { claims, subject, profile, seed, errorBudget } = verdicts;
  const names = ['holds', 'refuted', 'undecided', 'inapplicable', 'unmeasured'] as const;
  const groups = [...new Set(claims.map(({ id }) => groupOf(id)))];
  const rows = groups.map((group) => {
    const own = claims.filter(({ id }) => groupOf(id) === group);
    const controls = own.flatMap((claim) => claim.controls);
    return [
      html`<a href="#${group}">${group}</a>`,
      ...names.map((name) => own.filter(({ verdict, missing }) => verdict === name && !missing).length),
      own.filter(({ missing }) => missing).length,
      `${own.filter(({ asExpected }) => asExpected).length} of ${own.length}`,
      `${controls.filter(({ verdict }) => verdict === 'refuted').length} of ${controls.length}`,
    ];
  });
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
  const facts: [string, Markup | string | null][] = [
    ['Subject', `${subject.name} on ${subject.backend}, ${subject.device}`],
    [
      'Arithmetic',
      `unit roundoff ${subject.roundoff.accumulator.toExponential(2)} in sums, ${subject.roundoff.inputs === 0 ? 'inputs not rounded' : `${subject.roundoff.inputs.toExponential(2)} on inputs`} (measured)`,
    ],
    ['Run', `profile ${profile}, seed ${seed}, ${cases} cases judged`],
    [
      'Sureness',
      `over the whole registry at most ${errorBudget.falseAlarm} chance of refuting any claim that is true, and ${errorBudget.falsePass} of passing any that is broken; per claim ${errorBudget.perClaim.falseAlarm.toExponential(1)} and ${errorBudget.perClaim.falsePass.toExponential(1)}`,
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
  return html`<h2>At a glance</h2>
${table('Verdicts by paper', ['paper', ...names, 'not tested', 'as expected', 'controls refuted'], rows)}
<dl class="facts">${facts.filter(([, value]) => value !== null).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

/** The command that gives these verdicts. */
function commandOf({ claims, subject, profile, seed, shard }: Verdicts): string {
  const all = selectClaims([], profile).length === claims.length;
  const selection = `${all ? '' : ` ${claims.map(({ id }) => id).join(' ')}`} --profile ${profile} --seed ${seed}`;
  if (subject.backend === 'process') return `npx earlytime audit${selection} -- <the program>`;
  return `npx earlytime verify${selection} --backend ${subject.backend}${shard ? ` --shard ${shard.index}/${shard.of}` : ''}`;
}

function overview(group: string, claims: readonly ClaimVerdict[]): Markup {
  return table(
    `All claims of ${group}`,
    ['claim', 'verdict', 'evidence', 'controls refuted'],
    claims
      .filter(({ id }) => groupOf(id) === group)
      .map((claim) => [
        link(claim),
        verdictText(claim),
        evidence(claim),
        `${claim.controls.filter(({ verdict }) => verdict === 'refuted').length} of ${claim.controls.length}`,
      ]),
  );
}
