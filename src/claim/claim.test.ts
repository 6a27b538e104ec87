import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claims } from '../../properties/index.js';
import { UsageError } from '../support/errors.js';
import { type Instance, instanceAt, isClaim } from './claim.js';
import { type BoundDefinition, defineClaim } from './define.js';

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
    observed: factor * seed,
    bound: 1,
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
  expect(own.scopeViolation({ seed: 3 })).toBe('the seed is even');
  expect(own.scopeViolation({ seed: 2 })).toBeNull();
  expect(control!.scopeViolation({ seed: 3 })).toBeNull();
});

describe('a definition that is not of its form, as plain JavaScript may have it,', () => {
  const { passRate: _, measure: __, ...rest } = definition;
  const rate = { ...rest, kind: 'rate', measure: async () => {}, slope: -0.5, ladder: [1, 2] };
  it.each([
    ['without a control', { ...definition, controls: [] }, /controls: expected at least one for every profile/],
    [
      'with a near miss of the id of a control',
      {
        ...definition,
        numbers: [{ name: 'n', scaled: () => ({}), nearMiss: { id: definition.controls[0]!.id, factor: 1.1 } }],
      },
      /numbers: expected near misses with ids that no other control has/,
    ],
    [
      'with two controls of one id',
      { ...definition, controls: [...definition.controls, ...definition.controls] },
      /ids that differ/,
    ],
    ['with an unusable id', { ...definition, id: 'No Paper' }, /'No Paper' cannot be defined.*id: expected paper\/name/s],
    ['without an id', { ...definition, id: undefined }, /without an id cannot be defined/],
    ['of nothing', undefined, /the definition: /],
    ['with a number for a pass rate', { ...definition, passRate: 0.99 }, /passRate: expected \{ claimed, broken \}/],
    ['with an unknown need', { ...definition, needs: ['twoLayer.dance'] }, /needs.0: .*twoLayer.tangentKernel/],
    [
      'claimed below broken',
      { ...definition, passRate: { claimed: 0.8, broken: 0.9 } },
      /passRate: expected 0 < broken < claimed < 1/,
    ],
    ['claimed for sure', { ...definition, passRate: { claimed: 1, broken: 0.9 } }, /expected 0 < broken < claimed < 1/],
    ['with half a pass rate', { ...definition, passRate: { claimed: 0.99 } }, /passRate.broken: /],
    ['of an unknown kind', { ...definition, kind: 'theorem' }, /kind: .*identity.*bound.*rate/],
    ['without a measure', { ...rest, passRate: definition.passRate }, /measure: expected a function/],
    [
      'with instances that cannot be drawn',
      { ...definition, instances: [{ seed: 1 }] },
      /instances: expected a fast-check arbitrary/,
    ],
    [
      'with a control that cannot be drawn',
      { ...definition, controls: [{ id: 'a', statement: 'b' }] },
      /controls.0.where: expected a fast-check arbitrary/,
    ],
    ['with an assumption in words alone', { ...definition, assumptions: ['m ≥ d'] }, /assumptions.0: /],
    ['of a rate without a slope', { ...rate, slope: undefined }, /slope: expected the claimed slope/],
    ['of a rate without a ladder', { ...rate, ladder: undefined }, /ladder: expected the sizes/],
    ['for an unknown profile', { ...definition, profile: 'slow' }, /profile: /],
    ['with an unknown expectation', { ...definition, expected: { verdict: 'fails', reason: 'r' } }, /expected.verdict: /],
  ])('%s gets a sentence', (_, wrong, message) => {
    expect(() => defineClaim(wrong as never)).toThrow(message);
    expect(() => defineClaim(wrong as never)).toThrow(UsageError);
  });

  it('passes where it is of its form', () => {
    expect(defineClaim(rate as never).rate).toEqual({ slope: -0.5, ladder: [1, 2] });
    expect(isClaim(defineClaim(definition))).toBe(true);
    for (const other of [null, 3, {}, definition, { id: 'a/b', kind: 'bound', variants: [] }]) expect(isClaim(other)).toBe(false);
  });
});

it('has defaults: pass rates by kind, no assumptions, needs or theory, and cases that are completed', async () => {
  const { assumptions: _, theory: __, passRate: ___, ...rest } = definition;
  const claim = defineClaim({
    ...rest,
    measure: async ({ seed }) => ({ observed: seed, bound: 1 }),
    controls: definition.controls,
  });
  expect(claim).toMatchObject({ passRate: { claimed: 0.99, broken: 0.9 }, assumptions: [], needs: [] });
  expect(defineClaim({ ...rest, kind: 'identity' }).passRate).toEqual({ claimed: 1 - 1e-9, broken: 0.7 });
  const laboratory = { subject: {} as never, constant: () => 1 };
  expect(await claim.variants[0].measure({ seed: 3 }, laboratory)).toEqual({
    kind: 'bound',
    observed: 3,
    bound: 1,
    roundoff: 0,
    constant: null,
    quantities: {},
    rounding: null,
  });
  expect(claim.variants[0].scopeViolation({ seed: 3 })).toBeNull();
});

it('does not test a subject that lacks what the claim needs', async () => {
  const [own] = defineClaim({ ...definition, needs: ['twoLayer.train'] }).variants;
  const laboratory = { subject: {} as never, constant: () => 1 };
  await expect(own.measure({ seed: 3 }, laboratory)).rejects.toThrow("lacks the capability 'twoLayer.train'");
});

it('has a title: its own, or the beginning of its statement', () => {
  expect(defineClaim({ ...definition, title: 'short' }).title).toBe('short');
  expect(defineClaim(definition).title).toBe('statement');
  const long = defineClaim({ ...definition, statement: 'word '.repeat(40).trim() }).title;
  expect([long.length <= 80, long.endsWith('word …')]).toEqual([true, true]);
  expect(defineClaim({ ...definition, statement: 'x'.repeat(200) }).title).toBe(`${'x'.repeat(78)} …`);
  expect(() => defineClaim({ ...definition, title: 'x'.repeat(81) })).toThrow(/title: expected at most 80 characters/);
  for (const { id, title } of claims)
    expect([id, title.length <= 80, title.includes('…') && title.endsWith('…')]).toEqual([id, true, false]);
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
    // What is longer is for docs/findings.
    expect(statement.length).toBeLessThanOrEqual(320);
    expect(variants.length).toBeGreaterThan(1);
    expect(expected.verdict === 'holds' || expected.reason !== null).toBe(true);
  }
});
