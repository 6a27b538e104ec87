import * as tf from '@tensorflow/tfjs-core';
import type { NeuronProblem, NeuronState, NeuronStep } from './problem.js';
import { fromPairs, fusedNeurons, toPairs } from './tensors-fused.js';
import { advancedByOperations, type Neurons, type Read } from './tensors-operations.js';

/**
 * Gradient flow of balanced ReLU neurons through the given steps, in polar form with the masks frozen between their events (see `neuronFlow` of the float64 reference, which chooses
 * the steps). Directions, masks and increments of ln ‖w‖ are float32 on the device; ln ‖w‖ itself, of any size, is summed in float64.
 * Returns the states after the recorded numbers of steps (ascending).
 */
export async function neuronTrajectory(
  problem: NeuronProblem,
  steps: readonly NeuronStep[],
  record: readonly number[],
  read: Read,
): Promise<NeuronState[]> {
  const { rows: n, columns: d } = problem.inputs;
  const h = problem.signs.length;
  const inputs = tf.tensor2d(problem.inputs.data, [n, d]);
  const directions = tf.tensor2d(problem.directions.data, [h, d]);
  let neurons: Neurons = {
    directions,
    masks: tf.tidy(() => tf.cast(tf.greater(tf.matMul(directions, tf.transpose(inputs)), 0), 'float32')),
    time: 0,
    logNorms: problem.logNorms,
    lastChange: new Float64Array(h),
    monotonicityViolations: 0,
  };
  const states: NeuronState[] = [];
  let done = 0;
  for (const wanted of record) {
    const before = neurons;
    const taken = steps.slice(done, wanted);
    neurons =
      (await advancedAtOnce(problem, inputs, before, taken, read)) ?? (await advancedByOperations(problem, before, taken, read));
    tf.dispose([before.directions, before.masks]);
    done = wanted;
    states.push({
      ...neurons,
      directions: { rows: h, columns: d, data: await read(neurons.directions, 'directions of neurons') },
      masks: Uint8Array.from(await read(neurons.masks, 'masks of neurons')),
    });
  }
  tf.dispose([neurons.directions, neurons.masks, inputs]);
  return states;
}

/** The neurons after these steps in one kernel; null where the backend has none. Those that it is given are left alone. */
async function advancedAtOnce(
  { labels, signs, loss, logScale }: NeuronProblem,
  inputs: tf.Tensor2D,
  { directions, masks, time, logNorms, lastChange, monotonicityViolations }: Neurons,
  steps: readonly NeuronStep[],
  read: Read,
): Promise<Neurons | null> {
  const h = signs.length;
  const given = {
    labels: tf.tensor1d(labels),
    signs: tf.tensor1d(signs),
    logNorms: tf.tensor2d(toPairs(logNorms), [h, 2]),
    lastChange: tf.tensor2d(toPairs(lastChange), [h, 2]),
  };
  const after = fusedNeurons({ inputs, directions, masks, ...given }, { loss, logScale, time, steps });
  tf.dispose(given);
  if (!after) return null;
  const [turned, active, ...numbers] = after as [tf.Tensor2D, tf.Tensor2D, tf.Tensor, tf.Tensor, tf.Tensor];
  const [norms, changes, violations] = await Promise.all(numbers.map((tensor) => read(tensor, 'growth of neurons')));
  tf.dispose(numbers);
  return {
    directions: turned,
    masks: active,
    time: steps.reduce((sum, { duration }) => sum + duration, time),
    logNorms: fromPairs(norms!),
    lastChange: fromPairs(changes!),
    monotonicityViolations: monotonicityViolations + violations![0]!,
  };
}
