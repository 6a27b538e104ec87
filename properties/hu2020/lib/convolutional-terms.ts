import { activation } from '../../../src/math/activation.js';
import { windowTable } from '../../../src/theory/convolutional.js';
import type { ErrorTerms } from './terms.js';

/** Sizes of a one-dimensional convolution on the cube. */
export interface LineSizes {
  readonly activation: string;
  readonly inputDimension: number;
  readonly samples: number;
  readonly filter: number;
}

/** Binomial(q, ½) probabilities, by their recursion from the middle outwards. */
function binomialWeights(q: number): Float64Array {
  const weights = new Float64Array(q + 1);
  const middle = Math.floor(q / 2);
  weights[middle] = 1;
  for (let j = middle; j < q; j++) weights[j + 1] = (weights[j]! * (q - j)) / (j + 1);
  for (let j = middle; j > 0; j--) weights[j - 1] = (weights[j]! * j) / (q - j + 1);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/**
 * ‖Θ − Θ^lin‖·d/n of the convolutional kernel at infinite width by what it comes from, with ϑ the kernel of two windows and B the correlation of two random
 * ones: the diagonal; the mean of ϑ(B) against ϑ₀² + (3/2)ϑ₁²/q, times d, which asks for q ≳ √d; the slope q E[ϑ(B)B] against 2ζ²; and what is quadratic
 * in the correlations of overlapping windows. Ours; calibrated.
 */
export function convolutionalTerms({ activation: name, inputDimension: d, samples: n, filter: q }: LineSizes): ErrorTerms {
  const { zeta, theta1, theta0 } = activation(name).constants;
  const table = windowTable(name, q);
  const weights = binomialWeights(q);
  const mean = (of: (b: number) => number) =>
    weights.reduce((sum, weight, j) => sum + weight * table[j]! * of((2 * j - q) / q), 0);
  const [value, slope, half] = [theta0 ** 2, 2 * zeta ** 2, 1.5 * theta1 ** 2];
  const quadratic = (q / (2 * (q - 1))) * mean((b) => q * q * b * b - q);
  return {
    diagonal: ((table[q]! - value - slope) * d) / n,
    mean: Math.abs(mean(() => 1) - value - half / q) * d,
    slope: Math.abs(q * mean((b) => b) - slope) * (1 + Math.sqrt(d / n)) ** 2,
    quadratic: Math.abs(quadratic) * (2 / q + 4 * Math.sqrt(d / (3 * q * n))),
  };
}
