import fc from 'fast-check';
import { type Capability, offers } from '../models/capability.js';
import { MissingCapabilityError } from '../support/errors.js';
import { assertDefinition, LONGEST_TITLE } from './assert-definition.js';
import type {
  BoundMeasurement,
  Claim,
  ClaimKind,
  EstimateMeasurement,
  Expectation,
  Instance,
  Laboratory,
  RateMeasurement,
  Stratum,
  Variant,
} from './claim.js';
import type { PassRate } from './pass-rate.js';
import type { ProfileName } from './profile.js';
import { type Instances, isStrata } from './strata.js';

/** A condition of the theorem, in words and as a check. */
export interface Assumption<I> {
  readonly statement: string;
  readonly holds: (instance: I) => boolean;
}

/** A wrong theory that the same test must refute, on instances where it shows: at least half of them violate. */
export interface Control<I, T> {
  readonly id: string;
  readonly statement: string;
  /** Instances of its own, or which of the claim's it is judged on: then what was observed of them is used again. */
  readonly where: Instances<I> | ((instance: I) => boolean);
  /** What the wrong theory changes; nothing when the instances themselves are outside the theorem. */
  readonly theory?: Partial<T>;
  /** The least profile that takes it in; `quick` unless another control shows already that the test has power. */
  readonly profile?: ProfileName;
}

/** A number of the theory. How large an error in it a run notices is measured by `earlytime calibrate --resolution`. */
export interface ScaledNumber<T> {
  /** As in a formula: ζ². */
  readonly name: string;
  /** What the theory becomes where it is that many times as large. */
  readonly scaled: (factor: number) => Partial<T>;
  /** A control in which it is wrong by little more than a run of its profile notices; the standard one unless given. */
  readonly nearMiss?: { readonly id: string; readonly factor: number; readonly profile?: ProfileName };
}

/** What a measure gives of a case of an identity or a bound: what it leaves out is 0, null or empty. */
export type BoundCase = Pick<BoundMeasurement, 'observed' | 'bound'> & Partial<BoundMeasurement>;

/** What a measure gives of a replicate of a ladder. */
export type RateCase = Pick<RateMeasurement, 'points'> & Partial<RateMeasurement>;

/** What a measure gives of a case of an estimate; a tolerance is the author's own unless it names a constant. */
export interface EstimateCase extends Partial<Omit<EstimateMeasurement, 'numbers'>> {
  readonly numbers: Readonly<
    Record<string, Omit<EstimateMeasurement['numbers'][string], 'constant'> & { readonly constant?: string | null }>
  >;
}

interface Definition<I extends Instance, T, M, O> {
  /** `paper/name`. */
  readonly id: string;
  readonly kind: ClaimKind;
  /** What it says, in at most 80 characters; the statement unless given, cut at a word where that is longer. */
  readonly title?: string;
  readonly statement: string;
  /** The statement's formula in LaTeX, for the page. */
  readonly formula?: string;
  /** Ids of the estimates and rates that test its law: a calibrated bound by itself shows only that the distribution reproduces. */
  readonly lawTestedBy?: readonly string[];
  readonly source: { readonly paper: string; readonly place: string };
  /** None unless given. */
  readonly assumptions?: readonly Assumption<I>[];
  /** What it asks of a subject: one that lacks some of it is not tested. Nothing unless given. */
  readonly needs?: readonly Capability[];
  /** How to draw an instance in scope; by strata where the theory depends on a discrete choice. */
  readonly instances: Instances<I>;
  /** The parts of the theory that a control may replace; none unless given. */
  readonly theory?: T;
  /** What of a case no theory changes, as a kernel: it is computed once for the claim and those of its controls that take the case. */
  readonly observe?: (instance: I, laboratory: Laboratory) => Promise<O>;
  readonly measure: (instance: I, theory: T, laboratory: Laboratory, observed: O) => Promise<M>;
  readonly controls: readonly Control<I, T>[];
  /** Numbers of the theory in which an error is to be noticed; none unless given. */
  readonly numbers?: readonly ScaledNumber<T>[];
  /** `holds` unless a reason is given. */
  readonly expected?: { readonly verdict: Expectation; readonly reason: string };
  /** The least profile of a run that takes it in when it is not named; `quick` unless its cases are expensive. */
  readonly profile?: ProfileName;
}

export interface BoundDefinition<I extends Instance, T, O = undefined> extends Definition<I, T, BoundCase, O> {
  readonly kind: 'identity' | 'bound';
  /**
   * Rate of passing that the claim asserts, and the rate at which it counts as broken; a profile may test a lower one. Of a bound .99 and .9 unless given,
   * of an identity 1 − 10⁻⁹ and .7: one failure refutes.
   */
  readonly passRate?: PassRate;
}

export interface RateDefinition<I extends Instance, T, O = undefined> extends Definition<I, T, RateCase, O> {
  readonly kind: 'rate';
  /** The slope of ln(value) on ln(size) is claimed to be at most this. */
  readonly slope: number;
  readonly ladder: readonly number[];
}

export interface EstimateDefinition<I extends Instance, T, O = undefined> extends Definition<I, T, EstimateCase, O> {
  readonly kind: 'estimate';
}

/** What `defineClaim` takes. */
export type ClaimDefinition<I extends Instance, T, O = undefined> =
  | BoundDefinition<I, T, O>
  | RateDefinition<I, T, O>
  | EstimateDefinition<I, T, O>;

/** Pass rate of an identity: rounding is bounded, so one failure refutes; 0.7 makes about 30 straight passes enough. */
const IDENTITY_PASS_RATE: PassRate = { claimed: 1 - 1e-9, broken: 0.7 };
const BOUND_PASS_RATE: PassRate = { claimed: 0.99, broken: 0.9 };

/** The beginning of a statement that is too long for a title. */
function shortened(statement: string): string {
  if (statement.length <= LONGEST_TITLE) return statement;
  const space = statement.lastIndexOf(' ', LONGEST_TITLE - 2);
  return `${statement.slice(0, space > 0 ? space : LONGEST_TITLE - 2)} …`;
}

function passRateOf(kind: 'identity' | 'bound'): PassRate {
  return kind === 'identity' ? IDENTITY_PASS_RATE : BOUND_PASS_RATE;
}

/** What is observed of a case, after what it needs of the subject. */
function observeOf<I extends Instance, T extends object, O>({
  needs = [],
  observe,
}: ClaimDefinition<I, T, O>): Variant['observe'] {
  return async (instance, laboratory) => {
    for (const need of needs) if (!offers(laboratory.subject, need)) throw new MissingCapabilityError(need);
    return observe?.(instance as I, laboratory);
  };
}

/** The measure under a theory, its cases completed by what they leave out. */
function measureOf<I extends Instance, T extends object, O>(
  definition: ClaimDefinition<I, T, O>,
  theory: T,
  observe: Variant['observe'],
): Variant['measure'] {
  return async (instance, laboratory, observed = observe(instance, laboratory)) => {
    const seen = (await observed) as O;
    if (definition.kind === 'rate') {
      return { rounding: null, ...(await definition.measure(instance as I, theory, laboratory, seen)), kind: 'rate' };
    }
    if (definition.kind === 'estimate') {
      const found = await definition.measure(instance as I, theory, laboratory, seen);
      const numbers = Object.entries(found.numbers).map(([name, number]) => [name, { constant: null, ...number }] as const);
      return { quantities: {}, rounding: null, ...found, numbers: Object.fromEntries(numbers), kind: 'estimate' };
    }
    const found = await definition.measure(instance as I, theory, laboratory, seen);
    return { roundoff: 0, constant: null, quantities: {}, rounding: null, ...found, kind: 'bound' };
  };
}

/** The strata of what a definition says, drawn without bias. */
function strataOf<I extends Instance>(instances: Instances<I>): Variant['strata'] {
  const all: { readonly name: string | null; readonly arbitrary: fc.Arbitrary<I> }[] = isStrata(instances)
    ? [...instances.each]
    : [{ name: null, arbitrary: instances }];
  const [first, ...others] = all.map(({ name, arbitrary }): Stratum => ({ name, arbitrary: fc.noBias(arbitrary) }));
  return [first!, ...others];
}

/**
 * Turns a definition into a claim.
 * @throws UsageError for a definition that is not of its form, as from plain JavaScript: an id that is not `paper/name`, an unknown kind, pass rates out of order,
 * a slope or a ladder that is missing, no control for every profile, or two controls of one id.
 */
export function defineClaim<I extends Instance, T extends object, O = undefined>(definition: ClaimDefinition<I, T, O>): Claim {
  assertDefinition(definition);
  const { id, instances, controls, expected, assumptions = [], numbers = [] } = definition;
  // A claim whose theory has no parts has no control that replaces one.
  const theory = definition.theory ?? ({} as T);
  const observe = observeOf(definition);
  const own = strataOf(instances);
  const scopeViolation = (instance: Instance) => assumptions.find(({ holds }) => !holds(instance as I))?.statement ?? null;
  const wrongOf = (wrong: Partial<T> | undefined) => measureOf(definition, { ...theory, ...wrong }, observe);
  /** On the claim's own cases, as it is judged itself. */
  const offBy = (factor: number, { name, scaled, nearMiss }: ScaledNumber<T>): Variant => ({
    control: nearMiss?.id ?? name,
    statement: `${name} × ${factor}`,
    profile: nearMiss?.profile ?? 'standard',
    strata: own,
    nearMiss: true,
    takes: (instance) => scopeViolation(instance) === null,
    scopeViolation: () => null,
    observe,
    measure: wrongOf(scaled(factor)),
  });
  return {
    id,
    kind: definition.kind,
    title: definition.title ?? shortened(definition.statement),
    statement: definition.statement,
    formula: definition.formula ?? null,
    lawTestedBy: definition.lawTestedBy ?? [],
    source: definition.source,
    assumptions: assumptions.map(({ statement }) => statement),
    needs: definition.needs ?? [],
    expected: expected ?? { verdict: 'holds', reason: null },
    factor: isStrata(instances) ? instances.factor : null,
    passRate:
      definition.kind === 'identity' || definition.kind === 'bound' ? (definition.passRate ?? passRateOf(definition.kind)) : null,
    rate: definition.kind === 'rate' ? { slope: definition.slope, ladder: definition.ladder } : null,
    profile: definition.profile ?? 'quick',
    numbers: numbers.map((number) => ({ name: number.name, scaled: (factor) => offBy(factor, number) })),
    variants: [
      {
        control: null,
        statement: definition.statement,
        profile: 'quick',
        strata: own,
        nearMiss: false,
        takes: null,
        scopeViolation,
        observe,
        measure: measureOf(definition, theory, observe),
      },
      ...controls.map(({ id: control, statement, profile = 'quick', where, theory: wrong }): Variant => {
        const shared = typeof where === 'function';
        return {
          control,
          statement,
          profile,
          strata: shared ? own : strataOf(where),
          nearMiss: false,
          takes: shared ? (instance) => scopeViolation(instance) === null && where(instance as I) : null,
          scopeViolation: () => null,
          observe,
          measure: wrongOf(wrong),
        };
      }),
      ...numbers.flatMap((number) => (number.nearMiss ? [offBy(number.nearMiss.factor, number)] : [])),
    ],
  };
}
