import fc from 'fast-check';
import { expect, it } from 'vitest';
import { claims } from '../properties/index.js';
import { type BoundDefinition, defineClaim, type Instance, instanceAt } from './claim.js';

const definition: BoundDefinition<Instance, { factor: number }> = {
  id: 'paper/claim',
  kind: 'bound',
  statement: 'statement',
  source: { paper: 'paper', place: 'theorem' },
  assumptions: [{ statement: 'the seed is even', holds: ({ seed }) => seed % 2 === 0 }],
  instances: fc.record({ seed: fc.integer({ min: 0, max: 9 }) }),
  theory: { factor: 1 },
  passRate: { claimed: 0.99, broken: 0.9 },
  measure: async ({ seed }, { factor }) => ({
    kind: 'bound',
    observed: factor * seed,
    bound: 1,
    roundoff: 0,
    constant: null,
    quantities: {},
    rounding: null,
  }),
  controls: [{ id: 'doubled', statement: 'twice', where: fc.constant({ seed: 3 }), theory: { factor: 2 } }],
};

it('measures the claim with its theory and the control with the wrong one', async () => {
  const [own, control] = defineClaim(definition).variants;
  const laboratory = { subject: {} as never, constant: () => 1 };
  expect(await own.measure({ seed: 3 }, laboratory)).toMatchObject({ observed: 3 });
  expect(await control!.measure({ seed: 3 }, laboratory)).toMatchObject({ observed: 6 });
});

it('checks assumptions of the claim, not of its controls', () => {
  const [own, control] = defineClaim(definition).variants;
  expect(own.outside({ seed: 3 })).toBe('the seed is even');
  expect(own.outside({ seed: 2 })).toBeNull();
  expect(control!.outside({ seed: 3 })).toBeNull();
});

it('refuses a claim without a control, with two of one id, or with an unusable id', () => {
  expect(() => defineClaim({ ...definition, controls: [] })).toThrow(/has no control/);
  expect(() => defineClaim({ ...definition, controls: [...definition.controls, ...definition.controls] })).toThrow(
    /two controls/,
  );
  expect(() => defineClaim({ ...definition, id: 'No Paper' })).toThrow(/paper\/name/);
});

it('draws by seed and path, and refuses a path that leads nowhere', () => {
  const [own] = defineClaim(definition).variants;
  expect(instanceAt(own, 1, '4')).toEqual(instanceAt(own, 1, '4'));
  expect(() => instanceAt(own, 1, '0:99')).toThrow();
});

it('is a registry with unique ids, sources and expectations', () => {
  expect(new Set(claims.map(({ id }) => id)).size).toBe(claims.length);
  for (const { expected, statement, variants } of claims) {
    expect(statement.length).toBeGreaterThan(10);
    expect(variants.length).toBeGreaterThan(1);
    expect(expected.verdict === 'holds' || expected.reason !== null).toBe(true);
  }
});
