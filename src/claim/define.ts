import fc from 'fast-check';
import { z } from 'zod';
import { type Capability, capabilities, offers } from '../models/capability.js';
import { MissingCapabilityError, UsageError } from '../support/errors.js';
import type { BoundMeasurement, Claim, ClaimKind, Expectation, Instance, Laboratory, RateMeasurement, Variant } from './claim.js';
import type { PassRate } from './pass-rate.js';
import { type ProfileName, profiles } from './profile.js';

/** A condition of the theorem, in words and as a check. */
export interface Assumption<I> {
  readonly statement: string;
  readonly holds: (instance: I) => boolean;
}

/** A wrong theory that the same test must refute, on instances where it shows: at least half of them violate. */
export interface Control<I, T> {
  readonly id: string;
  readonly statement: string;
  readonly where: fc.Arbitrary<I>;
  /** What the wrong theory changes; nothing when the instances themselves are outside the theorem. */
  readonly theory?: Partial<T>;
  /** The least profile that takes it in; `quick` unless another control shows already that the test has power. */
  readonly profile?: ProfileName;
}

/** What a measure gives of a case of an identity or a bound: what it leaves out is 0, null or empty. */
export type BoundCase = Pick<BoundMeasurement, 'observed' | 'bound'> & Partial<BoundMeasurement>;

/** What a measure gives of a replicate of a ladder. */
export type RateCase = Pick<RateMeasurement, 'points'> & Partial<RateMeasurement>;

interface Definition<I extends Instance, T, M> {
  /** `paper/name`. */
  readonly id: string;
  readonly kind: ClaimKind;
  /** What it says, in at most 80 characters; the statement unless given, cut at a word where that is longer. */
  readonly title?: string;
  readonly statement: string;
  /** The statement's formula in LaTeX, for the page. */
  readonly formula?: string;
  readonly source: { readonly paper: string; readonly place: string };
  /** None unless given. */
  readonly assumptions?: readonly Assumption<I>[];
  /** What it asks of a subject: one that lacks some of it is not tested. Nothing unless given. */
  readonly needs?: readonly Capability[];
  /** How to draw an instance in scope. */
  readonly instances: fc.Arbitrary<I>;
  /** The parts of the theory that a control may replace; none unless given. */
  readonly theory?: T;
  readonly measure: (instance: I, theory: T, laboratory: Laboratory) => Promise<M>;
  readonly controls: readonly Control<I, T>[];
  /** `holds` unless a reason is given. */
  readonly expected?: { readonly verdict: Expectation; readonly reason: string };
  /** The least profile of a run that takes it in when it is not named; `quick` unless its cases are expensive. */
  readonly profile?: ProfileName;
}

export interface BoundDefinition<I extends Instance, T> extends Definition<I, T, BoundCase> {
  readonly kind: 'identity' | 'bound';
  /**
   * Rate of passing that the claim asserts, and the rate at which it counts as broken; a profile may test a lower one. Of a bound .99 and .9 unless given,
   * of an identity 1 − 10⁻⁹ and .7: one failure refutes.
   */
  readonly passRate?: PassRate;
}

export interface RateDefinition<I extends Instance, T> extends Definition<I, T, RateCase> {
  readonly kind: 'rate';
  /** The slope of ln(value) on ln(size) is claimed to be at most this. */
  readonly slope: number;
  readonly ladder: readonly number[];
}

/** Pass rate of an identity: rounding is bounded, so one failure refutes; 0.7 makes about 30 straight passes enough. */
const IDENTITY_PASS_RATE: PassRate = { claimed: 1 - 1e-9, broken: 0.7 };
const BOUND_PASS_RATE: PassRate = { claimed: 0.99, broken: 0.9 };

/** Characters of a title at most: a line of a terminal. */
const LONGEST_TITLE = 80;

/** The beginning of a statement that is too long for a title. */
function shortened(statement: string): string {
  if (statement.length <= LONGEST_TITLE) return statement;
  const space = statement.lastIndexOf(' ', LONGEST_TITLE - 2);
  return `${statement.slice(0, space > 0 ? space : LONGEST_TITLE - 2)} …`;
}

const text = z.string({ error: 'expected a text' }).min(1, { error: 'expected a text that is not empty' });
const callable = z.custom<(...given: never[]) => unknown>((value) => typeof value === 'function', {
  error: 'expected a function',
});
const arbitrary = z.custom<fc.Arbitrary<unknown>>(
  (value) => typeof (value as { generate?: unknown } | null)?.generate === 'function',
  { error: 'expected a fast-check arbitrary, as twoLayerInstances or fc.record makes one' },
);
const profileName = z.enum(Object.keys(profiles) as [ProfileName, ...ProfileName[]]);
const theory = z.custom<object>((value) => typeof value === 'object' && value !== null, { error: 'expected an object' });

const definitionSchema = z
  .strictObject({
    id: z
      .string({ error: 'expected a text' })
      .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, { error: 'expected paper/name in lower case with hyphens' }),
    kind: z.enum(['identity', 'bound', 'rate']),
    title: text.max(LONGEST_TITLE, { error: `expected at most ${LONGEST_TITLE} characters` }).optional(),
    statement: text,
    formula: text.optional(),
    source: z.object({ paper: text, place: text }),
    assumptions: z
      .array(z.object({ statement: text, holds: callable }), { error: 'expected a list of { statement, holds }' })
      .optional(),
    needs: z.array(z.enum(capabilities)).optional(),
    instances: arbitrary,
    theory: theory.optional(),
    measure: callable,
    controls: z
      .array(
        z.strictObject({
          id: text,
          statement: text,
          where: arbitrary,
          theory: theory.optional(),
          profile: profileName.optional(),
        }),
        {
          error: 'expected a list of { id, statement, where, theory }',
        },
      )
      .refine((all) => all.some(({ profile = 'quick' }) => profile === 'quick'), {
        error: 'expected at least one for every profile: a wrong theory that the test must refute',
      })
      .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, { error: 'expected ids that differ' }),
    expected: z.object({ verdict: z.enum(['holds', 'refuted', 'inapplicable']), reason: text }).optional(),
    profile: profileName.optional(),
    passRate: z
      .object(
        { claimed: z.number(), broken: z.number() },
        {
          error:
            'expected { claimed, broken }, as { claimed: 0.99, broken: 0.9 }: the rate of passing that is claimed, and that at which it is broken',
        },
      )
      .refine(({ claimed, broken }) => 0 < broken && broken < claimed && claimed < 1, {
        error: 'expected 0 < broken < claimed < 1',
      })
      .optional(),
    slope: z.number({ error: 'expected a number' }).optional(),
    ladder: z.array(z.number().positive()).min(2).optional(),
  })
  .superRefine(({ kind, slope, ladder }, { addIssue }) => {
    const need = (name: string, has: boolean, what: string) => {
      if (!has) addIssue({ code: 'custom', path: [name], message: `expected ${what}, for the claim is of kind ${kind}` });
    };
    if (kind === 'rate') {
      need('slope', slope !== undefined, 'the claimed slope of ln(value) on ln(size)');
      need('ladder', ladder !== undefined, 'the sizes of a ladder');
    }
  });

/** @throws UsageError for a definition that is not of its form. */
function checked(definition: unknown): void {
  const parsed = definitionSchema.safeParse(definition);
  if (parsed.success) return;
  const id = (definition as { id?: unknown } | null)?.id;
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the definition'}: ${message}`);
  throw new UsageError({
    problem: `the claim ${typeof id === 'string' ? `'${id}'` : 'without an id'} cannot be defined`,
    found: wrong.join('; '),
    hint: 'see docs/adding-a-claim.md',
  });
}

function passRateOf(kind: 'identity' | 'bound'): PassRate {
  return kind === 'identity' ? IDENTITY_PASS_RATE : BOUND_PASS_RATE;
}

/** The measure under a theory, its cases completed by what they leave out. */
function measureOf<I extends Instance, T extends object>(
  definition: BoundDefinition<I, T> | RateDefinition<I, T>,
  theory: T,
): Variant['measure'] {
  const { needs = [] } = definition;
  return async (instance, laboratory) => {
    for (const need of needs) if (!offers(laboratory.subject, need)) throw new MissingCapabilityError(need);
    if (definition.kind === 'rate') {
      return { rounding: null, ...(await definition.measure(instance as I, theory, laboratory)), kind: 'rate' };
    }
    const found = await definition.measure(instance as I, theory, laboratory);
    return { roundoff: 0, constant: null, quantities: {}, rounding: null, ...found, kind: 'bound' };
  };
}

/**
 * Turns a definition into a claim.
 * @throws UsageError for a definition that is not of its form, as from plain JavaScript: an id that is not `paper/name`, an unknown kind, pass rates out of order,
 * a slope or a ladder that is missing, no control for every profile, or two controls of one id.
 */
export function defineClaim<I extends Instance, T extends object>(
  definition: BoundDefinition<I, T> | RateDefinition<I, T>,
): Claim {
  checked(definition);
  const { id, controls, expected, assumptions = [] } = definition;
  // A claim whose theory has no parts has no control that replaces one.
  const theory = definition.theory ?? ({} as T);
  const variant = (
    named: Pick<Variant, 'control' | 'statement' | 'profile'>,
    arbitrary: fc.Arbitrary<I>,
    theory: T,
    violated: (instance: I) => string | null,
  ): Variant => ({
    ...named,
    arbitrary: fc.noBias(arbitrary),
    scopeViolation: (instance) => violated(instance as I),
    measure: measureOf(definition, theory),
  });
  const scopeViolation = (instance: I) => assumptions.find(({ holds }) => !holds(instance))?.statement ?? null;
  return {
    id,
    kind: definition.kind,
    title: definition.title ?? shortened(definition.statement),
    statement: definition.statement,
    formula: definition.formula ?? null,
    source: definition.source,
    assumptions: assumptions.map(({ statement }) => statement),
    needs: definition.needs ?? [],
    expected: expected ?? { verdict: 'holds', reason: null },
    passRate: definition.kind === 'rate' ? null : (definition.passRate ?? passRateOf(definition.kind)),
    rate: definition.kind === 'rate' ? { slope: definition.slope, ladder: definition.ladder } : null,
    profile: definition.profile ?? 'quick',
    variants: [
      variant({ control: null, statement: definition.statement, profile: 'quick' }, definition.instances, theory, scopeViolation),
      ...controls.map(({ id: control, statement, profile = 'quick', where, theory: wrong }) =>
        variant({ control, statement, profile }, where, { ...theory, ...wrong }, () => null),
      ),
    ],
  };
}
