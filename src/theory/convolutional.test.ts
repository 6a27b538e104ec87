import { expect, it } from 'vitest';
import { matrix64 } from '../math/matrix.js';
import { drawData } from '../models/two-layer/problem.js';
import { smallInstance } from '../testing/small-problem.js';
import { expectedConvolutionalKernel } from './convolutional.js';
import { expectedDeepKernel } from './deep.js';

const { inputs } = drawData(smallInstance({ inputDimension: 9, samples: 6, law: 'rademacher' }));

it.each(['erf', 'relu', 'gelu'])('averages the fully connected kernel of the windows (%s)', (name) => {
  const [d, q] = [9, 4];
  const kernel = expectedConvolutionalKernel(name, inputs, q);
  for (const [i, j] of [
    [0, 0],
    [1, 4],
    [5, 2],
  ] as const) {
    let sum = 0;
    for (let p = 0; p < d; p++) {
      const windows = [i, j].map((row) => Array.from({ length: q }, (_, k) => inputs.data[row * d + ((p + k) % d)]!));
      const c = windows[0]!.reduce((total, x, k) => total + x * windows[1]![k]!, 0) / q;
      sum += expectedDeepKernel(name, matrix64(2, 2, Float64Array.of(1, c, c, 1)), 1).expectation.data[1]!;
    }
    expect(kernel.data[i * 6 + j]).toBeCloseTo(sum / d, 10);
  }
});

it('is the fully connected kernel when the window is the whole line', () => {
  const gram = expectedConvolutionalKernel('relu', inputs, 9);
  let inner = 0;
  for (let k = 0; k < 9; k++) inner += inputs.data[k]! * inputs.data[9 + k]!;
  const pair = matrix64(2, 2, Float64Array.of(1, inner / 9, inner / 9, 1));
  expect(gram.data[1]).toBeCloseTo(expectedDeepKernel('relu', pair, 1).expectation.data[1]!, 10);
});
