import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Backend, openBackend } from '../../backend/backend.js';
import { matmulTransposed } from '../../linear-algebra/products.js';
import { largestDifference } from '../../math/matrix.js';
import { builtInSubject } from '../../subject/built-in.js';
import { referenceSubject } from '../../subject/reference.js';
import { smallInstance } from '../../testing/small-problem.js';
import type { ConvolutionalInstance } from './instances.js';
import { drawConvolutionalProblem, drawDeepProblem, type LayeredProblem } from './problem.js';
import { referenceLayeredKernelTimes } from './reference.js';
import { layeredTangentKernelByJacobian } from './tensors.js';

const convolutional = (changes: Partial<ConvolutionalInstance>) =>
  drawConvolutionalProblem({ ...smallInstance({ samples: 5, width: 3 }), depth: 1, filter: 2, geometry: 'line', ...changes }, 2);

const problems: Readonly<Record<string, LayeredProblem>> = {
  'one hidden layer': drawDeepProblem({ ...smallInstance({ samples: 5, width: 4 }), depth: 1 }, 2),
  'three hidden layers': drawDeepProblem({ ...smallInstance({ samples: 5, width: 4, activation: 'gelu' }), depth: 3 }, 2),
  'a line': convolutional({ activation: 'tanh', filter: 3 }),
  'two convolutions on a line': convolutional({ depth: 2, filter: 2 }),
  'images of two channels': convolutional({
    inputDimension: 18,
    activation: 'softplus',
    depth: 2,
    geometry: { side: 3, channels: 2 },
  }),
};

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend('wasm');
});
afterAll(() => backend.close());

describe.each(Object.entries(problems))('%s', (_, problem) => {
  it('has the kernel and the training of the float64 reference', async () => {
    const subject = builtInSubject(backend);
    const kernel = await subject.layered.tangentKernel(problem);
    expect(largestDifference(kernel.data, (await referenceSubject.layered!.tangentKernel!(problem)).data)).toBeLessThan(2e-5);
    for (const copies of ['difference', 'single'] as const) {
      const found = await subject.layered.train({ ...problem, copies }, 0.3, [0, 1, 4]);
      const expected = await referenceSubject.layered!.train!({ ...problem, copies }, 0.3, [0, 1, 4]);
      for (const part of ['outputs', 'freshOutputs'] as const) {
        for (const [k, outputs] of found[part].entries()) {
          expect(largestDifference(outputs, expected[part][k]!)).toBeLessThan(1e-5);
        }
      }
      if (copies === 'difference') expect(Math.max(...found.outputs[0]!.map(Math.abs))).toBe(0);
    }
  });

  it('has the kernel whose products are those without it', async () => {
    const kernel = await referenceSubject.layered!.tangentKernel!(problem);
    const r = Float64Array.from({ length: kernel.rows }, (_, i) => Math.cos(3 * i));
    const expected = matmulTransposed(kernel, { rows: 1, columns: r.length, data: r }).data;
    const found = referenceLayeredKernelTimes(problem, r);
    expect(largestDifference(found, expected)).toBeLessThan(1e-13 * Math.max(...expected.map(Math.abs)));
  });

  it('has the kernel of its automatic differentiation', async () => {
    const jacobian = await layeredTangentKernelByJacobian(problem);
    const kernel = await builtInSubject(backend).layered.tangentKernel(problem);
    expect(largestDifference(kernel.data, await jacobian.data())).toBeLessThan(1e-5);
    jacobian.dispose();
  });

  it('has the kernel that differences of its outputs give', async () => {
    const [step, single] = [1e-5, { ...problem, copies: 'single' as const }];
    const outputsOf = async (changed: LayeredProblem) => (await referenceSubject.layered!.train!(changed, 0, [0])).outputs[0]!;
    const parameters = [...problem.layers.map(({ weights }) => weights.data), problem.readout].map((data) =>
      Float64Array.from(data),
    );
    const withParameters = (all: readonly Float64Array[]): LayeredProblem => ({
      ...single,
      layers: single.layers.map((layer, l) => ({ ...layer, weights: { ...layer.weights, data: all[l]! as never } })),
      readout: all.at(-1)! as never,
    });
    const n = problem.inputs.rows;
    const kernel = new Float64Array(n * n);
    for (const [layer, data] of parameters.entries()) {
      for (let k = 0; k < data.length; k++) {
        const shifted = (by: number) =>
          outputsOf(withParameters(parameters.map((values, l) => (l === layer ? values.with(k, values[k]! + by) : values))));
        const [above, below] = [await shifted(step), await shifted(-step)];
        const gradient = above.map((output, i) => (output - below[i]!) / (2 * step));
        for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) kernel[i * n + j]! += gradient[i]! * gradient[j]!;
      }
    }
    expect(largestDifference(kernel, (await referenceSubject.layered!.tangentKernel!(problem)).data)).toBeLessThan(1e-7);
  });
});

it('leaves no tensor behind', async () => {
  const tf = await import('@tensorflow/tfjs-core');
  const subject = builtInSubject(backend);
  const before = tf.memory().numTensors;
  for (const problem of Object.values(problems)) {
    await subject.layered.tangentKernel(problem);
    await subject.layered.train(problem, 0.1, [0, 2]);
  }
  expect(tf.memory().numTensors).toBe(before);
});
