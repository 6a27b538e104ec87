import { describe, expect, it } from 'vitest';
import { trialOf } from '../judge/trial.js';
import type { Outcome } from '../record/outcome.js';
import { type ClaimVerdict, type Verdicts, verdictsSchema } from '../record/verdicts.js';
import { claimVerdict } from '../run/claim-verdict.js';
import { versions } from '../support/versions.js';
import { boundOutcome } from '../testing/outcomes.js';
import { testProfile } from '../testing/profile.js';
import { toyClaims } from '../testing/toy-claims.js';
import { summary } from './summary.js';

const errors = { falseAlarm: 1e-4, falsePass: 1e-4 };
const { bound, rate } = toyClaims;

const outcome = (violation: boolean) => boundOutcome(violation, 0.01);
const ladder = (exponent: number): Outcome => ({
  status: 'measured',
  measurement: { kind: 'rate', points: [1, 2].map((size) => ({ size, value: size ** exponent })), rounding: null },
  violation: false,
  float64: false,
});
const crashed: Outcome = { status: 'unmeasured', reason: 'device lost | <now>' };

/** The entry of a claim whose own cases and controls all end as given. */
function entry(claim: typeof bound, own: Outcome, controls: Outcome, count = 300, controlCount = 300): ClaimVerdict {
  const run = (control: string | null, result: Outcome, cases: number) => {
    const trial = trialOf(claim, control, testProfile, errors);
    for (let k = 0; k < cases && !trial.settled(); k++) trial.add(k, result);
    return trial;
  };
  const counterexample =
    own.status === 'measured' && own.violation
      ? {
          rootSeed: 42,
          seed: 1,
          path: '3:0',
          shrinks: 2,
          instance: { seed: 1 },
          replay: 'npx earlytime replay x --seed 1 --path 3:0',
        }
      : null;
  return claimVerdict(
    {
      claim,
      trial: run(null, own, count),
      controls: claim.variants.slice(1).map(({ control }) => ({ id: control!, trial: run(control, controls, controlCount) })),
      counterexample,
      profile: 'quick',
      seconds: 1.23456,
    },
    errors,
  );
}
const verdicts = (...entries: ClaimVerdict[]): Verdicts => ({
  schema: 1,
  seed: 42,
  profile: 'quick',
  shard: null,
  versions: versions(),
  subject: { name: 'earlytime', backend: 'wasm', device: 'test', roundoff: { inputs: 0, accumulator: 2 ** -24 } },
  errorBudget: { falseAlarm: 1e-3, falsePass: 1e-3, perClaim: errors },
  asExpected: entries.every(({ asExpected }) => asExpected),
  claims: entries,
});

const good = entry(bound, outcome(false), outcome(true));
const refuted = entry(bound, outcome(true), outcome(true));
const weak = entry(bound, outcome(false), outcome(false));
const open = entry(bound, outcome(false), outcome(true), 5);
const broken = entry(bound, crashed, outcome(true));
const slope = entry(rate, ladder(-0.6), ladder(0));

describe('verdicts', () => {
  it('follow the schema, through JSON as well', () => {
    const all = verdicts(good, refuted, weak, open, broken, slope, entry(rate, ladder(-0.6), ladder(0), 3));
    expect(verdictsSchema.parse(JSON.parse(JSON.stringify(all)))).toEqual(all);
  });

  it('say what was found', () => {
    expect(good).toMatchObject({
      kind: 'bound',
      verdict: 'holds',
      asExpected: true,
      medianRatio: 0.5,
      worstRatio: 0.5,
      pValue: 1,
    });
    expect(good).toMatchObject({
      passRate: { claimed: 0.99, broken: 0.8 },
      rounding: { worstErrorOverBudget: 0.01, reason: null },
    });
    expect(good.calibration).toBeNull();
    expect(refuted).toMatchObject({ verdict: 'refuted', asExpected: false, detectableViolationRate: null });
    expect(weak).toMatchObject({ verdict: 'holds', asExpected: false });
    expect(open).toMatchObject({ verdict: 'undecided', reason: 'the budget ended after 5 cases', asExpected: false });
    expect(entry(bound, outcome(false), outcome(true), 1).reason).toBe('the budget ended after 1 case');
    expect(broken).toMatchObject({ verdict: 'unmeasured', reason: 'device lost | <now>', medianRatio: null, pValue: null });
    expect(slope).toMatchObject({
      kind: 'rate',
      verdict: 'holds',
      slope: { claimed: -0.24, ladder: [16, 32, 64, 96], replicates: 20 },
    });
  });
});

describe('the summary', () => {
  it('shows verdicts, evidence and sureness, and the counterexample with its command', () => {
    const text = summary(verdicts(good, refuted, broken, slope));
    expect(text).toContain('**1 of 4 verdicts not as expected: paper/bound.**');
    expect(text).toContain('| paper/bound | holds | 0 of 44 violate; observed/bound median 0.5, worst 0.5 |');
    expect(text).toContain('**refuted** (expected holds)');
    expect(text).toContain('slope -0.6 [-0.6, -0.6] over 20 ladders; claimed ≤ -0.24');
    expect(text).toContain('npx earlytime replay x --seed 1 --path 3:0');
    expect(text).toContain('device lost | <now>');
    expect(summary(verdicts(good))).toContain('Every verdict is as expected.');
    expect(summary(verdicts(entry(rate, ladder(-1), ladder(0), 3)))).toContain('3 ladders');
  });
});
