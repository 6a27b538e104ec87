import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BoundMeasurement, Laboratory } from '../claim/claim.js';
import { defineClaim } from '../claim/define.js';
import { capable } from '../models/capability.js';
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
  expect(await run(() => result({ observed: Number.NaN }))).toMatchObject({
    status: 'unmeasured',
    reason: expect.stringMatching(/not a finite number/),
  });
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

it('knows whether the subject was asked for anything, be it a class or frozen', async () => {
  class Mine {
    name = 'mine';
    backend = 'b';
    device = 'd';
    asked = 0;
    readonly twoLayer = Object.freeze({ predict: async () => new Float64Array(++this.asked) });
    get roundoff() {
      return { inputs: 0, accumulator: 1e-7 };
    }
    async activationError() {
      return { value: 0, slope: 0 };
    }
  }
  const ask = (measure: (laboratory: Laboratory) => Promise<number>) => {
    const claim = claimOn(() => result({}));
    const [own] = claim.variants;
    const variant = {
      ...own,
      measure: async (_: unknown, laboratory: Laboratory) => result({ observed: await measure(laboratory) }),
    };
    return measureCase(variant, { seed: 1 }, new Mine(), () => 1);
  };
  const predicted = await ask(
    async ({ subject }) => (await capable(subject, 'twoLayer', 'predict')({} as never, {} as never)).length,
  );
  expect(predicted).toMatchObject({ status: 'measured', measurement: { observed: 1 } });
  expect(predicted).not.toHaveProperty('untouched');
  const alone = await ask(async ({ subject }) => (await subject.activationError('erf')).value + subject.roundoff.inputs);
  expect(alone).toMatchObject({ status: 'measured', untouched: true, measurement: { observed: 0 } });
});

it('does not take a ladder without a slope for one', async () => {
  const ladder = (points: readonly { size: number; value: number }[]) => {
    const [own] = claimOn(() => result({})).variants;
    const variant = { ...own, measure: async () => ({ kind: 'rate', points, rounding: null }) as const };
    return measureCase(variant, { seed: 1 }, float32, () => 1);
  };
  const good = { size: 1, value: 1 };
  expect(await ladder([good, { size: 2, value: 0 }])).toMatchObject({
    status: 'unmeasured',
    reason: expect.stringContaining('found 0 at size 2'),
  });
  expect(await ladder([good])).toMatchObject({ status: 'unmeasured', reason: expect.stringContaining('two sizes') });
  expect(await ladder([good, { size: 2, value: Number.NaN }])).toMatchObject({
    reason: expect.stringContaining('value at size 2 is not a finite number: NaN'),
  });
  expect(await ladder([good, { size: 2, value: 3 }])).toMatchObject({ status: 'measured' });
});
