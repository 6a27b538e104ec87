import fc from 'fast-check';
import { expect, it } from 'vitest';
import { instanceAt } from '../claim/claim.js';
import { defineClaim } from '../claim/define.js';
import { seeds } from '../math/arbitraries.js';
import type { Outcome } from '../record/outcome.js';
import type { Workers } from './pool.js';
import { asCounterexample, shrinkViolation } from './shrink.js';

const instances = fc.record({ size: fc.integer({ min: 0, max: 1000 }), seed: seeds });
const claim = defineClaim({
  id: 'p/c',
  kind: 'bound',
  statement: 's',
  source: { paper: 'p', place: 'q' },
  assumptions: [],
  instances,
  theory: {},
  passRate: { claimed: 0.99, broken: 0.9 },
  measure: async () => {
    throw new Error('measured by the pool of the test');
  },
  controls: [{ id: 'c', statement: 'w', where: instances }],
});
const outcome = (violation: boolean): Outcome => ({
  status: 'measured',
  measurement: { kind: 'bound', observed: 1, bound: 1, roundoff: 0, constant: null, quantities: {}, rounding: null },
  violation,
  float64: false,
});

/** A pool that measures by a rule on the instance. */
function poolOf(rule: (instance: { size: number; seed: number }) => boolean) {
  let cases = 0;
  const pool: Workers = {
    size: 2,
    subject: { kind: 'built-in', backend: 'wasm' },
    measure: async ({ draw }) => {
      if (!('instance' in draw)) throw new Error('expected an instance');
      cases++;
      const instance = draw.instance as { size: number; seed: number };
      return { instance, measured: [{ outcome: outcome(rule(instance)), seconds: 0 }] };
    },
  };
  return { pool, cases: () => cases };
}
const never = new AbortController().signal;

/** An index whose instance has a size above 500. */
const index = Array.from({ length: 50 }, (_, k) => k).find(
  (k) => (instanceAt(claim.variants[0], 9, String(k)) as { size?: number }).size! > 500,
)!;
const original = instanceAt(claim.variants[0], 9, String(index));

it('finds the smallest configuration that still fails, and a path that leads to it', async () => {
  const { pool } = poolOf(({ size }) => size >= 137);
  const found = await shrinkViolation(claim, index, 42, 9, pool, never);
  expect(found).toMatchObject({ rootSeed: 42, seed: 9, instance: { size: 137, seed: original.seed } });
  expect(found.shrinks).toBeGreaterThan(0);
  expect(instanceAt(claim.variants[0], 9, found.path)).toEqual(found.instance);
  expect(found.replay).toBe(`npx earlytime replay p/c --seed 9 --path ${found.path} --backend wasm`);
});

it('keeps the violation itself where nothing smaller fails on its own seed and another', async () => {
  const lucky = await shrinkViolation(claim, index, 42, 9, poolOf(({ seed }) => seed !== original.seed).pool, never);
  expect(lucky).toMatchObject({ path: String(index), shrinks: 0, instance: original });
  const single = await shrinkViolation(claim, index, 42, 9, poolOf(({ seed }) => seed === original.seed).pool, never);
  expect(single.shrinks).toBe(0);
});

it('takes no crash for a counterexample, spends no more than its budget, and stops when told to', async () => {
  const crashing = poolOf(() => {
    throw new Error('worker died');
  });
  expect((await shrinkViolation(claim, index, 42, 9, crashing.pool, never)).shrinks).toBe(0);
  expect(crashing.cases()).toBeLessThanOrEqual(90);
  const stop = new AbortController();
  stop.abort();
  const stopped = poolOf(() => true);
  expect((await shrinkViolation(claim, index, 42, 9, stopped.pool, stop.signal)).shrinks).toBe(0);
  expect(stopped.cases()).toBe(0);
});

it('gives a case unshrunk, for one ladder of a rate', () => {
  expect(asCounterexample(claim, 3, 42, 9, poolOf(() => true).pool)).toMatchObject({
    path: '3',
    shrinks: 0,
    instance: instanceAt(claim.variants[0], 9, '3'),
  });
});
