import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { openBackend } from '../backend/backend.js';
import { capable } from '../models/capability.js';
import { activations } from '../models/two-layer/instances.js';
import { drawProblem } from '../models/two-layer/problem.js';
import { smallInstance } from '../testing/small-problem.js';
import { builtInSubject } from './built-in.js';
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

it('names a capability that a subject does not have', () => {
  expect(() => capable(referenceSubject, 'twoLayer', 'tangentKernelByJacobian')).toThrow(
    /lacks the capability 'twoLayer.tangentKernelByJacobian'/,
  );
  expect(capable(referenceSubject, 'twoLayer', 'predict')).toBe(referenceSubject.twoLayer!.predict);
});
