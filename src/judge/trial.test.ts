import { describe, expect, it } from 'vitest';
import { stream } from '../math/random.js';
import type { Outcome } from '../record/outcome.js';
import { boundOutcome } from '../testing/outcomes.js';
import { testProfile } from '../testing/profile.js';
import { toyClaims } from '../testing/toy-claims.js';
import { type Trial, trialOf, verdictOf } from './trial.js';

const { bound, rate } = toyClaims;
const errors = { falseAlarm: 1e-4, falsePass: 1e-4 };

const measured = boundOutcome;
const unmeasured: Outcome = { status: 'unmeasured', reason: 'crashed' };
const inapplicable: Outcome = { status: 'inapplicable', reason: 'outside' };
const ladder = (exponent: number): Outcome => ({
  status: 'measured',
  measurement: { kind: 'rate', points: [1, 2].map((size) => ({ size, value: size ** exponent })), rounding: null },
  violation: false,
  float64: false,
});

/** Feeds outcomes until the trial is settled or they are used up. */
function feed(trial: Trial, outcomes: readonly Outcome[]): Trial {
  for (const [index, outcome] of outcomes.entries()) {
    if (trial.settled()) break;
    trial.add(index, outcome);
  }
  return trial;
}
const many = (count: number, outcome: Outcome) => Array.from({ length: count }, () => outcome);

describe('a bound', () => {
  const trial = () => trialOf(bound, null, testProfile, errors);

  it('holds after straight passes, with the broken rate of the profile', () => {
    const result = feed(trial(), many(100, measured(false, 0.1))).result();
    expect(verdictOf(result)).toBe('holds');
    expect(result.test!.rates).toEqual({ claimed: 0.99, broken: 0.8 });
    expect(result).toMatchObject({ cases: 44, violations: 0, worstRounding: 0.1, worstIndex: null });
  });

  it('is refuted after straight violations, and remembers the first', () => {
    const result = feed(trial(), [measured(false), ...many(10, measured(true, 0.3))]).result();
    expect(verdictOf(result)).toBe('refuted');
    expect(result).toMatchObject({ worstIndex: 1, violations: 4, worstRounding: 0.3 });
  });

  it('needs as many further cases as it says', () => {
    const open = trial();
    expect(open.fewest()).toBe(4);
    feed(open, many(42, measured(false)));
    expect(open.fewest()).toBe(2);
    feed(open, many(2, measured(false)));
    expect(open.fewest()).toBe(0);
    open.add(44, measured(true));
    expect(open.result().violations).toBe(0);
  });

  it('is undecided when cut short, never holding', () => {
    expect(verdictOf(trial().result())).toBe('undecided');
    expect(verdictOf(feed(trial(), many(43, measured(false))).result())).toBe('undecided');
  });

  it('is undecided when the cap ends a wandering test', () => {
    const wandering = trial();
    for (let k = 0; !wandering.settled(); k++) wandering.add(k, measured(k % 16 === 3));
    expect(wandering.result().cases).toBe(200);
    expect(verdictOf(wandering.result())).toBe('undecided');
  });

  it('is unmeasured when cases that were not measured would refute it', () => {
    const result = feed(trial(), many(10, unmeasured)).result();
    expect(verdictOf(result)).toBe('unmeasured');
    expect(result).toMatchObject({ unmeasured: 4, reason: 'crashed', cases: 0 });
  });

  it('counts a case that was not measured as a violation where it would accept', () => {
    const violation = feed(trial(), [measured(true), ...many(100, measured(false))]).result();
    const crash = feed(trial(), [unmeasured, ...many(100, measured(false))]).result();
    expect([verdictOf(crash), crash.unmeasured, crash.reason]).toEqual(['holds', 1, 'crashed']);
    expect(crash.cases).toBe(violation.cases - 1);
    expect(crash.cases).toBeGreaterThan(44);
  });

  it('is unmeasured where the float64 reference had to decide most of its cases, or rounding set them aside', () => {
    const onReference: Outcome = { ...measured(false), float64: true };
    const setAside: Outcome = { status: 'inapplicable', reason: 'rounding', setAside: true };
    for (const borrowed of [onReference, setAside]) {
      const result = feed(trial(), many(50, borrowed)).result();
      expect(verdictOf(result)).toBe('unmeasured');
      expect(result.reason).toMatch(/too many for a verdict on the subject/);
    }
    const few = feed(
      trial(),
      Array.from({ length: 100 }, (_, k) => (k % 10 === 3 ? onReference : measured(false))),
    ).result();
    expect([verdictOf(few), few.onReference]).toEqual(['holds', 5]);
  });

  it('never refutes for a case that was not measured', () => {
    const outcomes = [measured(true), measured(true), unmeasured, unmeasured];
    expect(verdictOf(feed(trial(), outcomes).result())).toBe('undecided');
    expect(verdictOf(feed(trial(), [...outcomes, ...many(2, measured(true))]).result())).toBe('refuted');
  });

  it('of an identity survives neither a violation nor a crash, however late', () => {
    const { identity } = toyClaims;
    for (const budget of [errors, { falseAlarm: 1e-11, falsePass: 1e-8 }]) {
      const late = [...many(20, measured(false)), measured(true), ...many(200, measured(false))];
      const strict = { ...testProfile, broken: 0.9 };
      expect(verdictOf(feed(trialOf(identity, null, strict, budget), late).result())).toBe('refuted');
      const lost = late.map((outcome) => (outcome.status === 'measured' && outcome.violation ? unmeasured : outcome));
      expect(verdictOf(feed(trialOf(identity, null, strict, budget), lost).result())).toBe('unmeasured');
    }
    const result = feed(trialOf(identity, null, testProfile, errors), [
      measured(false),
      unmeasured,
      ...many(100, measured(false)),
    ]).result();
    expect([verdictOf(result), result.cases]).toEqual(['unmeasured', 1]);
  });

  it('says why it was not measured, not why other cases were out of scope; a disagreement weighs most', () => {
    const disagrees: Outcome = { status: 'unmeasured', reason: 'differs', disagrees: true };
    expect(feed(trial(), [inapplicable, unmeasured]).result().reason).toBe('crashed');
    expect(feed(trial(), [inapplicable, unmeasured, disagrees]).result()).toMatchObject({ reason: 'differs', untrusted: true });
  });

  it('knows what its subject does not know, and what never asked it', () => {
    const limited: Outcome = { status: 'inapplicable', reason: 'no tanh', limited: true };
    expect(feed(trial(), many(60, limited)).result().limited).toBe(true);
    expect(feed(trial(), [inapplicable, ...many(60, limited)]).result().limited).toBe(false);
    expect(feed(trial(), [limited, ...many(60, measured(false))]).result()).toMatchObject({ limited: false, untouched: false });
    const untouched: Outcome = { ...measured(false), untouched: true } as Outcome;
    expect(feed(trial(), many(60, untouched)).result().untouched).toBe(true);
    expect(feed(trial(), [measured(false), ...many(60, untouched)]).result().untouched).toBe(false);
  });

  it('is inapplicable when no case is in scope, and skips the ones that are not', () => {
    expect(verdictOf(feed(trial(), many(60, inapplicable)).result())).toBe('inapplicable');
    const mixed = feed(trial(), [inapplicable, ...many(100, measured(false))]).result();
    expect(verdictOf(mixed)).toBe('holds');
    expect(mixed).toMatchObject({ inapplicable: 1, cases: 44 });
  });
});

describe('a rate', () => {
  it('is unmeasured when a ladder is', () => {
    expect(verdictOf(feed(trialOf(rate, null, testProfile, errors), [ladder(-0.5), unmeasured]).result())).toBe('unmeasured');
  });

  const spread = (exponent: number, count: number) => Array.from({ length: count }, (_, k) => ladder(exponent + 0.01 * (k % 3)));

  it('holds, is refuted, or stays undecided by its interval', () => {
    expect(verdictOf(feed(trialOf(rate, null, testProfile, errors), spread(-0.5, 20)).result())).toBe('holds');
    expect(verdictOf(feed(trialOf(rate, null, testProfile, errors), spread(-0.1, 20)).result())).toBe('refuted');
    expect(verdictOf(feed(trialOf(rate, null, testProfile, errors), spread(-0.25, 20)).result())).toBe('undecided');
  });

  it('takes all of its replicates, fewer for a control, and names the worst ladder', () => {
    const trial = trialOf(rate, null, testProfile, errors);
    expect(trial.fewest()).toBe(20);
    feed(trial, spread(-0.1, 19));
    expect(trial.settled()).toBe(false);
    expect(trial.result().slope).toBeNull();
    trial.add(19, ladder(0.7));
    expect(trial.settled()).toBe(true);
    expect(trial.result().worstIndex).toBe(19);
    expect(trialOf(rate, 'wrong', testProfile, errors).fewest()).toBe(12);
  });

  const looking = { ...testProfile, replicates: [12, 16, 20] };

  it('ends at the first look that decides', () => {
    const clear = feed(trialOf(rate, null, looking, errors), spread(-0.5, 20)).result();
    expect(verdictOf(clear)).toBe('holds');
    expect(clear).toMatchObject({ cases: 12, slope: { replicates: 12 } });
    const close = trialOf(rate, null, looking, errors);
    feed(close, spread(-0.25, 13));
    expect(close.result().slope).toBeNull();
    expect(close.fewest()).toBe(3);
    expect(feed(close, spread(-0.25, 10)).result()).toMatchObject({ cases: 20, decision: 'continue' });
  });

  it('errs at all looks together as rarely as it says', () => {
    const random = stream('looks');
    const RUNS = 4000;
    const counts = { accept: 0, reject: 0, continue: 0 };
    for (let run = 0; run < RUNS; run++) {
      const trial = trialOf(rate, null, looking, { falseAlarm: 0.02, falsePass: 0.05 });
      for (let k = 0; !trial.settled(); k++) trial.add(k, ladder(-0.24 + 0.1 * random.gaussian()));
      counts[trial.result().decision]++;
    }
    // Three looks at one sequence overlap, so that together they err less than the sum of their parts, and more than one of them.
    expect(counts.reject / RUNS).toBeLessThan(0.02);
    expect(counts.reject / RUNS).toBeGreaterThan(0.02 / 3);
    expect(counts.accept / RUNS).toBeLessThan(0.05);
    expect(counts.accept / RUNS).toBeGreaterThan(0.05 / 3);
  });
});
