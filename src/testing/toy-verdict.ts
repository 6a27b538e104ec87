import { judged } from '../record/standing.js';
import type { ClaimVerdict } from '../record/verdicts.js';

let number = 0;

/** The entry of a claim that is of no paper, which holds but for what is given. */
export function toyVerdict(more: Partial<ClaimVerdict> = {}): ClaimVerdict {
  return judged({
    id: `paper/claim-${number++}`,
    kind: 'bound',
    statement: 's',
    verdict: 'holds',
    expected: 'holds',
    missing: false,
    reason: null,
    cases: 9,
    violations: 0,
    inapplicable: 0,
    unmeasured: 0,
    calibration: null,
    rounding: { worstErrorOverBudget: null, reason: 'none' },
    controls: [],
    counterexample: null,
    timing: { seconds: 1 },
    passRate: { claimed: 0.99, broken: 0.9 },
    detectableViolationRate: null,
    pValue: null,
    worstRatio: 1,
    medianRatio: 1,
    ...more,
  } as ClaimVerdict);
}
