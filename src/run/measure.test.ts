import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type BoundMeasurement, defineClaim, type Laboratory } from '../claim/claim.js';
import { referenceSubject } from '../subject/reference.js';
import type { Subject } from '../subject/subject.js';
import { UsageError } from '../support/errors.js';
import { measureCase, variantOf } from './measure.js';

const float32: Subject = { ...referenceSubject, name: 'float32' };
const result = (changes: Partial<BoundMeasurement>): BoundMeasurement => ({
  kind: 'bound',
  observed: 1,
  bound: 2,
  roundoff: 0,
  constant: null,
  quantities: {},
  rounding: null,
  ...changes,
});

function claimOn(measure: (laboratory: Laboratory) => BoundMeasurement) {
  return defineClaim({
    id: 'p/c',
    kind: 'bound',
    statement: 's',
    source: { paper: 'p', place: 'q' },
    assumptions: [{ statement: 'seed 1', holds: ({ seed }) => seed === 1 }],
    instances: fc.record({ seed: fc.integer({ min: 1, max: 1 }) }),
    theory: {},
    passRate: { claimed: 0.99, broken: 0.9 },
    measure: async (_instance, _theory, laboratory) => measure(laboratory),
    controls: [{ id: 'c', statement: 'w', where: fc.record({ seed: fc.integer({ min: 2, max: 2 }) }) }],
  });
}
const run = (measure: (laboratory: Laboratory) => BoundMeasurement, seed = 1) =>
  measureCase(claimOn(measure).variants[0], { seed }, float32, () => 1);

it('passes, or violates, when rounding cannot matter', async () => {
  expect(await run(() => result({ roundoff: 0.9 }))).toMatchObject({ violation: false, float64: false });
  expect(await run(() => result({ observed: 3, roundoff: 0.9 }))).toMatchObject({ violation: true, float64: false });
  expect(await run(() => result({ observed: 2 }))).toMatchObject({ violation: false });
});

it('measures again in float64 when rounding could decide', async () => {
  const close = ({ subject }: Laboratory) =>
    subject === referenceSubject ? result({ observed: 2.1 }) : result({ observed: 1.9, roundoff: 0.5, rounding: 0.2 });
  expect(await run(close)).toMatchObject({ violation: true, float64: true, measurement: { observed: 2.1, rounding: 0.2 } });
  const fine = ({ subject }: Laboratory) =>
    subject === referenceSubject ? result({}) : result({ observed: 2.1, roundoff: 0.5 });
  expect(await run(fine)).toMatchObject({ violation: false, float64: true });
});

it('counts as violated what even float64 cannot tell', async () => {
  expect(await run(() => result({ observed: 2, roundoff: 0.1 }))).toMatchObject({ violation: true, float64: true });
});

it('is inapplicable outside the assumptions, and unmeasured when measuring throws or gives NaN', async () => {
  expect(await run(() => result({}), 2)).toEqual({ status: 'inapplicable', reason: 'outside the theorem, which asks: seed 1' });
  expect(
    await run(() => {
      throw new Error('device lost');
    }),
  ).toEqual({ status: 'unmeasured', reason: 'device lost' });
  expect(await run(() => result({ observed: Number.NaN }))).toMatchObject({ status: 'unmeasured', reason: /not finite/ });
});

it('lets a mistake of the user through', async () => {
  await expect(
    run(() => {
      throw new UsageError({ problem: 'never calibrated' });
    }),
  ).rejects.toThrow('never calibrated');
});

it('finds a control by its id', () => {
  const claim = claimOn(() => result({}));
  expect(variantOf(claim, null).control).toBeNull();
  expect(variantOf(claim, 'c').control).toBe('c');
  expect(() => variantOf(claim, 'd')).toThrow(/no control 'd'/);
});
