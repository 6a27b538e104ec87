import { describe, expect, it } from 'vitest';
import { activation } from '../math/activation.js';
import { matrix64 } from '../math/matrix.js';
import { activations } from '../models/two-layer/instances.js';
import { expectedDeepKernel, kernelExpansion } from './deep.js';
import { expectedFirstLayerKernel, expectedValueProduct } from './infinite-width.js';

describe('the expansion of the kernel', () => {
  it.each([
    ['erf', [0.8488, 0.8404, 0.87, 0.9168]],
    ['relu', [0.5, 0.2395, 0.1141, 0.0545]],
  ] as const)('has the slopes of %s at depths 1 to 4', (name, slopes) => {
    for (const [k, slope] of slopes.entries()) expect(kernelExpansion(name, k + 1).slope).toBeCloseTo(slope, 4);
  });

  it('has the intercepts of relu at depths 1 to 4', () => {
    for (const [k, value] of [0.1592, 0.1714, 0.1325, 0.0894].entries()) {
      expect(kernelExpansion('relu', k + 1).value).toBeCloseTo(value, 4);
    }
  });

  it.each(activations)('is that of two layers at depth 1 (%s)', (name) => {
    const { zeta, theta1, theta0, zetaPrime, secondMoment, slopeVariance } = activation(name).constants;
    const { value, slope, curvature, third, diagonal, slopeAgainstNorm } = kernelExpansion(name, 1);
    expect(value).toBeCloseTo(theta0 ** 2, 8);
    expect(slope).toBeCloseTo(2 * zeta ** 2, 8);
    // θ(s) = Σ (1 + k) a_k² s^k with a_2² = ϑ₁²/2 and a_3² = ζ'²/6.
    expect(curvature).toBeCloseTo(3 * theta1 ** 2, 6);
    expect(third).toBeCloseTo(4 * zetaPrime ** 2, 5);
    expect(diagonal).toBeCloseTo(secondMoment + slopeVariance + zeta ** 2, 6);
    if (activation(name).negativeSlope === null) expect(slopeAgainstNorm).toBeCloseTo(zeta * zetaPrime, 5);
  });
});

it.each(activations)('the recursion at depth 1 is the kernel of both layers (%s)', (name) => {
  const gram = matrix64(3, 3, Float64Array.of(1.1, 0.2, -0.3, 0.2, 0.9, 0.1, -0.3, 0.1, 1));
  const first = expectedFirstLayerKernel(name, gram).expectation.data;
  const second = expectedValueProduct(name, gram).expectation.data;
  const { expectation, error } = expectedDeepKernel(name, gram, 1);
  for (const [k, entry] of expectation.data.entries()) expect(entry).toBeCloseTo(first[k]! + second[k]!, 12);
  expect(error).toBeLessThan(1e-4);
});
