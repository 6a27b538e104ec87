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

/** What became of a case under one theory, and the seconds that it took. */
export interface Measured {
  readonly outcome: Outcome;
  readonly seconds: number;
}

/**
 * Measures one case under the theories of these variants of a claim, which observe it once. A case that lies within rounding of its bound is measured again
 * with the float64 reference as subject; what is then still too close to call counts as a violation, for a bound must be seen to hold.
 */
export async function measureCases(
  variants: readonly Variant[],
  instance: Instance,
  subject: Subject,
  constant: Constants,
): Promise<Measured[]> {
  let touched = false;
  const watched = watching(subject, () => {
    touched = true;
  });
  const laboratory = { subject: watched, constant };
  const inFloat64 = { subject: referenceSubject, constant };
  const observe = once(({ observe: observed }) => observed(instance, laboratory));
  const observeAgain = once(({ observe: observed }) => observed(instance, inFloat64));
  const measured: Measured[] = [];
  for (const variant of variants) {
    const start = performance.now();
    const outcome = await outcomeOf(
      variant,
      instance,
      () => variant.measure(instance, laboratory, observe(variant)),
      () => variant.measure(instance, inFloat64, observeAgain(variant)),
      () => touched,
    );
    measured.push({ outcome, seconds: (performance.now() - start) / 1000 });
  }
  return measured;
}

/** The same of one variant. */
export async function measureCase(variant: Variant, instance: Instance, subject: Subject, constant: Constants): Promise<Outcome> {
  const [{ outcome }] = (await measureCases([variant], instance, subject, constant)) as [Measured];
  return outcome;
}

/** Variants of one claim observe alike: the first that asks does it for all. */
function once(observe: (variant: Variant) => Promise<unknown>): (variant: Variant) => Promise<unknown> {
  let observed: Promise<unknown> | undefined;
  return (variant) => {
    observed ??= observe(variant);
    return observed;
  };
}

async function outcomeOf(
  variant: Variant,
  instance: Instance,
  measure: () => Promise<Measurement>,
  measureAgain: () => Promise<Measurement>,
  touched: () => boolean,
): Promise<Outcome> {
  const reason = variant.scopeViolation(instance);
  if (reason !== null) return { status: 'inapplicable', reason: `outside the theorem, which asks: ${reason}` };
  try {
    const measurement = finite(await measure());
    const measured = {
      status: 'measured',
      measurement,
      violation: false,
      float64: false,
      ...(!touched() && { untouched: true }),
    } as const;
    if (measurement.kind !== 'bound') return measured;
    const violation = judged(measurement);
    if (violation !== null) return { ...measured, violation };
    const again = finite(await measureAgain()) as BoundMeasurement;
    return {
      ...measured,
      measurement: { ...again, rounding: measurement.rounding },
      violation: judged(again) ?? true,
      float64: true,
    };
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    if (cause instanceof InapplicableError) {
      return {
        status: 'inapplicable',
        reason: cause.message,
        ...(cause instanceof LimitError ? { limited: true } : { setAside: true }),
      };
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
  const wrong = numbersOf(measurement).find(([, value]) => !Number.isFinite(value));
  if (!wrong && measurement.kind === 'rate') assertLadder(measurement.points);
  if (!wrong) return measurement;
  throw new Error(
    `of the measurement, ${wrong[0]} ${wrong[1] === undefined ? 'is missing' : `is not a finite number: ${wrong[1]}`}`,
  );
}

function numbersOf(measurement: Measurement): readonly (readonly [name: string, value: unknown])[] {
  if (measurement.kind === 'bound') return (['observed', 'bound', 'roundoff'] as const).map((name) => [name, measurement[name]]);
  if (measurement.kind === 'rate') return measurement.points.map(({ size, value }) => [`the value at size ${size}`, value]);
  return Object.entries(measurement.numbers).flatMap(([name, { estimate, predicted, unit = predicted, tolerance }]) => [
    [`the estimate of ${name}`, estimate] as const,
    [`the prediction of ${name}`, predicted] as const,
    // Neither may be 0: a deviation is measured in units, and against the tolerance.
    [`the unit of ${name}`, 1 / unit] as const,
    [`the tolerance of ${name}`, 1 / tolerance] as const,
  ]);
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
