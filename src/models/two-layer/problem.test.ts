import { describe, expect, it } from 'vitest';
import { rowNorms } from '../../math/matrix.js';
import { smallInstance } from '../../testing/small-problem.js';
import { dataLaws, labelKinds, spectra } from './instances.js';
import { drawProblem, population } from './problem.js';

const large = { inputDimension: 20, samples: 4000 };
const moment = (data: Float32Array, power: number) => data.reduce((sum, value) => sum + value ** power, 0) / data.length;

describe('inputs', () => {
  it.each(dataLaws)('%s entries are centred with unit variance and their κ', (law) => {
    const instance = smallInstance({ ...large, law });
    const { inputs } = drawProblem(instance);
    expect(inputs.data).toHaveLength(80_000);
    // Five standard deviations of means over 80,000 entries.
    expect(Math.abs(moment(inputs.data, 1))).toBeLessThan(0.018);
    expect(Math.abs(moment(inputs.data, 2) - 1)).toBeLessThan(0.026);
    expect(Math.abs(moment(inputs.data, 4) - 1 - population(instance).kurtosis)).toBeLessThan(0.18);
  });

  it.each(spectra)('have Tr Σ = d for the %s spectrum', (spectrum) => {
    const { variances } = population(smallInstance({ ...large, spectrum }));
    expect(variances.reduce((sum, value) => sum + value, 0)).toBeCloseTo(20, 10);
    expect(Math.max(...variances)).toBeLessThan(3.5);
    const { inputs } = drawProblem(smallInstance({ ...large, spectrum }));
    const first = inputs.data.filter((_, k) => k % 20 === 0);
    expect(moment(first, 2) / variances[0]!).toBeCloseTo(1, 0);
  });

  it('lie on the sphere, or have spectra without a bound, where a claim asks for it', () => {
    const { inputs } = drawProblem(smallInstance({ ...large, samples: 10, law: 'sphere' }));
    for (const length of rowNorms(inputs)) expect(length ** 2).toBeCloseTo(20, 4);
    for (const [spectrum, largest] of [
      ['inverse', 20 / Array.from({ length: 20 }, (_, k) => 1 / (k + 1)).reduce((sum, value) => sum + value, 0)],
      ['spike', 5],
    ] as const) {
      const { variances } = population(smallInstance({ ...large, spectrum }));
      expect(variances.reduce((sum, value) => sum + value, 0)).toBeCloseTo(20, 10);
      expect(Math.max(...variances)).toBeCloseTo(largest, 10);
    }
  });

  it('are moved off centre, or given heavy tails, where a control asks for it', () => {
    const uncentred = drawProblem(smallInstance({ ...large, mean: 1 })).inputs.data;
    expect(moment(uncentred, 1)).toBeCloseTo(Math.SQRT1_2, 1);
    expect(moment(uncentred, 2)).toBeCloseTo(1, 1);
    const heavy = drawProblem(smallInstance({ ...large, law: 'student-t3' })).inputs.data;
    expect(moment(heavy, 4)).toBeGreaterThan(6);
  });
});

describe('weights', () => {
  it('are paired by symmetric initialization', () => {
    const { firstLayer, secondLayer } = drawProblem(smallInstance({ width: 6 }));
    const half = firstLayer.data.length / 2;
    expect(firstLayer.data.slice(0, half)).toEqual(firstLayer.data.slice(half));
    expect([...secondLayer.slice(0, 3)]).toEqual([...secondLayer.slice(3)].map((v) => -v));
    expect(secondLayer.every((v) => Math.abs(v) === 1)).toBe(true);
  });

  it('are all free otherwise', () => {
    const { firstLayer } = drawProblem(smallInstance({ width: 6, initialization: 'independent' }));
    expect(new Set(firstLayer.data).size).toBe(36);
  });
});

describe('labels', () => {
  it.each(labelKinds)('of kind %s lie within ±1', (labels) => {
    const { labels: y } = drawProblem(smallInstance({ ...large, labels }));
    expect(Math.max(...y.map(Math.abs))).toBe(1);
    const mean = moment(y, 1);
    if (labels === 'constant') expect(mean).toBe(1);
    if (labels === 'random') expect(Math.abs(mean)).toBeLessThan(0.08);
  });

  it('follow the bias of a biased teacher', () => {
    const seeds = Array.from({ length: 20 }, (_, seed) => seed);
    const meanOf = (labels: 'teacher' | 'biased-teacher') =>
      seeds.reduce((sum, seed) => sum + moment(drawProblem(smallInstance({ labels, seed, samples: 500 })).labels, 1), 0) / 20;
    expect(meanOf('biased-teacher')).toBeGreaterThan(meanOf('teacher') + 0.3);
  });
});

it.each([
  [{ law: 'cauchy' }, /unknown law 'cauchy'/],
  [{ spectrum: 'flat' }, /unknown spectrum/],
  [{ labels: 'none' }, /unknown labels/],
  [{ initialization: 'he' }, /unknown initialization 'he' in an instance\n {2}expected: one of symmetric, independent/],
  [{ width: 7 }, /an even width\n {2}found: 7/],
])('refuses %j', (changes, message) => {
  expect(() => drawProblem(smallInstance(changes as never))).toThrow(message);
});

it('gives the same numbers for the same instance, and fresh inputs of their own', () => {
  const instance = smallInstance();
  expect(drawProblem(instance, 3)).toEqual(drawProblem(instance, 3));
  const { inputs, freshInputs } = drawProblem(instance, 12);
  expect(freshInputs.rows).toBe(12);
  expect(freshInputs.data).not.toEqual(inputs.data);
  expect(drawProblem(instance).freshInputs.rows).toBe(0);
});

describe('labels of single claims', () => {
  it('follow the norm, or the sign of a product', () => {
    const { inputs, labels } = drawProblem(smallInstance({ ...large, labels: 'norm' }));
    const lengths = rowNorms(inputs);
    for (const i of [0, 7, 100]) {
      expect(labels[i]).toBeCloseTo(Math.tanh(Math.sqrt(40) * (lengths[i]! / Math.sqrt(20) - 1)), 5);
    }
    const products = drawProblem(smallInstance({ ...large, labels: 'product' })).labels;
    expect(new Set(products)).toEqual(new Set([1, -1]));
    expect(Math.abs(moment(products, 1))).toBeLessThan(0.3);
  });
});
