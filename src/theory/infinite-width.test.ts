import { describe, expect, it } from 'vitest';
import { inputGram } from '../linear-algebra/products.js';
import { activation } from '../math/activation.js';
import { symmetric } from '../math/matrix.js';
import { gaussHermite } from '../math/quadrature.js';
import { stream } from '../math/random.js';
import { activations } from '../models/two-layer/instances.js';
import { drawProblem } from '../models/two-layer/problem.js';
import { smallInstance } from '../testing/small-problem.js';
import { expectedFirstLayerKernel, expectedSlopeProduct, expectedValueProduct } from './infinite-width.js';

/** E F(u)F(v) for (u, v) Gaussian with variances q_i, q_j and covariance c: two-dimensional Gauss–Hermite. */
function byQuadrature(integrand: (z: number) => number, qi: number, qj: number, c: number): number {
  const { nodes, weights } = gaussHermite();
  const rest = Math.sqrt(qj - (c * c) / qi);
  let sum = 0;
  nodes.forEach((g, k) => {
    nodes.forEach((h, l) => {
      sum += weights[k]! * weights[l]! * integrand(Math.sqrt(qi) * g) * integrand((c / Math.sqrt(qi)) * g + rest * h);
    });
  });
  return sum;
}

/** The same by Monte Carlo, for kinks; with its standard error. */
function byMonteCarlo(integrand: (z: number) => number, qi: number, qj: number, c: number) {
  const random = stream('monte-carlo');
  const count = 200_000;
  const rest = Math.sqrt(qj - (c * c) / qi);
  let sum = 0;
  let squares = 0;
  for (let k = 0; k < count; k++) {
    const g = random.gaussian();
    const value = integrand(Math.sqrt(qi) * g) * integrand((c / Math.sqrt(qi)) * g + rest * random.gaussian());
    sum += value;
    squares += value * value;
  }
  const mean = sum / count;
  return { mean, error: Math.sqrt((squares / count - mean ** 2) / count) };
}

describe.each(activations)('%s', (name) => {
  const { slope, value, negativeSlope } = activation(name);
  const [qi, qj, c] = [0.7, 1.6, -0.5];
  const covariance = symmetric(2, (i, j) => (i === j ? [qi, qj][i]! : c));

  it.each([
    ['slopes', slope, expectedSlopeProduct],
    ['values', value, expectedValueProduct],
  ] as const)('has the expected product of %s of an independent computation', (_, integrand, expected) => {
    const { expectation, error } = expected(name, covariance);
    if (negativeSlope === null) {
      expect(expectation.data[1]).toBeCloseTo(byQuadrature(integrand, qi, qj, c), 8);
      expect(expectation.data[0]).toBeCloseTo(byQuadrature(integrand, qi, qi, qi * (1 - 1e-12)), 5);
      expect(error).toBeLessThan(1e-4);
    } else {
      const { mean, error: standard } = byMonteCarlo(integrand, qi, qj, c);
      expect(Math.abs(expectation.data[1]! - mean)).toBeLessThan(5 * standard);
    }
  });

  it('is the mean of the first-layer kernel over wide networks', () => {
    const { inputs } = drawProblem(smallInstance({ samples: 5 }));
    const gram = inputGram(inputs);
    const { expectation, slopes } = expectedFirstLayerKernel(name, gram);
    for (let k = 0; k < 25; k++) expect(expectation.data[k]).toBeCloseTo(slopes.data[k]! * gram.data[k]!, 12);
  });
});

it('bounds the error of quadrature, which grows once the nodes pass the poles of tanh', () => {
  // E tanh'(2g)² by the midpoint rule, exact to 10⁻¹² here.
  const exact = (q: number) => {
    let sum = 0;
    for (let g = -9; g < 9; g += 1e-4)
      sum += (1 - Math.tanh(Math.sqrt(q) * (g + 5e-5)) ** 2) ** 2 * Math.exp(-((g + 5e-5) ** 2) / 2) * 1e-4;
    return sum / Math.sqrt(2 * Math.PI);
  };
  expect(() =>
    expectedSlopeProduct(
      'tanh',
      symmetric(1, () => 100),
    ),
  ).toThrow(/scale the inputs to ‖x‖² = d/);
  for (const q of [0.5, 1, 2, 4]) {
    const { expectation, error } = expectedSlopeProduct(
      'tanh',
      symmetric(1, () => q),
    );
    expect(Math.abs(expectation.data[0]! - exact(q))).toBeLessThan(error + 1e-9);
  }
});

it('bounds the tail of the series, which grows with the correlation', () => {
  const covariance = (c: number) => symmetric(2, (i, j) => (i === j ? 2 : c));
  const [far, near] = [expectedSlopeProduct('tanh', covariance(0.5)), expectedSlopeProduct('tanh', covariance(1.99))];
  expect(near.error).toBeGreaterThan(far.error);
  const exact = byQuadrature(activation('tanh').slope, 2, 2, 1.99);
  expect(Math.abs(near.expectation.data[1]! - exact)).toBeLessThan(near.error + 1e-7);
});
