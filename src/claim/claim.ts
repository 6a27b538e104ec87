import fc from 'fast-check';
import { z } from 'zod';
import type { Subject } from '../subject/subject.js';
import { UsageError } from '../support/errors.js';
import type { PassRate } from './pass-rate.js';
import { type ProfileName, profiles, reaches } from './profile.js';

/** An identity is exact but for rounding; a bound may be violated at a small rate; a rate is a slope over a ladder of sizes. */
export type ClaimKind = 'identity' | 'bound' | 'rate';

/** Plain JSON that determines a case; the seed is the only part that is not a size or a choice. */
export interface Instance {
  readonly seed: number;
}

/** What a measure may use. */
export interface Laboratory {
  readonly subject: Subject;
  /** The calibrated constant of that name of the claim under test. */
  constant(name: string): number;
}

/** Curves of one case, for a picture. */
export interface Series {
  /** What the curves are over, as in `step` or `time`. */
  readonly over: string;
  readonly at: readonly number[];
  readonly scale: 'linear' | 'log';
  /** Scale of `at`; linear unless given. */
  readonly overScale?: 'linear' | 'log';
  /** By name, each as long as `at`. */
  readonly curves: Readonly<Record<string, readonly number[]>>;
}

/** One measured case of an identity or a bound: it passes when observed + roundoff ≤ bound. */
export interface BoundMeasurement {
  readonly kind: 'bound';
  readonly observed: number;
  readonly bound: number;
  /** How far `observed` may lawfully be from its value in exact arithmetic. */
  readonly roundoff: number;
  /** The constant that `bound` is proportional to, where it was calibrated. */
  readonly constant: string | null;
  /** Everything else that a reader of a replay would ask for. */
  readonly quantities: Readonly<Record<string, number>>;
  /** Largest difference between subject and float64 reference over its budget; null where the reference was not affordable. */
  readonly rounding: number | null;
  /** What a reader would want to see of the case over time. */
  readonly series?: Series;
}

/** One replicate of a whole ladder. */
export interface RateMeasurement {
  readonly kind: 'rate';
  readonly points: readonly { readonly size: number; readonly value: number }[];
  readonly rounding: number | null;
}

export type Measurement = BoundMeasurement | RateMeasurement;

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

export type Expectation = 'holds' | 'refuted' | 'inapplicable';

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
  readonly assumptions: readonly Assumption<I>[];
  /** How to draw an instance in scope. */
  readonly instances: fc.Arbitrary<I>;
  /** The parts of the theory that a control may replace. */
  readonly theory: T;
  readonly measure: (instance: I, theory: T, laboratory: Laboratory) => Promise<M>;
  readonly controls: readonly Control<I, T>[];
  /** `holds` unless a reason is given. */
  readonly expected?: { readonly verdict: Expectation; readonly reason: string };
  /** The least profile of a run that takes it in when it is not named; `quick` unless its cases are expensive. */
  readonly profile?: ProfileName;
}

export interface BoundDefinition<I extends Instance, T> extends Definition<I, T, BoundMeasurement> {
  readonly kind: 'identity' | 'bound';
  /** Rate of passing that the claim asserts, and the rate at which it counts as broken; a profile may test a lower one. */
  readonly passRate: PassRate;
}

export interface RateDefinition<I extends Instance, T> extends Definition<I, T, RateMeasurement> {
  readonly kind: 'rate';
  /** The slope of ln(value) on ln(size) is claimed to be at most this. */
  readonly slope: number;
  readonly ladder: readonly number[];
}

/** The claim itself (`control` null) or one of its controls: a stream of cases with one way to measure them. */
export interface Variant {
  readonly control: string | null;
  readonly statement: string;
  /** The least profile that takes it in where the claim is. */
  readonly profile: ProfileName;
  readonly arbitrary: fc.Arbitrary<Instance>;
  /** Why the instance is outside the theorem, or null. A control is measured wherever it is drawn. */
  readonly scopeViolation: (instance: Instance) => string | null;
  readonly measure: (instance: Instance, laboratory: Laboratory) => Promise<Measurement>;
}

/** A claim as the machinery sees it: the types of its instances and of its theory are closed over. */
export interface Claim {
  readonly id: string;
  readonly kind: ClaimKind;
  readonly title: string;
  readonly statement: string;
  /** In LaTeX; null where the statement has none. */
  readonly formula: string | null;
  readonly source: { readonly paper: string; readonly place: string };
  readonly assumptions: readonly string[];
  readonly expected: { readonly verdict: Expectation; readonly reason: string | null };
  readonly passRate: PassRate | null;
  readonly rate: { readonly slope: number; readonly ladder: readonly number[] } | null;
  readonly profile: ProfileName;
  /** The claim first, then its controls. */
  readonly variants: readonly [Variant, ...Variant[]];
}

/** Pass rate of an identity: rounding is bounded, so one failure refutes; 0.7 makes about 30 straight passes enough. */
export const IDENTITY_PASS_RATE: PassRate = { claimed: 1 - 1e-9, broken: 0.7 };

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
  .object({
    id: z
      .string({ error: 'expected a text' })
      .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, { error: 'expected paper/name in lower case with hyphens' }),
    kind: z.enum(['identity', 'bound', 'rate']),
    title: text.max(LONGEST_TITLE, { error: `expected at most ${LONGEST_TITLE} characters` }).optional(),
    statement: text,
    formula: text.optional(),
    source: z.object({ paper: text, place: text }),
    assumptions: z.array(z.object({ statement: text, holds: callable }), {
      error: 'expected a list of { statement, holds }, [] for none',
    }),
    instances: arbitrary,
    theory,
    measure: callable,
    controls: z
      .array(
        z.object({ id: text, statement: text, where: arbitrary, theory: theory.optional(), profile: profileName.optional() }),
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
  .superRefine(({ kind, passRate, slope, ladder }, { addIssue }) => {
    const need = (name: string, has: boolean, what: string) => {
      if (!has) addIssue({ code: 'custom', path: [name], message: `expected ${what}, for the claim is of kind ${kind}` });
    };
    if (kind === 'rate') {
      need('slope', slope !== undefined, 'the claimed slope of ln(value) on ln(size)');
      need('ladder', ladder !== undefined, 'the sizes of a ladder');
    } else need('passRate', passRate !== undefined, '{ claimed, broken }, as { claimed: 0.99, broken: 0.9 }');
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

/**
 * Turns a definition into a claim.
 * @throws UsageError for a definition that is not of its form, as from plain JavaScript: an id that is not `paper/name`, an unknown kind, pass rates or a ladder
 * that are missing or out of order, no control for every profile, or two controls of one id.
 */
export function defineClaim<I extends Instance, T extends object>(
  definition: BoundDefinition<I, T> | RateDefinition<I, T>,
): Claim {
  checked(definition);
  const { id, controls, expected } = definition;
  const variant = (
    named: Pick<Variant, 'control' | 'statement' | 'profile'>,
    arbitrary: fc.Arbitrary<I>,
    theory: T,
    violated: (instance: I) => string | null,
  ): Variant => ({
    ...named,
    arbitrary: fc.noBias(arbitrary),
    scopeViolation: (instance) => violated(instance as I),
    measure: (instance, laboratory) => definition.measure(instance as I, theory, laboratory),
  });
  const scopeViolation = (instance: I) => definition.assumptions.find(({ holds }) => !holds(instance))?.statement ?? null;
  return {
    id,
    kind: definition.kind,
    title: definition.title ?? shortened(definition.statement),
    statement: definition.statement,
    formula: definition.formula ?? null,
    source: definition.source,
    assumptions: definition.assumptions.map(({ statement }) => statement),
    expected: expected ?? { verdict: 'holds', reason: null },
    passRate: definition.kind === 'rate' ? null : definition.passRate,
    rate: definition.kind === 'rate' ? { slope: definition.slope, ladder: definition.ladder } : null,
    profile: definition.profile ?? 'quick',
    variants: [
      variant(
        { control: null, statement: definition.statement, profile: 'quick' },
        definition.instances,
        definition.theory,
        scopeViolation,
      ),
      ...controls.map(({ id: control, statement, profile = 'quick', where, theory }) =>
        variant({ control, statement, profile }, where, { ...definition.theory, ...theory }, () => null),
      ),
    ],
  };
}

/** Whether a value is what `defineClaim` returns, of whatever copy of this package. */
export function isClaim(value: unknown): value is Claim {
  if (typeof value !== 'object' || value === null) return false;
  const { id, kind, variants } = value as Partial<Claim>;
  return typeof id === 'string' && typeof kind === 'string' && typeof variants?.[0]?.measure === 'function';
}

/** The claim and the controls that a run of that profile takes in. */
export function variantsIn({ variants }: Claim, profile: ProfileName): Variant[] {
  return variants.filter((variant) => reaches(profile, variant.profile));
}

/** Instance i of a variant: drawn alone, from the same distribution as every other. */
export function instanceAt(variant: Variant, seed: number, path: string): Instance {
  const [instance] = fc.sample(variant.arbitrary, { seed, path, numRuns: 1 });
  if (instance === undefined) {
    throw new UsageError({
      problem: `path '${path}' leads to no instance`,
      hint: 'use a path that a report of this version printed',
    });
  }
  return instance;
}
