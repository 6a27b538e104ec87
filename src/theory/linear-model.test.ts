import { expect, it } from 'vitest';
import { matrix64 } from '../math/matrix.js';
import { stream } from '../math/random.js';
import { leastSquares, linearModelByDescent, linearModelInClosedForm, linearOutputs } from './linear-model.js';

const random = stream('linear-model');
const features = matrix64(
  30,
  4,
  Float64Array.from({ length: 120 }, () => random.gaussian()),
);
const labels = Array.from({ length: 30 }, () => random.gaussian());

it('descends as its closed form says, also past the step where a mode alternates', () => {
  for (const step of [0.01, 0.5, 1.2]) {
    const descent = linearModelByDescent(features, labels, step, [0, 1, 7, 40]);
    const closed = linearModelInClosedForm(features, labels, step, [0, 1, 7, 40]);
    for (const [k, beta] of descent.entries()) {
      for (const [j, value] of beta.to1DArray().entries()) expect(value).toBeCloseTo(closed[k]!.get(j, 0), 10);
    }
  }
});

it('starts at zero and ends at least squares', () => {
  const [start, end] = linearModelByDescent(features, labels, 0.5, [0, 3000]);
  expect(linearOutputs(features, start!).every((output) => output === 0)).toBe(true);
  for (const [j, value] of leastSquares(features, labels).to1DArray().entries()) expect(value).toBeCloseTo(end!.get(j, 0), 9);
  const residual = linearOutputs(features, end!).map((output, i) => output - labels[i]!);
  for (let j = 0; j < 4; j++) {
    const gradient = residual.reduce((sum, value, i) => sum + value * features.data[i * 4 + j]!, 0);
    expect(gradient).toBeCloseTo(0, 9);
  }
});

it('moves not at all along a feature that is zero', () => {
  const flat = matrix64(3, 2, Float64Array.from([1, 0, 2, 0, 3, 0]));
  for (const betas of [linearModelByDescent(flat, [1, 2, 3], 0.1, [9]), linearModelInClosedForm(flat, [1, 2, 3], 0.1, [9])]) {
    expect(betas[0]!.get(1, 0)).toBeCloseTo(0, 14);
    expect(betas[0]!.get(0, 0)).toBeGreaterThan(0.9);
  }
});
