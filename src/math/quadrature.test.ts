import { expect, it } from 'vitest';
import { gaussHermite, gaussianExpectation, hermiteValues } from './quadrature.js';

it('integrates the Gaussian moments', () => {
  for (const [power, moment] of [
    [0, 1],
    [2, 1],
    [4, 3],
    [6, 15],
    [12, 10_395],
  ] as const) {
    expect(gaussianExpectation((g) => g ** power) / moment).toBeCloseTo(1, 11);
  }
  expect(gaussHermite().nodes).toHaveLength(128);
});

it('is wrong in the third digit for a kink, which is why callers refuse it', () => {
  const error = Math.abs(gaussianExpectation((g) => Math.max(g, 0)) - 1 / Math.sqrt(2 * Math.PI));
  expect(error).toBeGreaterThan(1e-4);
});

it('evaluates orthonormal Hermite polynomials', () => {
  for (const [j, k] of [
    [0, 0],
    [3, 3],
    [2, 5],
    [10, 10],
    [9, 10],
  ] as const) {
    const inner = gaussianExpectation((g) => hermiteValues(12, g)[j]! * hermiteValues(12, g)[k]!);
    expect(inner).toBeCloseTo(j === k ? 1 : 0, 9);
  }
});
