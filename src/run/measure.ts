import type { BoundMeasurement, Claim, Instance, Laboratory, Measurement, RateMeasurement, Variant } from '../claim/claim.js';
import type { Outcome } from '../record/outcome.js';
import { referenceSubject } from '../subject/reference.js';
import type { Subject } from '../subject/subject.js';
import { watching } from '../subject/watching.js';
import {
  DisagreementError,
  InapplicableError,
  LimitError,
  MissingCapabilityError,
  messageOf,
  UsageError,
} from '../support/errors.js';

type Constants = Laboratory['constant'];

/** Pass, violation, or too close to call within the rounding of the subject. */
function judged({ observed, bound, roundoff }: BoundMeasurement): boolean | null {
  if (observed + roundoff <= bound) return false;
  return observed - roundoff > bound ? true : null;
}

/**
 * Measures one case. A case that lies within rounding of its bound is measured again with the float64 reference as subject; what
 * is then still too close to call counts as a violation, for a bound must be seen to hold.
 */
export async function measureCase(variant: Variant, instance: Instance, subject: Subject, constant: Constants): Promise<Outcome> {
  const reason = variant.scopeViolation(instance);
  if (reason !== null) return { status: 'inapplicable', reason: `outside the theorem, which asks: ${reason}` };
  let touched = false;
  const watched = watching(subject, () => {
    touched = true;
  });
  try {
    const measurement = finite(await variant.measure(instance, { subject: watched, constant }));
    const measured = {
      status: 'measured',
      measurement,
      violation: false,
      float64: false,
      ...(!touched && { untouched: true }),
    } as const;
    if (measurement.kind === 'rate') return measured;
    const violation = judged(measurement);
    if (violation !== null) return { ...measured, violation };
    const again = finite(await variant.measure(instance, { subject: referenceSubject, constant })) as BoundMeasurement;
    return {
      ...measured,
      measurement: { ...again, rounding: measurement.rounding },
      violation: judged(again) ?? true,
      float64: true,
    };
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    if (cause instanceof InapplicableError) {
      return { status: 'inapplicable', reason: cause.message, ...(cause instanceof LimitError && { limited: true }) };
    }
    return {
      status: 'unmeasured',
      reason: messageOf(cause),
      ...(cause instanceof DisagreementError && { disagrees: true }),
      ...(cause instanceof MissingCapabilityError && { missing: true }),
    };
  }
}

function finite(measurement: Measurement): Measurement {
  const numbers: readonly (readonly [name: string, value: unknown])[] =
    measurement.kind === 'rate'
      ? measurement.points.map(({ size, value }) => [`the value at size ${size}`, value])
      : (['observed', 'bound', 'roundoff'] as const).map((name) => [name, measurement[name]]);
  const wrong = numbers.find(([, value]) => !Number.isFinite(value));
  if (!wrong && measurement.kind === 'rate') assertLadder(measurement.points);
  if (!wrong) return measurement;
  throw new Error(
    `of the measurement, ${wrong[0]} ${wrong[1] === undefined ? 'is missing' : `is not a finite number: ${wrong[1]}`}`,
  );
}

/** A slope in logarithms needs two sizes, and positive numbers. */
function assertLadder(points: RateMeasurement['points']): void {
  const low = points.find(({ size, value }) => !(size > 0 && value > 0));
  if (low) throw new Error(`a ladder needs positive sizes and values, found ${low.value} at size ${low.size}`);
  if (new Set(points.map(({ size }) => size)).size < 2) throw new Error('a ladder needs two sizes');
}

/** The variant of a claim that is named by its control, or the claim itself. @throws UsageError for an unknown control. */
export function variantOf(claim: Claim, control: string | null): Variant {
  const found = claim.variants.find((variant) => variant.control === control);
  if (found) return found;
  throw new UsageError({ problem: `claim ${claim.id} has no control '${control}'` });
}
