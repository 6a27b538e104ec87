import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import type { BaselineEntry } from '../baseline/baseline.js';
import { calibrationHash } from '../claim/calibration.js';
import type { Measurement } from '../claim/claim.js';
import { trialOf } from '../judge/trial.js';
import { claimsOf, concludeClaim, verdictsOf } from '../run/conclude.js';
import { type Job, jobOf } from '../run/schedule.js';
import { versions } from '../support/versions.js';
import { testProfile } from '../testing/profile.js';
import { toyClaims } from '../testing/toy-claims.js';
import { html, markup } from './html.js';
import { page } from './page.js';
import { summary } from './summary.js';

const { bound, rate, identity: law } = toyClaims;
const errors = { falseAlarm: 1e-4, falsePass: 1e-4 };
const subject = {
  name: '<script>alert(1)</script>',
  backend: 'process',
  device: '"quoted" & <b>',
  roundoff: { inputs: 0, accumulator: 1e-7 },
};

const measured = (observed: number): Measurement => ({
  kind: 'bound',
  observed,
  bound: 1,
  roundoff: 0,
  constant: null,
  quantities: {},
  rounding: 0.25,
  series: {
    over: 'step',
    at: [1, 2, 3],
    scale: 'log',
    curves: { 'loss of the network': [1, 0.5, observed], gap: [0, 0.1, 0.2] },
  },
});
const ladder = (slope: number): Measurement => ({
  kind: 'rate',
  points: rate.rate!.ladder.map((size) => ({ size, value: size ** slope })),
  rounding: null,
});

/** The trials of a claim and of its controls, with the same measurements again and again. */
function jobsOf(claim: typeof bound, own: readonly Measurement[], control: Measurement, cases = 60): Job[] {
  return claim.variants.map((variant) => {
    const job = jobOf(claim, variant.control, 1, trialOf(claim, variant.control, testProfile, errors));
    for (let index = 0; index < cases && !job.trial.settled(); index++) {
      const measurement = variant.control === null ? own[index % own.length]! : control;
      const violation = measurement.kind === 'bound' && measurement.observed > 1;
      const outcome = { status: 'measured' as const, measurement, violation, float64: false };
      job.cases.push({ claim: claim.id, control: variant.control, index, instance: { seed: index }, outcome, seconds: 1 });
      job.trial.add(index, outcome);
    }
    return job;
  });
}

const manifest = {
  claims: [],
  registered: 3,
  seed: 42,
  profile: 'quick' as const,
  subject,
  command: null,
  versions: versions(),
  shard: null,
};
const counterexample = {
  rootSeed: 42,
  seed: 1,
  path: '3:0',
  shrinks: 2,
  instance: { seed: 1 },
  replay: "npx earlytime replay x -- 'it <is>'",
};

async function rendered(jobs: readonly Job[], baseline: readonly BaselineEntry[] = [], kept = new Map()) {
  const circumstances = { counterexample: async () => counterexample, kept, baseline };
  const entries = await Promise.all(claimsOf(jobs).map((claim) => concludeClaim(manifest, claim, jobs, circumstances)));
  const verdicts = verdictsOf(manifest, entries, null);
  const text = page(verdicts, jobs, baseline);
  return { verdicts, text, document: parseHTML(text).document };
}

describe('the template', () => {
  it('escapes strings, and only them', () => {
    expect(
      html`<p title="${'"&\''}">${'<i>'}${markup('<b>')}${[1, html`<u>${'>'}</u>`]}${null}${undefined}${false}</p>`.text,
    ).toBe('<p title="&#34;&#38;&#39;">&#60;i&#62;<b>1<u>&#62;</u></p>');
  });
});

describe('the page', () => {
  const jobs = [
    ...jobsOf(law, [measured(0)], measured(100)),
    ...jobsOf(bound, [measured(0.5), measured(0.7)], measured(3)),
    ...jobsOf(rate, [ladder(-0.6), ladder(-0.5)], ladder(0)),
  ];

  it('has each claim with its formula, pictures with labels, numbers, and the way to do it again', async () => {
    const { document, verdicts } = await rendered(jobs);
    expect(verdicts.asExpected).toBe(true);
    expect(document.querySelector('.banner')!.textContent).toContain(
      'Every verdict is as expected. 3 claims hold, 0 are refuted',
    );
    for (const { id, statement } of verdicts.claims) {
      const article = document.getElementById(id)!;
      expect(article.querySelector('math')).not.toBeNull();
      expect(article.textContent).toContain(statement);
      expect(document.querySelector(`a[href="#${id}"]`)).not.toBeNull();
    }
    for (const picture of document.querySelectorAll('svg')) {
      expect([picture.getAttribute('role'), picture.getAttribute('aria-label')!.length > 20]).toEqual(['img', true]);
      expect(picture.outerHTML).not.toMatch(/NaN|undefined|Infinity/);
    }
    const labels = (id: string) =>
      [...document.getElementById(id)!.querySelectorAll('svg')].map((svg) => svg.getAttribute('aria-label'));
    expect(labels(bound.id)[0]).toContain('the claim 0.5 to 0.7; control: wrong 3 to 3');
    expect(labels(bound.id)[1]).toContain('case 1; at the end: loss of the network 0.7, gap 0.2');
    expect(labels(rate.id)[0]).toMatch(/slope -0.55 between -0.\d+ and -0.\d+, claimed at most -0.24/);
    const rows = [...document.getElementById(bound.id)!.querySelectorAll('table')].map((table) => table.textContent);
    expect(rows.at(-1)).toMatch(/the claim\s*as stated\s*holds/);
    expect(document.getElementById(rate.id)!.textContent).toContain('size 96');
    expect(document.body.textContent).toContain(
      `over all registered claims together at most ${verdicts.errorBudget.falseAlarm} chance`,
    );
    expect(document.body.textContent).toContain(
      'its worst case reaches 0.7 of its bound, the median one 0.7; at most 1 % of the cases may be beyond 1',
    );
  });

  it('says what is not as expected, with the counterexample and its command; strings of others are text', async () => {
    const { document, text } = await rendered(jobsOf(bound, [measured(2)], measured(0.5), 300));
    expect([...document.querySelectorAll('dd')].every((fact) => fact.textContent !== '')).toBe(true);
    expect(document.querySelector('.banner.bad')!.textContent).toContain('1 of 1 verdict not as expected');
    const article = document.getElementById(bound.id)!;
    expect(article.textContent).toContain('refuted, expected: holds; controls not refuted: wrong');
    expect(article.querySelector('pre:last-of-type')!.textContent).toBe(counterexample.replay);
    expect(document.querySelector('script')).toBeNull();
    expect(text).not.toContain('<b>');
    expect(document.body.textContent).toContain(subject.name);
  });

  it('shows the distribution of the baseline, what has drifted, and kept counterexamples', async () => {
    const entry = (claim: string, margins: number[]): BaselineEntry => ({
      claim,
      subject: subject.name,
      backend: subject.backend,
      device: subject.device,
      calibration: calibrationHash(claim),
      profile: 'standard',
      seed: 1,
      reason: 'first',
      expires: null,
      margins,
    });
    const far = Array.from({ length: 200 }, (_, k) => 0.01 + k / 1e5);
    const kept = new Map([[bound.id, [{ file: 'kept.json', violated: true, reason: null }]]]);
    const { document, verdicts } = await rendered(jobs, [entry(bound.id, far), entry(rate.id, [-0.6, -0.5, -0.55])], kept);
    const article = document.getElementById(bound.id)!;
    expect(article.querySelector('svg')!.getAttribute('aria-label')).toContain('baseline 0.01 to 0.012');
    expect(article.textContent).toContain('its margins have drifted from the baseline');
    expect(article.textContent).toContain('kept.json: still violates the claim');
    expect(verdicts.claims[1]).toMatchObject({ asExpected: false, drift: { regressed: true } });
    expect(verdicts.claims[2]).toMatchObject({ asExpected: true, drift: { regressed: false, detectable: null } });
    expect(summary(verdicts)).toMatch(/[Aa]gainst the baseline: its margins have drifted.*kept.json: still violates/s);
  });

  it('draws no curve of nothing, and none beyond numbers', async () => {
    const series = (at: number[], values: number[]) => ({ over: 'step', at, scale: 'log' as const, curves: { loss: values } });
    for (const shown of [series([], []), series([1, 2], [Number.POSITIVE_INFINITY, Number.NaN]), series([1, 2], [0, -1])]) {
      const { document } = await rendered(jobsOf(bound, [{ ...measured(0.5), series: shown } as Measurement], measured(3)));
      expect(document.getElementById(bound.id)!.querySelectorAll('svg')).toHaveLength(1);
    }
    const { text } = await rendered(
      jobsOf(bound, [{ ...measured(0.5), series: series([1, 2], [1, Number.POSITIVE_INFINITY]) } as Measurement], measured(3)),
    );
    expect(text).toContain('at the end: loss Infinity');
  });

  it('is made of records with nothing measured too', async () => {
    const empty = jobsOf(bound, [measured(1)], measured(1), 0);
    const { document } = await rendered(empty);
    expect(document.querySelector('svg')).toBeNull();
    expect(document.body.textContent).toContain('undecided, expected: holds');
  });
});
