import { expect, it } from 'vitest';
import { inputGram } from '../linear-algebra/products.js';
import { spectralNorm } from '../linear-algebra/spectral-norm.js';
import { matrix64, symmetric } from '../math/matrix.js';
import { drawProblem } from '../models/two-layer/problem.js';
import { referenceTangentKernel } from '../models/two-layer/reference.js';
import { smallInstance } from '../testing/small-problem.js';
import { firstLayerCertificate, secondLayerCertificate } from './certificate.js';

const difference = (width: number, seed: number) => {
  const problem = drawProblem(smallInstance({ width, seed, activation: 'relu' }));
  const gram = inputGram(problem.inputs);
  const { radius, expectation } = firstLayerCertificate('relu', gram, width);
  const kernel = referenceTangentKernel(problem, 'first');
  const n = gram.rows;
  const norm = spectralNorm(symmetric(n, (i, j) => kernel.data[i * n + j]! - expectation.data[i * n + j]!)).norm;
  return { norm, radius };
};

it('bounds the fluctuation over the weights', () => {
  for (let seed = 0; seed < 30; seed++) {
    const { norm, radius } = difference(400, seed);
    expect(norm).toBeLessThan(radius);
  }
});

it('shrinks like 1/√k once the variance term dominates', () => {
  const { radius: narrow } = difference(40_000, 1);
  const { radius: wide } = difference(160_000, 1);
  expect(narrow / wide).toBeGreaterThan(1.9);
  expect(narrow / wide).toBeLessThan(2.3);
});

it('follows the formula of matrix Bernstein on one input, where all is scalar', () => {
  const gram = symmetric(1, () => 1);
  const { radius } = firstLayerCertificate('relu', gram, 200);
  // Φ = 1/2, K = 1: V = 1/2 − 1/4, v = V/k, R = 1/k, D = 8, k = 100.
  const logarithm = Math.log(8 / 1e-9);
  const linear = logarithm / 300;
  // The norms in it are upper bounds, 10⁻⁵ above the estimate.
  const exact = linear + Math.sqrt(linear ** 2 + (2 * 0.25 * logarithm) / 100);
  expect(radius).toBeGreaterThanOrEqual(exact);
  expect(radius).toBeLessThan(exact * (1 + 2e-5));
});

it('refuses a zero input', () => {
  expect(() => firstLayerCertificate('relu', matrix64(2, 2), 4)).toThrow(/input 0 is zero/);
});

it('certifies the second layer of bounded activations alone', () => {
  const gram = symmetric(1, () => 1);
  const { radius, expectation } = secondLayerCertificate('erf', gram, 200);
  // n = 1, sup|φ| = 1: R = 1/k, v = E φ²/k, D = 8, k = 100.
  const secondMoment = expectation.data[0]!;
  expect(secondMoment).toBeCloseTo((2 / Math.PI) * Math.asin(2 / 3), 12);
  const logarithm = Math.log(8 / 1e-9);
  const linear = logarithm / 300;
  const exact = linear + Math.sqrt(linear ** 2 + (2 * secondMoment * logarithm) / 100);
  expect(radius).toBeGreaterThanOrEqual(exact * (1 - 1e-12));
  expect(radius).toBeLessThan(exact * (1 + 2e-5));
  // Two equal inputs: n = 2 doubles R and the norm of the variance, which n itself doubles again.
  const pair = secondLayerCertificate('erf', matrix64(2, 2, Float64Array.of(1, 1, 1, 1)), 200);
  const pairExact = 2 * linear + Math.sqrt((2 * linear) ** 2 + (2 * 4 * secondMoment * logarithm) / 100);
  expect(pair.radius / pairExact).toBeCloseTo(1, 4);
  expect(() => secondLayerCertificate('relu', gram, 200)).toThrow(/no certificate for the second layer of relu/);
});
