import { describe, expect, it } from 'vitest';
import { junit } from '../report/junit.js';
import { summary } from '../report/summary.js';
import { versions } from '../support/versions.js';
import { toyVerdict } from '../testing/toy-verdict.js';
import { exitCodes, standingOfRun } from './exit-code.js';
import { markOf, standingOf } from './standing.js';
import { type ClaimVerdict, type Verdicts, verdictsSchema } from './verdicts.js';

type Control = ClaimVerdict['controls'][number];
const control = (verdict: Control['verdict'], more: Partial<Control> = {}): Control => ({
  id: `c${JSON.stringify(more).length}`,
  verdict,
  cases: 5,
  violations: 0,
  settled: true,
  reason: null,
  ...more,
});
const refuted = control('refuted');
const drift = {
  regressed: true,
  reason: 'its margins have drifted from the baseline',
  pValue: 1e-9,
  level: 1e-5,
  cases: 9,
  baselineCases: 9,
  median: 1,
  baselineMedian: 2,
  detectable: null,
};

const claim = (verdict: ClaimVerdict['verdict'], more: Partial<ClaimVerdict> = {}): ClaimVerdict =>
  toyVerdict({
    verdict,
    reason: verdict === 'holds' || verdict === 'refuted' ? null : `it is ${verdict}`,
    cases: verdict === 'unmeasured' ? 0 : 9,
    controls: [refuted],
    ...more,
  });
function run(claims: readonly ClaimVerdict[], more: Partial<Verdicts> = {}): Verdicts {
  const subject = { name: 'n', backend: 'wasm', device: 'd', roundoff: { inputs: 0, accumulator: 1 } };
  const perClaim = { falseAlarm: 1, falsePass: 1 };
  const whole = {
    schema: 1,
    seed: 1,
    profile: 'quick',
    shard: null,
    versions: versions(),
    subject,
    claims: [...claims],
  } as const;
  const verdicts = { ...whole, errorBudget: { ...perClaim, perClaim }, asExpected: true, ...more } as Verdicts;
  return { ...verdicts, asExpected: standingOfRun(verdicts).code === 0 };
}
const process = { name: 'n', backend: 'process', device: 'd', roundoff: { inputs: 0, accumulator: 1 } };
const shard = { index: 1, of: 2 };
const kept = (violated: boolean | null) => [{ file: 'f.json', violated, reason: 'lost' }];

const holds = claim('holds');
const missing = claim('unmeasured', { missing: true, reason: "the subject lacks the capability 'flow'" });
const undecided = claim('undecided');
const unmeasured = claim('unmeasured');
const wrong = claim('refuted');
const expectedRefuted = claim('refuted', { expected: 'refuted', reason: 'outside' });

/** What JUnit makes of a claim: as many failures, errors and skips among it and its controls. */
interface Row {
  readonly name: string;
  readonly claims: readonly ClaimVerdict[];
  readonly run?: Partial<Verdicts>;
  readonly code: number;
  readonly sentence: RegExp;
  readonly junit?: Partial<Record<'failure' | 'error' | 'skipped', number>>;
  readonly marks: string;
}

const rows: readonly Row[] = [
  { name: 'as expected', claims: [holds, expectedRefuted], code: 0, sentence: /^Every verdict is as expected\.$/, marks: '✓✓' },
  {
    name: 'refuted',
    claims: [holds, wrong],
    code: 1,
    sentence: /^1 of 2 verdicts not as expected: paper\/claim-\d+\.$/,
    junit: { failure: 1 },
    marks: '✓✗',
  },
  {
    name: 'holds against expectation',
    claims: [claim('holds', { expected: 'refuted' })],
    code: 1,
    sentence: /^1 of 1 verdict not/,
    junit: { failure: 1 },
    marks: '✗',
  },
  {
    name: 'inapplicable as expected',
    claims: [claim('inapplicable', { expected: 'inapplicable', cases: 0 })],
    code: 0,
    sentence: /^Every/,
    marks: '✓',
  },
  {
    name: 'inapplicable against expectation',
    claims: [holds, claim('inapplicable', { cases: 0 })],
    code: 4,
    sentence: /^1 of 2 claims could not be measured/,
    junit: { error: 1 },
    marks: '✓✗',
  },
  {
    name: 'holds where it should be inapplicable',
    claims: [claim('holds', { expected: 'inapplicable' })],
    code: 1,
    sentence: /not as expected/,
    junit: { failure: 1 },
    marks: '✗',
  },
  {
    name: 'undecided',
    claims: [undecided],
    code: 3,
    sentence: /^1 of 1 verdict undecided, which is no pass/,
    junit: { error: 1 },
    marks: '?',
  },
  {
    name: 'undecided where refuted is expected',
    claims: [claim('undecided', { expected: 'refuted' })],
    code: 3,
    sentence: /undecided/,
    junit: { error: 1 },
    marks: '?',
  },
  {
    name: 'undecided before the first case',
    claims: [claim('undecided', { cases: 0 })],
    code: 4,
    sentence: /^Nothing could be judged: the time/,
    junit: { error: 1 },
    marks: '?',
  },
  {
    name: 'unmeasured',
    claims: [holds, unmeasured],
    code: 4,
    sentence: /^1 of 2 claims could not be measured/,
    junit: { error: 1 },
    marks: '✓✗',
  },
  {
    name: 'refuted before unmeasured before undecided',
    claims: [undecided, unmeasured, wrong],
    code: 1,
    sentence: /^1 of 3 verdicts not/,
    junit: { failure: 1, error: 2 },
    marks: '?✗✗',
  },
  {
    name: 'unmeasured before undecided',
    claims: [undecided, unmeasured],
    code: 4,
    sentence: /^1 of 2 claims could not/,
    junit: { error: 2 },
    marks: '?✗',
  },
  {
    name: 'a control that holds',
    claims: [claim('holds', { controls: [refuted, control('holds')] })],
    code: 1,
    sentence: /not as/,
    junit: { failure: 1 },
    marks: '✗',
  },
  {
    name: 'a control that used its budget up',
    claims: [claim('holds', { controls: [control('undecided')] })],
    code: 1,
    sentence: /not as/,
    junit: { failure: 1 },
    marks: '✗',
  },
  {
    name: 'a control cut short',
    claims: [claim('holds', { controls: [control('undecided', { settled: false })] })],
    code: 3,
    sentence: /undecided/,
    junit: { error: 1 },
    marks: '?',
  },
  {
    name: 'a control unmeasured',
    claims: [claim('holds', { controls: [control('unmeasured', { reason: 'r' })] })],
    code: 4,
    sentence: /could not/,
    junit: { error: 1 },
    marks: '✗',
  },
  {
    name: 'a control that nothing is in scope of',
    claims: [claim('holds', { controls: [control('inapplicable', { cases: 0 })] })],
    code: 4,
    sentence: /could not/,
    junit: { error: 1 },
    marks: '✗',
  },
  {
    name: 'a control that the subject lacks something for',
    claims: [claim('holds', { controls: [control('inapplicable', { missing: true, reason: 'no tanh' })] })],
    code: 0,
    sentence: /^Every verdict is as expected\.$/,
    junit: { skipped: 1 },
    marks: '✓',
  },
  {
    name: 'missing',
    claims: [holds, missing],
    code: 0,
    sentence: /^The one verdict is as expected; 1 claim was not tested, for the subject lacks what it needs\.$/,
    junit: { skipped: 2 },
    marks: '✓–',
  },
  {
    name: 'all missing',
    claims: [missing, missing],
    code: 4,
    sentence: /^Nothing could be judged: the subject lacks what every claim needs\.$/,
    junit: { skipped: 4 },
    marks: '––',
  },
  {
    name: 'missing and refuted',
    claims: [missing, wrong],
    code: 1,
    sentence: /^1 of 2 verdicts not/,
    junit: { skipped: 2, failure: 1 },
    marks: '–✗',
  },
  {
    name: 'a known failure',
    claims: [holds, claim('refuted', { excused: true, reason: 'known' })],
    code: 0,
    sentence: /\(1 known failure\)/,
    junit: { skipped: 2 },
    marks: '✓✓',
  },
  {
    name: 'a known failure alone',
    claims: [claim('unmeasured', { excused: true })],
    code: 0,
    sentence: /^Every/,
    junit: { skipped: 2 },
    marks: '✓',
  },
  {
    name: 'wrongly expected to fail',
    claims: [claim('holds', { excused: false, reason: 'take it out' })],
    code: 1,
    sentence: /not as/,
    junit: { failure: 2 },
    marks: '✗',
  },
  { name: 'drifted', claims: [claim('holds', { drift })], code: 1, sentence: /not as/, junit: { failure: 1 }, marks: '✗' },
  {
    name: 'drifted, but missing',
    claims: [holds, { ...missing, drift }],
    code: 0,
    sentence: /^The one verdict is as expected; 1/,
    junit: { skipped: 2 },
    marks: '✓–',
  },
  {
    name: 'a kept case that violates',
    claims: [claim('holds', { kept: kept(true) })],
    code: 1,
    sentence: /not as/,
    junit: { failure: 1 },
    marks: '✗',
  },
  {
    name: 'a kept case that violates, undecided',
    claims: [claim('undecided', { kept: kept(true) })],
    code: 1,
    sentence: /not as/,
    junit: { failure: 1 },
    marks: '✗',
  },
  {
    name: 'a kept case not measured',
    claims: [claim('holds', { kept: kept(null) })],
    code: 4,
    sentence: /could not/,
    junit: { error: 1 },
    marks: '✗',
  },
  { name: 'a kept case that passes', claims: [claim('holds', { kept: kept(false) })], code: 0, sentence: /^Every/, marks: '✓' },
  {
    name: 'of a shard, undecided',
    claims: [undecided, claim('undecided', { cases: 0 })],
    run: { shard },
    code: 0,
    sentence: /^A shard gives no verdict of the whole/,
    junit: { skipped: 2 },
    marks: '??',
  },
  {
    name: 'of a shard, refuted',
    claims: [undecided, wrong],
    run: { shard },
    code: 1,
    sentence: /not as/,
    junit: { skipped: 1, failure: 1 },
    marks: '?✗',
  },
  {
    name: 'of a shard, unmeasured',
    claims: [unmeasured],
    run: { shard },
    code: 4,
    sentence: /could not/,
    junit: { error: 1 },
    marks: '✗',
  },
  {
    name: 'of a program that nothing asked',
    claims: [claim('holds', { untouched: true }), missing],
    run: { subject: process },
    code: 4,
    sentence: /^No case touched the subject/,
    junit: { skipped: 2 },
    marks: '✓–',
  },
  {
    name: 'of the built-in subject, about the theory alone',
    claims: [claim('holds', { untouched: true })],
    code: 0,
    sentence: /^Every/,
    marks: '✓',
  },
];

describe('the sentence, the exit code, JUnit, the marks and asExpected agree', () => {
  it.each(rows)('$name', ({ claims, run: more, code, sentence, junit: expected = {}, marks }) => {
    const verdicts = run(claims, more);
    expect(verdictsSchema.parse(JSON.parse(JSON.stringify(verdicts)))).toEqual(verdicts);
    const standing = standingOfRun(verdicts);
    expect([standing.code, standing.sentence]).toEqual([code, expect.stringMatching(sentence)]);
    const xml = junit(verdicts);
    const count = (tag: string) => (xml.match(new RegExp(`<${tag}[ />]`, 'g')) ?? []).length;
    expect({ failure: count('failure'), error: count('error'), skipped: count('skipped') }).toEqual({
      failure: 0,
      error: 0,
      skipped: 0,
      ...expected,
    });
    expect(claims.map((entry) => markOf(standingOf(entry))).join('')).toBe(marks);
    // A run that fails is red everywhere, one that passes nowhere: but for one in which nothing was tested, where JUnit has nothing to fail.
    const nothing = /^(Nothing could be judged: the subject|No case touched)/.test(standing.sentence);
    if (!nothing) expect(count('failure') + count('error') > 0).toBe(code !== 0);
    expect(verdicts.asExpected).toBe(code === exitCodes.asExpected);
    for (const entry of claims) expect(entry.asExpected).toBe('✓–'.includes(markOf(standingOf(entry))));
    expect(summary(verdicts)).toContain(code === 0 ? standing.sentence : `**${standing.sentence}**`);
  });

  it('names three claims at most, and says how many there are besides', () => {
    const many = Array.from({ length: 5 }, () => claim('refuted'));
    expect(standingOfRun(run(many)).sentence).toMatch(
      /^5 of 5 verdicts not as expected: (paper\/claim-\d+(, )?){3} and 2 more\.$/,
    );
  });
});

describe('JUnit', () => {
  it('has a suite per paper, a case per claim and control, the reasons, and escapes what is quoted', () => {
    const replay = { rootSeed: 1, seed: 1, path: '3:0', shrinks: 0, instance: { seed: 1 }, replay: 'npx earlytime replay x' };
    const broken = claim('unmeasured', { id: 'other/claim', reason: 'device lost | <now>' });
    const xml = junit(run([holds, claim('refuted', { counterexample: replay }), broken, missing]));
    expect(xml.match(/<testsuite /g)).toHaveLength(2);
    expect(xml.match(/<testcase /g)).toHaveLength(8);
    expect(xml).toContain('<testsuite name="paper (wasm)"');
    expect(xml).toContain('refuted, expected holds; npx earlytime replay x');
    expect(xml).toContain('device lost | &lt;now');
    expect(xml).toContain("the subject lacks the capability 'flow'");
  });
});
