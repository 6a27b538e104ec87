import { describe, expect, it } from 'vitest';
import { toyVerdict } from '../testing/toy-verdict.js';
import { driftText } from './evidence.js';
import { counterexampleLines, reasons } from './reasons.js';
import type { ClaimVerdict } from './verdicts.js';

type Control = ClaimVerdict['controls'][number];
const control = (id: string, verdict: Control['verdict'], reason: string | null): Control => ({
  id,
  verdict,
  cases: 4,
  violations: 0,
  settled: true,
  reason,
});
describe('why a claim does not stand as it should', () => {
  it('says a reason that eight controls share once', () => {
    const controls = Array.from({ length: 8 }, (_, k) => control(`c${k}`, 'unmeasured', 'the program died'));
    expect(reasons(toyVerdict({ controls }))).toEqual(['8 controls (c0, c1, c2 and 5 more) not refuted: the program died']);
    const both = toyVerdict({ verdict: 'unmeasured', reason: 'the program died', controls });
    expect(reasons(both)).toEqual([
      'unmeasured, expected holds (the program died)',
      '8 controls (c0, c1, c2 and 5 more) not refuted: for the same reason',
    ]);
  });

  it('does not take why a case was out of scope for why a control was not refuted', () => {
    const held = toyVerdict({ controls: [control('weak', 'holds', 'outside what float32 carries')] });
    expect(reasons(held)).toEqual([
      'control weak was not refuted: holds after 4 cases; the test would not notice this wrong theory',
    ]);
  });

  it('says what could not be measured of a claim that holds all the same, and nothing of one that is missing', () => {
    expect(reasons(toyVerdict({ unmeasured: 1, reason: 'crashed' }))).toEqual([
      '1 case could not be measured, and counted as failed: crashed',
    ]);
    expect(reasons(toyVerdict({ verdict: 'unmeasured', missing: true, reason: 'no predict' }))).toEqual([]);
    expect(counterexampleLines(toyVerdict({}))).toEqual([]);
  });
});

describe('what a comparison with a baseline says', () => {
  const drift = {
    regressed: false,
    reason: null,
    pValue: 0.3,
    level: 1e-5,
    cases: 5,
    baselineCases: 40,
    median: 1,
    baselineMedian: 1,
  };
  const text = (more: object) => driftText({ kind: 'bound', drift: { ...drift, detectable: null, ...more } });

  it('does not take a test without power for one that saw nothing', () => {
    expect(text({ needed: 23 })).toContain('too few to see any drift, so that nothing is said of one: it takes 23 cases');
    expect(text({ needed: null })).toContain('nothing is said of one: record a baseline of more cases');
    expect(text({ detectable: 1.5 })).toContain('a drift by a factor of 1.5 would be seen with probability .9');
  });
});
