// Writes docs/claims.md from the registry, the calibration and the recorded run of the standard profile; with --check it only says whether that is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { claims } from '../properties/index.js';
import { papers } from '../properties/papers.js';
import { readBaseline } from '../src/baseline/baseline.js';
import { detectableDrift } from '../src/baseline/two-sample.js';
import { grossMultiple, noticedIn, readCalibration } from '../src/claim/calibration.js';
import type { Claim } from '../src/claim/claim.js';
import { perClaim, profiles, reaches } from '../src/claim/profile.js';
import { ship } from '../src/claim/registry.js';
import { GROSS_SHARE } from '../src/judge/evidence.js';
import { detectableViolationRate } from '../src/judge/sequential.js';
import { trialOf } from '../src/judge/trial.js';
import { noticedText } from '../src/record/evidence.js';

const FILE = 'docs/claims.md';
ship(claims, papers);

const calibration = readCalibration('fixtures/calibration.json');
const baseline = readBaseline();

const number = (value: number) =>
  value >= 1e-3 && value < 1e5 ? String(Number(value.toPrecision(3))) : value.toExponential(1).replace('e+', 'e');

const marginsOf = (id: string) => baseline.find(({ claim, backend }) => claim === id && backend === 'wasm')?.margins;

/** What the recorded run saw of a claim. */
function figures({ id, kind }: Claim): string {
  const margins = marginsOf(id);
  if (!margins) return 'not recorded';
  const sorted = margins.toSorted((a, b) => a - b);
  if (kind === 'estimate') {
    return `largest deviation over its tolerance of ${margins.length} single cases: median ${number(sorted[Math.floor(sorted.length / 2)]!)}, largest ${number(sorted.at(-1)!)}`;
  }
  if (kind === 'rate') {
    const mean = margins.reduce((sum, slope) => sum + slope, 0) / margins.length;
    return `mean slope ${mean.toFixed(3)} over ${margins.length} ladders, from ${sorted[0]!.toFixed(2)} to ${sorted.at(-1)!.toFixed(2)}`;
  }
  const beyond = margins.filter((margin) => margin > 1).length;
  return `${beyond} of ${margins.length} beyond the bound; observed/bound median ${number(sorted[Math.floor(sorted.length / 2)]!)}, largest ${number(sorted.at(-1)!)}`;
}

/** What errors of its theory the profiles notice, where that was measured. */
function resolutions({ id, profile, expected }: Claim): string[] {
  if (expected.verdict !== 'holds') return [];
  return (['quick', 'standard'] as const)
    .filter((known) => reaches(known, profile))
    .flatMap((known) => {
      const text = noticedText(noticedIn(calibration[id], known));
      return text === '' ? [] : [`${known}: ${text}`];
    });
}

/** What a run of the standard profile, or of the least one that takes the claim in, would not overlook. */
function noticed(claim: Claim): string {
  const { id, kind } = claim;
  const name = reaches('standard', claim.profile) ? 'standard' : claim.profile;
  const profile = profiles[name];
  const errors = perClaim(profile.budget, claims.length);
  const seen: string[] = [];
  if (kind === 'identity') seen.push('a single violation');
  if (kind === 'bound') {
    const { test, strata } = trialOf(claim, null, profile, errors).result();
    const rate = detectableViolationRate((strata[0]?.result ?? { test }).test!, errors.falsePass, profile.cap);
    seen.push(`violations in ${Math.ceil(100 * rate)} % of the cases${strata.length > 0 ? ` of one ${claim.factor}` : ''}`);
  }
  const margins = marginsOf(id);
  const by = kind === 'rate' ? 'difference' : 'factor';
  const drift = margins && detectableDrift(margins, margins.length, errors.falseAlarm, by);
  const gross = grossOf(claim, errors.falseAlarm / Math.max(1, claim.variants[0].strata.length) / profile.cap);
  if (gross.length > 0) {
    const [low, high] = [Math.min(...gross), Math.max(...gross)].map(number);
    seen.push(`a single case beyond ${low === high ? low : `${low} to ${high}`} times its bound`);
  }
  if (drift) {
    seen.push(
      by === 'factor'
        ? `margins that grow by a factor of ${drift.toFixed(2)} against the baseline`
        : `slopes that are ${drift.toFixed(2)} larger than the baseline's`,
    );
  }
  const errorsOf = resolutions(claim);
  const first = seen.length === 0 ? '' : `Would notice, in \`${name}\`: ${seen.join('; ')}.`;
  const second = errorsOf.length === 0 ? '' : `Would notice, with probability .95, in ${errorsOf.join('; in ')}.`;
  return [first, second].filter((text) => text !== '').join(' ') || 'Would notice what its controls are.';
}

/** The multiples of the bound beyond which one case refutes, of each constant. */
function grossOf({ id }: Claim, falseAlarm: number): number[] {
  return Object.values(calibration[id]?.constants ?? {}).flatMap((constant) =>
    'percentile995' in constant ? [grossMultiple(constant, GROSS_SHARE * falseAlarm)] : [],
  );
}

function controls({ id, variants }: Claim): string[] {
  return variants
    .filter(({ control }) => control !== null)
    .map(({ control, statement, profile }) => {
      const rate = calibration[id]?.controls[control!]?.violationRate;
      const seen = rate === undefined ? '' : `; ${Math.round(100 * rate)} % of its cases violate`;
      return `- \`${control}\`: ${statement}${seen}${profile === 'quick' ? '' : ` (from \`${profile}\` on)`}`;
    });
}

function section(claim: Claim): string[] {
  const { id, kind, title, statement, formula, source, assumptions, expected, profile, passRate } = claim;
  const judged =
    kind === 'estimate'
      ? `each number within its tolerance, for each ${claim.factor}`
      : kind === 'rate'
        ? `slope at most ${claim.rate!.slope} over d = ${claim.rate!.ladder.join(', ')}`
        : passRate!.claimed > 0.9999
          ? 'every case must pass'
          : `pass rate ${passRate!.claimed}`;
  return [
    `### ${id}`,
    '',
    `**${title}**`,
    '',
    ...(statement === title ? [] : [statement, '']),
    ...(formula === null ? [] : ['```math', formula, '```', '']),
    `${kind === 'identity' || kind === 'estimate' ? `An ${kind}` : `A ${kind}`}, ${judged}${kind === 'bound' && claim.factor !== null ? `, by ${claim.factor}` : ''}. Source: ${source.paper}, ${source.place}.${profile === 'quick' ? '' : ` From \`${profile}\` on, or by name.`}`,
    '',
    ...(expected.verdict === 'holds' ? [] : [`Expected: ${expected.verdict}, for ${expected.reason}.`, '']),
    ...(assumptions.length > 0 ? [`Assumes ${assumptions.join('; ')}.`, ''] : []),
    `Recorded: ${figures(claim)}.`,
    '',
    noticed(claim),
    '',
    ...(claim.lawTestedBy.length > 0
      ? [
          `Its constant is calibrated: it shows that the distribution reproduces. The law is tested by ${claim.lawTestedBy.join(', ')}.`,
          '',
        ]
      : []),
    'Must be refuted:',
    '',
    ...controls(claim),
    '',
  ];
}

const folders = [...new Set(claims.map(({ id }) => id.slice(0, id.indexOf('/'))))];
const text = [
  '# The claims',
  '',
  'Made from the registry by `node dist/scripts/claims.js`. The figures are those of the baseline: the standard profile, seed 1, on WASM.',
  'What a claim would notice is stated for the standard profile, at the error probabilities of the whole registry; drifts with probability .9.',
  'Each claim is also printed by `npx earlytime list`.',
  '',
  ...folders.flatMap((folder) => [`- [${folder}](#${folder}): ${claims.filter(({ id }) => id.startsWith(`${folder}/`)).length}`]),
  '',
  ...folders.flatMap((folder) => [
    `## ${folder}`,
    '',
    papers[folder]!.citation,
    '',
    ...claims.filter(({ id }) => id.startsWith(`${folder}/`)).flatMap(section),
  ]),
].join('\n');

if (!process.argv.includes('--check')) writeFileSync(FILE, text);
else if (readFileSync(FILE, 'utf8') !== text) {
  console.error(`${FILE} is not that of the registry: npm run build && node dist/scripts/claims.js`);
  process.exitCode = 1;
}
