import type { Outcome } from '../record/outcome.js';

/** The outcome of a case of a bound at 2. */
export function boundOutcome(violation: boolean, rounding: number | null = null): Extract<Outcome, { status: 'measured' }> {
  const observed = violation ? 3 : 1;
  const measurement = { kind: 'bound', observed, bound: 2, roundoff: 0, constant: null, quantities: {}, rounding } as const;
  return { status: 'measured', measurement, violation, float64: false };
}
