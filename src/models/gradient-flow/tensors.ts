import * as tf from '@tensorflow/tfjs-core';
import type { DenseMatrix } from '../../math/matrix.js';
import { gram } from '../two-layer/tensors.js';
import { dormandPrince, type FlowState, type GradientFlowProblem } from './problem.js';
import { fusedFlow } from './tensors-fused.js';

type Read = (tensor: tf.Tensor, what: string) => Promise<Float32Array>;

/** Layers transposed, N_{l−1}×N_l, so that no forward product needs a flag. */
type Layers = readonly tf.Tensor2D[];

interface FlowData {
  readonly relu: boolean;
  readonly inputs: tf.Tensor2D;
  readonly inputsTransposed: tf.Tensor2D;
  readonly labels: tf.Tensor2D;
}

function upload(layers: readonly DenseMatrix[]): tf.Tensor2D[] {
  return layers.map(({ rows, columns, data }) =>
    tf.tidy(() => tf.transpose(tf.tensor2d(Float32Array.from(data), [rows, columns]))),
  );
}

/** H_0 = X, …, H_{L−1} and the outputs. */
function forward(relu: boolean, inputs: tf.Tensor2D, layers: Layers): tf.Tensor2D[] {
  const hidden = [inputs];
  layers.forEach((layer, l) => {
    const z = tf.matMul(hidden[l]!, layer);
    hidden.push((relu && l < layers.length - 1 ? tf.relu(z) : z) as tf.Tensor2D);
  });
  return hidden;
}

/** The signal below a layer, zero where its unit is inactive. */
function backward(signal: tf.Tensor2D, layer: tf.Tensor2D, hidden: tf.Tensor2D | null): tf.Tensor2D {
  // One output: not a matMul, for the WASM backend keeps its product operators by the data of their right factor, and takes one data in two shapes for the same.
  const below: tf.Tensor2D =
    layer.shape[1] === 1 ? tf.mul(signal, tf.reshape(layer, [1, layer.shape[0]])) : tf.matMul(signal, tf.transpose(layer));
  return hidden ? tf.mul(below, tf.step(hidden)) : below;
}

/** −∂L/∂Wᵀ, layer by layer. */
function descent({ relu, inputs, inputsTransposed, labels }: FlowData, layers: Layers): tf.Tensor2D[] {
  return tf.tidy(() => {
    const hidden = forward(relu, inputs, layers);
    let signal = tf.mul(tf.sub(labels, hidden.at(-1)!), 1 / labels.shape[0]) as tf.Tensor2D;
    const change: tf.Tensor2D[] = [];
    for (let l = layers.length - 1; l >= 0; l--) {
      const below = l === 0 ? inputsTransposed : tf.transpose(hidden[l]!);
      change.unshift(tf.matMul(below, signal));
      if (l > 0) signal = backward(signal, layers[l]!, relu ? hidden[l]! : null);
    }
    return change;
  });
}

/** The layers after these Dormand–Prince steps; those that it is given are left alone. */
function advanced(data: FlowData, layers: Layers, steps: readonly number[]): tf.Tensor2D[] {
  const { relu, inputs, labels } = data;
  const fused = fusedFlow({ inputs, labels, ...Object.fromEntries(layers.entries()) }, { relu, steps });
  return (fused as tf.Tensor2D[] | null) ?? advancedByOperations(data, layers, steps);
}

/** The same by operations of tfjs. */
function advancedByOperations(data: FlowData, start: Layers, steps: readonly number[]): tf.Tensor2D[] {
  let layers = start.map((layer) => tf.clone(layer));
  let slope = descent(data, layers);
  for (const step of steps) {
    const stages = [slope];
    let next = layers;
    for (const [stage, row] of dormandPrince.stages.entries()) {
      const from = next;
      next = layers.map((layer, l) =>
        tf.tidy(() =>
          tf.addN([
            layer,
            ...row.flatMap((coefficient, j) => (coefficient === 0 ? [] : [tf.mul(stages[j]![l]!, step * coefficient)])),
          ]),
        ),
      ) as tf.Tensor2D[];
      if (stage > 0) tf.dispose(from);
      stages.push(descent(data, next));
    }
    tf.dispose([...layers, ...stages.slice(0, -1).flat()]);
    layers = next;
    slope = stages.at(-1)!;
  }
  tf.dispose(slope);
  return layers;
}

/** Gradient flow through the given Dormand–Prince steps, wholly on the device; the weights after the recorded numbers of steps (ascending). */
export async function flowStates(
  problem: GradientFlowProblem,
  steps: readonly number[],
  record: readonly number[],
  read: Read,
): Promise<FlowState[]> {
  const inputs = tf.tensor2d(problem.inputs.data, [problem.inputs.rows, problem.inputs.columns]);
  const data: FlowData = {
    relu: problem.activation === 'relu',
    inputs,
    inputsTransposed: tf.transpose(inputs),
    labels: tf.tensor2d(problem.labels.data, [problem.labels.rows, problem.labels.columns]),
  };
  let layers: tf.Tensor2D[] = upload(problem.weights);
  let time = 0;
  let done = 0;
  const states: FlowState[] = [];
  for (const wanted of record) {
    const taken = steps.slice(done, wanted);
    const before = layers;
    layers = advanced(data, before, taken);
    tf.dispose(before);
    for (const step of taken) time += step;
    done = wanted;
    const weights: DenseMatrix[] = [];
    for (const layer of layers) {
      const untransposed = tf.transpose(layer);
      weights.push({ rows: layer.shape[1], columns: layer.shape[0], data: await read(untransposed, 'weights of a flow') });
      untransposed.dispose();
    }
    states.push({ time, weights });
  }
  tf.dispose([...layers, data.inputs, data.inputsTransposed, data.labels]);
  return states;
}

/** The inputs and then the fresh ones, (P + P')×D. */
function allInputs({ inputs, freshInputs }: GradientFlowProblem): tf.Tensor2D {
  const data = new Float32Array(inputs.data.length + freshInputs.data.length);
  data.set(inputs.data);
  data.set(freshInputs.data, inputs.data.length);
  return tf.tensor2d(data, [inputs.rows + freshInputs.rows, inputs.columns]);
}

/**
 * Tangent kernel on the inputs and then the fresh ones, for every pair of outputs: (C·(P + P')) square, output by output, layer by layer as Σ_l (G_l G_lᵀ) ∘ (H_{l−1} H_{l−1}ᵀ).
 */
export function flowKernel(problem: GradientFlowProblem, weights: readonly DenseMatrix[]): tf.Tensor2D {
  return tf.tidy(() => {
    const relu = problem.activation === 'relu';
    const layers = upload(weights);
    const inputs = allInputs(problem);
    const hidden = forward(relu, inputs, layers);
    const samples = inputs.shape[0];
    const outputs = layers.at(-1)!.shape[1];
    const repeated = (matrix: tf.Tensor2D) => tf.concat(Array.from({ length: outputs }, () => matrix));
    // Row c·(P + P') + i: the signal of output c at input i.
    const units = new Float32Array(outputs * samples * outputs);
    for (let row = 0; row < outputs * samples; row++) units[row * outputs + Math.floor(row / samples)] = 1;
    let signal = tf.tensor2d(units, [outputs * samples, outputs]);
    const parts: tf.Tensor2D[] = [];
    for (let l = layers.length - 1; l >= 0; l--) {
      parts.push(tf.mul(gram(signal), gram(repeated(hidden[l]!) as tf.Tensor2D)));
      if (l > 0) signal = backward(signal, layers[l]!, relu ? (repeated(hidden[l]!) as tf.Tensor2D) : null);
    }
    return tf.addN(parts);
  });
}

/** The same as the Gram matrix of the Jacobian that automatic differentiation gives. */
export async function flowKernelByJacobian(problem: GradientFlowProblem, weights: readonly DenseMatrix[]): Promise<tf.Tensor2D> {
  await import('@tensorflow/tfjs-layers'); // registers the gradients of tfjs-core's operations
  return tf.tidy(() => {
    const layers = upload(weights);
    const inputs = tf.split(allInputs(problem), problem.inputs.rows + problem.freshInputs.rows) as tf.Tensor2D[];
    const outputs = layers.at(-1)!.shape[1];
    const rows: tf.Tensor1D[] = [];
    for (let c = 0; c < outputs; c++) {
      for (const input of inputs) {
        const value = (...at: tf.Tensor[]) =>
          tf.sum(tf.slice(forward(problem.activation === 'relu', input, at as tf.Tensor2D[]).at(-1)!, [0, c], [1, 1]));
        const gradients = tf.grads(value as never)(layers as tf.Tensor[]);
        rows.push(tf.concat1d(gradients.map((gradient) => tf.reshape(gradient, [-1]) as tf.Tensor1D)));
      }
    }
    return gram(tf.stack(rows) as tf.Tensor2D);
  });
}
