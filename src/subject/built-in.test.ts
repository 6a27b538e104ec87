import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { openBackend } from '../backend/backend.js';
import { largestDifference } from '../math/matrix.js';
import { capable } from '../models/capability.js';
import { activations } from '../models/two-layer/instances.js';
import { drawProblem } from '../models/two-layer/problem.js';
import { smallInstance } from '../testing/small-problem.js';
import { builtInSubject, legsOf } from './built-in.js';
import { referenceSubject } from './reference.js';

it('holds no more tensors after 1,000 cases than before', async () => {
  const subject = builtInSubject(await openBackend('wasm'));
  const before = tf.memory().numTensors;
  for (let seed = 0; seed < 1000; seed++) {
    const problem = drawProblem(smallInstance({ seed, activation: activations[seed % activations.length]! }), 2);
    await subject.twoLayer.tangentKernel(problem, 'both');
    if (seed % 10 === 0) {
      await subject.twoLayer.train(problem, { first: 0.1, second: 0.1 }, [0, 2]);
      await subject.twoLayer.predict(problem, problem.inputs);
      await subject.twoLayer.tangentKernelProduct(problem, 'both', problem.labels);
      await subject.twoLayer.tangentKernelByJacobian(problem, 'both');
    }
  }
  expect(tf.memory().numTensors).toBe(before);
});

it('refuses a result that is not finite, and frees its tensors all the same', async () => {
  const subject = builtInSubject(await openBackend('cpu'));
  const problem = drawProblem(smallInstance({ activation: 'softplus' }));
  const before = tf.memory().numTensors;
  await expect(subject.twoLayer.train(problem, { first: 1e30, second: 1e30 }, [30])).rejects.toThrow(
    /not finite in outputs in training/,
  );
  expect(tf.memory().numTensors).toBe(before);
});

describe('what is larger than a block', () => {
  const problem = drawProblem(smallInstance({ samples: 23, activation: 'gelu' }));

  it.each(['first', 'second', 'both'] as const)('is computed in blocks (%s)', async (layers) => {
    const backend = await openBackend('wasm');
    const before = tf.memory().numTensors;
    const [whole, inBlocks] = [builtInSubject(backend).twoLayer, builtInSubject(backend, 5).twoLayer];
    const expected = await whole.tangentKernel(problem, layers);
    const kernel = await inBlocks.tangentKernel(problem, layers);
    expect([kernel.rows, kernel.columns]).toEqual([23, 23]);
    expect(largestDifference(kernel.data, expected.data)).toBeLessThan(1e-5);
    const product = await whole.tangentKernelProduct(problem, layers, problem.labels);
    expect(largestDifference(await inBlocks.tangentKernelProduct(problem, layers, problem.labels), product)).toBeLessThan(1e-5);
    const outputs = await whole.predict(problem, problem.inputs);
    expect(largestDifference(await inBlocks.predict(problem, problem.inputs), outputs)).toBeLessThan(1e-5);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps to the buffers of the device, and says what does not fit', async () => {
    const backend = await openBackend('wasm');
    const { inputs, secondLayer } = problem;
    const kernel = await builtInSubject(backend).twoLayer.tangentKernel(problem, 'first');
    // Room for four inputs a block.
    const tight = builtInSubject({ ...backend, largestTensor: inputs.columns * secondLayer.length }, 4).twoLayer;
    expect(largestDifference((await tight.tangentKernel(problem, 'first')).data, kernel.data)).toBeLessThan(1e-5);
    await expect(tight.train(problem, { first: 1, second: 0 }, [1])).rejects.toThrow(
      /the hidden layer, 23×\d+, does not fit into one buffer .*\n.*at most \d+ numbers[\s\S]*take fewer inputs or units/,
    );
    const tighter = builtInSubject({ ...backend, largestTensor: 10 }).twoLayer;
    await expect(tighter.tangentKernel(problem, 'first')).rejects.toThrow(
      /the first layer, .* does not fit[\s\S]*take fewer units/,
    );
  });
});

it('names a capability that a subject does not have', () => {
  expect(() => capable(referenceSubject, 'twoLayer', 'tangentKernelByJacobian')).toThrow(
    /lacks the capability 'twoLayer.tangentKernelByJacobian'/,
  );
  expect(capable(referenceSubject, 'twoLayer', 'predict')).toBe(referenceSubject.twoLayer!.predict);
});

describe('training in legs', () => {
  it('records each step once, and each leg ends where the next begins', () => {
    expect(legsOf([0, 3])).toEqual([{ steps: [0, 3], recorded: 2 }]);
    expect(legsOf([0])).toEqual([{ steps: [0], recorded: 1 }]);
    expect(legsOf([512, 513, 1100])).toEqual([
      { steps: [512], recorded: 1 },
      { steps: [1, 512], recorded: 1 },
      { steps: [76], recorded: 1 },
    ]);
  });

  it('gives what single legs give', async () => {
    const subject = builtInSubject(await openBackend('wasm'));
    const problem = drawProblem(smallInstance({ inputDimension: 4, samples: 5, width: 6 }), 2);
    const steps = { first: 0.1, second: 0.1 };
    const whole = await subject.twoLayer!.train!(problem, steps, [0, 100, 600, 700]);
    const early = await subject.twoLayer!.train!(problem, steps, [512]);
    const start = {
      ...problem,
      firstLayer: { ...problem.firstLayer, data: Float32Array.from(early.firstLayer!) },
      secondLayer: Float32Array.from(early.secondLayer!),
    };
    const late = await subject.twoLayer!.train!(start, steps, [88, 188]);
    expect(whole.outputs.length).toBe(4);
    expect(whole.outputs.slice(2)).toEqual(late.outputs);
    expect(whole.freshOutputs.slice(2)).toEqual(late.freshOutputs);
    expect(whole.firstLayer).toEqual(late.firstLayer);
  });
});
