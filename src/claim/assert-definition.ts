import { z } from 'zod';
import { capabilities } from '../models/capability.js';
import { UsageError } from '../support/errors.js';
import { type ProfileName, profiles } from './profile.js';
import { type Instances, isStrata } from './strata.js';

/** Characters of a title at most: a line of a terminal. */
export const LONGEST_TITLE = 80;

const text = z.string({ error: 'expected a text' }).min(1, { error: 'expected a text that is not empty' });
const callable = z.custom<(...given: never[]) => unknown>((value) => typeof value === 'function', {
  error: 'expected a function',
});
const drawn = (value: unknown) => typeof (value as { generate?: unknown } | null)?.generate === 'function' || isStrata(value);
const instances = z.custom<Instances<unknown>>(drawn, {
  error: 'expected a fast-check arbitrary, as twoLayerInstances or fc.record makes one, or strata of them',
});
const where = z.custom<Instances<unknown>>((value) => drawn(value) || typeof value === 'function', {
  error: "expected a fast-check arbitrary, strata of them, or a function that says which of the claim's instances",
});
const profileName = z.enum(Object.keys(profiles) as [ProfileName, ...ProfileName[]]);
const theory = z.custom<object>((value) => typeof value === 'object' && value !== null, { error: 'expected an object' });

const definitionSchema = z
  .strictObject({
    id: z
      .string({ error: 'expected a text' })
      .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, { error: 'expected paper/name in lower case with hyphens' }),
    kind: z.enum(['identity', 'bound', 'rate', 'estimate']),
    title: text.max(LONGEST_TITLE, { error: `expected at most ${LONGEST_TITLE} characters` }).optional(),
    statement: text,
    formula: text.optional(),
    lawTestedBy: z.array(text).optional(),
    source: z.object({ paper: text, place: text }),
    assumptions: z
      .array(z.object({ statement: text, holds: callable }), { error: 'expected a list of { statement, holds }' })
      .optional(),
    needs: z.array(z.enum(capabilities)).optional(),
    instances,
    theory: theory.optional(),
    observe: callable.optional(),
    measure: callable,
    controls: z
      .array(
        z.strictObject({
          id: text,
          statement: text,
          where,
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
    numbers: z
      .array(
        z.strictObject({
          name: text,
          scaled: callable,
          nearMiss: z.strictObject({ id: text, factor: z.number().positive(), profile: profileName.optional() }).optional(),
        }),
        { error: 'expected a list of { name, scaled }' },
      )
      .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, { error: 'expected names that differ' })
      .optional(),
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
  .superRefine(({ kind, slope, ladder, controls, numbers = [] }, { addIssue }) => {
    const ids = [...controls.map(({ id }) => id), ...numbers.flatMap(({ nearMiss }) => (nearMiss ? [nearMiss.id] : []))];
    if (new Set(ids).size < ids.length) {
      addIssue({ code: 'custom', path: ['numbers'], message: 'expected near misses with ids that no other control has' });
    }
    const need = (name: string, has: boolean, what: string) => {
      if (!has) addIssue({ code: 'custom', path: [name], message: `expected ${what}, for the claim is of kind ${kind}` });
    };
    if (kind === 'rate') {
      need('slope', slope !== undefined, 'the claimed slope of ln(value) on ln(size)');
      need('ladder', ladder !== undefined, 'the sizes of a ladder');
    }
  });

/** Of what may come from plain JavaScript. @throws UsageError for a definition that is not of its form. */
export function assertDefinition(definition: unknown): void {
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
