import { describe, expect, it } from 'vitest';
import type { Outcome } from '../record/outcome.js';
import { boundOutcome } from '../testing/outcomes.js';
import { sequentialEvidence } from './evidence.js';
import { singleTrial } from './single-trial.js';
import { stratified } from './stratified.js';
import { type Trial, verdictOf } from './trial.js';

const names = ['erf', 'relu', 'tanh'] as const;
type Name = (typeof names)[number];
const errors = { falseAlarm: 1e-4, falsePass: 1e-2 };

/** A trial of three strata, each with room for ten cases, of which it takes three passes to hold. */
function trialOfThree(): Trial {
  const stratum = () =>
    singleTrial(sequentialEvidence({ claimed: 0.999, broken: 0.2 }, errors, false), { cap: 10, planned: 10 }, errors);
  return stratified(
    names.map((name) => ({ name, trial: stratum() })),
    errors,
  );
}

const pass = boundOutcome(false);
const violation = boundOutcome(true);
const limited: Outcome = { status: 'inapplicable', reason: 'the subject has no erf', limited: true };
const outside: Outcome = { status: 'inapplicable', reason: 'outside' };

/** The verdict where all cases of a stratum come out alike. */
function judged(outcomes: Readonly<Record<Name, Outcome>>) {
  const trial = trialOfThree();
  for (let index = 0; index < trial.cap && !trial.settled(); index++) {
    if (trial.wants(index)) trial.add(index, outcomes[names[index % 3]!]);
  }
  return { verdict: verdictOf(trial.result()), settled: trial.settled(), ...trial.result() };
}

describe('a trial of several strata', () => {
  it('holds when each does, with as many cases of each', () => {
    const result = judged({ erf: pass, relu: pass, tanh: pass });
    expect(result).toMatchObject({ verdict: 'holds', settled: true, violations: 0 });
    expect(new Set(result.strata.map((stratum) => stratum.result.cases)).size).toBe(1);
  });

  it('is refuted when one is, and by the case of that one', () => {
    const result = judged({ erf: pass, relu: violation, tanh: pass });
    expect(result).toMatchObject({ verdict: 'refuted', settled: true });
    expect(result.worstIndex! % 3).toBe(1);
  });

  it.each([limited, outside])('is judged on those that have cases ($reason)', (none) => {
    expect(judged({ erf: none, relu: pass, tanh: none })).toMatchObject({ verdict: 'holds', settled: true, inapplicable: 20 });
    expect(judged({ erf: none, relu: violation, tanh: none })).toMatchObject({ verdict: 'refuted' });
  });

  it('says nothing where none has, nor while one has not ended', () => {
    expect(judged({ erf: limited, relu: limited, tanh: limited }).verdict).not.toBe('holds');
    const open = trialOfThree();
    for (let index = 1; index < 27; index += 3) open.add(index, pass);
    expect(open.settled()).toBe(false);
    expect(verdictOf(open.result())).toBe('undecided');
  });
});
