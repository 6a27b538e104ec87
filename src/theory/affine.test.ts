import { describe, expect, it } from 'vitest';
import { activation } from '../math/activation.js';
import { activations } from '../models/two-layer/instances.js';
import { layerWeights } from '../models/two-layer/model.js';
import { drawProblem } from '../models/two-layer/problem.js';
import { smallInstance } from '../testing/small-problem.js';
import { affineFeatures, affineKernel, affineKernelMatrix } from './affine.js';

const { inputs } = drawProblem(smallInstance());

describe.each(activations)('%s', (name) => {
  const { constants } = activation(name);
  it.each(['first', 'second', 'both'] as const)('has features whose inner products are the kernel (%s)', (layers) => {
    const kernel = affineKernel(constants, 1.3, 6, layerWeights[layers]);
    const features = affineFeatures(kernel, inputs);
    const matrix = affineKernelMatrix(kernel, inputs);
    for (const [i, j] of [
      [0, 0],
      [1, 4],
      [11, 3],
    ] as const) {
      let inner = 0;
      for (let k = 0; k < 8; k++) inner += features.data[i * 8 + k]! * features.data[j * 8 + k]!;
      expect(inner).toBeCloseTo(matrix.data[i * 12 + j]!, 12);
    }
  });

  it('adds up over the layers', () => {
    const [first, second, both] = (['first', 'second', 'both'] as const).map((layers) =>
      affineKernelMatrix(affineKernel(constants, 1.3, 6, layerWeights[layers]), inputs),
    );
    for (const [k, entry] of both!.data.entries()) expect(entry).toBeCloseTo(first!.data[k]! + second!.data[k]!, 12);
  });
});

it('has the coefficients of the paper', () => {
  const { constants } = activation('relu');
  const nuSquared = 1.3 / (2 * Math.PI);
  expect(affineKernel(constants, 1.3, 10, layerWeights.first)).toMatchObject({
    slope: 0.25,
    bias: expect.closeTo(nuSquared / 10, 12),
    norm: null,
  });
  expect(affineKernel(constants, 1.3, 10, layerWeights.second).bias).toBeCloseTo(nuSquared / 20, 12);
  expect(affineKernel(constants, 1.3, 10, layerWeights.both)).toMatchObject({
    slope: 0.5,
    bias: expect.closeTo((1.5 * nuSquared) / 10, 12),
  });
});
