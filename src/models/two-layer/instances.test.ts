import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claims } from '../../../properties/index.js';
import { instanceAt } from '../../claim/claim.js';
import { evenly } from '../../math/arbitraries.js';
import { activations, dataLaws, type TwoLayerInstance, type TwoLayerSpace, twoLayerInstances } from './instances.js';

const space: TwoLayerSpace = {
  inputDimension: [10, 40],
  samplesFactor: [2, 4],
  widthFactor: [1, 3],
  alpha: [0.1, 0.2],
  activations,
};
const instances = fc.sample(fc.noBias(twoLayerInstances(space)), { numRuns: 4000, seed: 5 });

describe('two-layer instances', () => {
  it('cover their ranges evenly', () => {
    const share = (predicate: (instance: TwoLayerInstance) => boolean) => instances.filter(predicate).length / instances.length;
    // Five standard deviations of a share over 4,000 draws: at most .04.
    for (const name of activations) expect(share(({ activation }) => activation === name)).toBeCloseTo(1 / activations.length, 1);
    for (const name of dataLaws) expect(Math.abs(share(({ law }) => law === name) - 1 / 3)).toBeLessThan(0.04);
    for (const quarter of [0, 1, 2, 3]) {
      const inside = ({ alpha }: TwoLayerInstance) => Math.min(3, Math.floor((alpha - 0.1) / 0.025)) === quarter;
      expect(Math.abs(share(inside) - 1 / 4)).toBeLessThan(0.04);
    }
    expect(new Set(instances.map(({ inputDimension }) => inputDimension)).size).toBe(31);
    expect(new Set(instances.map(({ seed }) => seed)).size).toBeGreaterThan(3990);
  });

  it('have n = ⌈c_n d^{1+α}⌉ and an even m within their factors', () => {
    for (const { inputDimension: d, samples, width, alpha } of instances) {
      const size = d ** (1 + alpha);
      expect(samples).toBeGreaterThanOrEqual(Math.ceil(2 * size));
      expect(samples).toBeLessThanOrEqual(Math.ceil(4 * size));
      expect(width % 2).toBe(0);
      expect(width).toBeGreaterThanOrEqual(size);
      expect(width).toBeLessThan(3 * size + 2);
    }
  });

  it('shrink to few points in a low dimension on a narrow network, and keep their seed', () => {
    const details = fc.check(
      fc.property(twoLayerInstances(space), () => false),
      { seed: 3, numRuns: 1 },
    );
    const [smallest] = details.counterexample as [TwoLayerInstance];
    expect(smallest).toMatchObject({ inputDimension: 10, alpha: 0.1, activation: 'erf', law: 'gaussian' });
    expect(smallest.samples).toBe(Math.ceil(2 * 10 ** 1.1));
    const [first] = fc.sample(twoLayerInstances(space), { seed: 3, numRuns: 1 });
    expect(smallest.seed).toBe(first!.seed);
  });
});

it('spreads evenly over values, where fc.double is uniform over bit patterns', () => {
  const values = fc.sample(fc.noBias(evenly([0, 0.25])), { numRuns: 2001, seed: 1 }).sort((a, b) => a - b);
  expect(values[1000]).toBeGreaterThan(0.11);
  expect(values[1000]).toBeLessThan(0.14);
  expect(fc.sample(evenly([3, 3]), 2)).toEqual([3, 3]);
});

it('draws the i-th case alone as it draws it in sequence', () => {
  for (const claim of claims) {
    const [variant] = claim.variants;
    const { strata } = variant;
    const sequence = strata.map(({ arbitrary }) => fc.sample(arbitrary, { seed: 9, numRuns: 12 }));
    const alone = Array.from({ length: 12 }, (_, index) => instanceAt(variant, 9, String(index)));
    expect(alone).toEqual(alone.map((_, index) => sequence[index % strata.length]![index]));
  }
});
