import * as tf from '@tensorflow/tfjs-core';
import { tensorActivation } from '../../backend/activation.js';
import type { StepSizes, TrainedLayers, WeighedTrajectory } from './model.js';
import type { TwoLayerProblem } from './problem.js';
import { fusedDescent, fusedOutputs, fusedTangentKernel } from './tensors-fused.js';

/** A two-layer network on the active backend. W is kept transposed (d×m), so that no product needs a transpose flag. */
export interface TwoLayerTensors {
  readonly activation: string;
  /** Wᵀ, d×m. */
  readonly firstLayer: tf.Tensor2D;
  /** v, 1×m. */
  readonly secondLayer: tf.Tensor2D;
}

/** Uploads the weights of a problem; the caller disposes of them. */
export function uploadNetwork({ activation, firstLayer, secondLayer }: TwoLayerProblem): TwoLayerTensors {
  return {
    activation,
    firstLayer: tf.tidy(() => tf.transpose(tf.tensor2d(firstLayer.data, [firstLayer.rows, firstLayer.columns]))),
    secondLayer: tf.tensor2d(secondLayer, [1, secondLayer.length]),
  };
}

/** Z = X Wᵀ/√d, n×m, for inputs n×d. */
export function preactivations(network: TwoLayerTensors, inputs: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.mul(tf.matMul(inputs, network.firstLayer), 1 / Math.sqrt(inputs.shape[1])));
}

/** f(X) = (1/√m) φ(X Wᵀ/√d) v, n×1. */
export function forward(network: TwoLayerTensors, inputs: tf.Tensor2D): tf.Tensor2D {
  const { activation, firstLayer, secondLayer } = network;
  const fused = fusedOutputs({ inputs, firstLayer, secondLayer }, { activation });
  return (fused?.[0] as tf.Tensor2D | undefined) ?? forwardByOperations(network, inputs);
}

/** The same by operations of tfjs, which can be differentiated. */
export function forwardByOperations(network: TwoLayerTensors, inputs: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => readout(network, tensorActivation(network.activation).value(preactivations(network, inputs))));
}

/** (1/√m) H v, n×1, for hidden values H n×m. */
function readout({ secondLayer }: TwoLayerTensors, hidden: tf.Tensor2D): tf.Tensor2D {
  const width = secondLayer.shape[1];
  return tf.mul(tf.matMul(hidden, tf.reshape(secondLayer, [width, 1])), 1 / Math.sqrt(width));
}

export interface TrainingData {
  /** X, n×d. */
  readonly inputs: tf.Tensor2D;
  /** y, n×1. */
  readonly labels: tf.Tensor2D;
  readonly loss: TwoLayerProblem['loss'];
}

/** n ∂L/∂f, n×1: f − y, or −y times the weight −ℓ'(y f) of a margin. */
function residualOf(outputs: tf.Tensor2D, { labels, loss }: TrainingData): tf.Tensor2D {
  if (loss === undefined) return tf.sub(outputs, labels);
  const margin = tf.mul(labels, outputs);
  const weight = loss === 'exponential' ? tf.exp(tf.neg(margin)) : tf.mul(tf.sigmoid(tf.neg(margin)), 2);
  return tf.neg(tf.mul(labels, weight));
}

/**
 * One full-batch gradient step on L = (1/2n) Σ (f − y)², or on (1/n) Σ ℓ(y f): W ← W − η₁ ∂L/∂W and v ← v − η₂ ∂L/∂v, both gradients taken at the old
 * weights. Returns new weights; a layer with step 0 is the same tensor.
 */
export function gradientStep(network: TwoLayerTensors, data: TrainingData, steps: StepSizes): TwoLayerTensors {
  const { firstLayer, secondLayer } = network;
  const [samples, inputDimension] = data.inputs.shape;
  const width = secondLayer.shape[1];
  const phi = tensorActivation(network.activation);
  const next = tf.tidy(() => {
    const z = preactivations(network, data.inputs);
    const hidden = phi.value(z);
    const residual = residualOf(readout(network, hidden), data);
    const updated: { firstLayer?: tf.Tensor2D; secondLayer?: tf.Tensor2D } = {};
    if (steps.first !== 0) {
      const backward = tf.mul(
        tf.mul(phi.slope(z), secondLayer),
        tf.mul(residual, steps.first / (samples * Math.sqrt(width * inputDimension))),
      );
      // (Gᵀ X)ᵀ and not Xᵀ G: the WASM backend packs every right factor that it has not seen, at the cost of the product itself.
      updated.firstLayer = tf.sub(firstLayer, tf.transpose(tf.matMul(tf.transpose(backward as tf.Tensor2D), data.inputs)));
    }
    if (steps.second !== 0) {
      const gradient = tf.matMul(tf.reshape(residual, [1, samples]), hidden);
      updated.secondLayer = tf.sub(secondLayer, tf.mul(gradient, steps.second / (samples * Math.sqrt(width))));
    }
    return updated as { [layer: string]: tf.Tensor2D };
  });
  return { ...network, firstLayer, secondLayer, ...next };
}

/** `count` gradient steps. Disposes of the network that it is given; its layers are the caller's from then on. */
function descended(network: TwoLayerTensors, data: TrainingData, steps: StepSizes, count: number): TwoLayerTensors {
  const { activation, firstLayer, secondLayer } = network;
  const { inputs, labels, loss = 'square' } = data;
  const fused = fusedDescent({ inputs, labels, firstLayer, secondLayer }, { activation, loss, count, steps });
  const [first, second] = fused ?? descendedByOperations(network, data, steps, count);
  tf.dispose([firstLayer, secondLayer]);
  return { activation, firstLayer: first as tf.Tensor2D, secondLayer: second as tf.Tensor2D };
}

/** The same by operations of tfjs: Wᵀ and v after the steps. */
function descendedByOperations(start: TwoLayerTensors, data: TrainingData, steps: StepSizes, count: number): tf.Tensor2D[] {
  let network: TwoLayerTensors = { ...start, firstLayer: tf.clone(start.firstLayer), secondLayer: tf.clone(start.secondLayer) };
  for (let done = 0; done < count; done++) {
    const next = gradientStep(network, data, steps);
    if (next.firstLayer !== network.firstLayer) network.firstLayer.dispose();
    if (next.secondLayer !== network.secondLayer) network.secondLayer.dispose();
    network = next;
  }
  return [network.firstLayer, network.secondLayer];
}

/**
 * Gradient descent from the problem's weights, wholly on the device: only outputs at the steps in `record` (ascending, 0 is the
 * initial network) and the last weights are kept, as tensors that the caller reads and disposes of.
 */
export function trajectory(
  problem: TwoLayerProblem,
  steps: StepSizes,
  record: readonly number[],
): WeighedTrajectory<tf.Tensor2D> {
  const data = uploadData(problem);
  const { rows, columns } = problem.freshInputs;
  const fresh = tf.tensor2d(problem.freshInputs.data, [rows, columns]);
  let network = uploadNetwork(problem);
  const outputs: tf.Tensor2D[] = [];
  const freshOutputs: tf.Tensor2D[] = [];
  let done = 0;
  for (const step of record) {
    if (step > done) network = descended(network, data, steps, step - done);
    done = step;
    outputs.push(forward(network, data.inputs));
    if (rows > 0) freshOutputs.push(forward(network, fresh));
  }
  const firstLayer = tf.transpose(network.firstLayer);
  tf.dispose([network.firstLayer, data.inputs, data.labels, fresh]);
  return { outputs, freshOutputs, firstLayer, secondLayer: network.secondLayer };
}

function uploadData({ inputs: { rows, columns, data }, labels, loss }: TwoLayerProblem): TrainingData {
  return { inputs: tf.tensor2d(data, [rows, columns]), labels: tf.tensor2d(labels, [rows, 1]), loss };
}

/**
 * Tangent kernel of a two-layer network, n×n, in closed form (hu2020):
 * Θ₁ = (1/m)(φ'(Z) diag v)(φ'(Z) diag v)ᵀ ∘ XXᵀ/d, Θ₂ = (1/m) φ(Z) φ(Z)ᵀ, both layers: their sum. Cost n²(m + d).
 */
export function tangentKernel(network: TwoLayerTensors, inputs: tf.Tensor2D, layers: TrainedLayers): tf.Tensor2D {
  const { activation, firstLayer, secondLayer } = network;
  const fused = fusedTangentKernel({ inputs, firstLayer, secondLayer }, { activation, layers });
  return (fused?.[0] as tf.Tensor2D | undefined) ?? tangentKernelBetween(network, inputs, inputs, layers);
}

/** The block of Θ that two sets of inputs share, n×n' for inputs n×d and n'×d, by operations of tfjs. */
export function tangentKernelBetween(
  network: TwoLayerTensors,
  inputs: tf.Tensor2D,
  others: tf.Tensor2D,
  layers: TrainedLayers,
): tf.Tensor2D {
  return tf.tidy(() => {
    const phi = tensorActivation(network.activation);
    const preactivated = [inputs, ...(others === inputs ? [] : [others])].map((some) => preactivations(network, some));
    const width = network.secondLayer.shape[1];
    const parts: tf.Tensor2D[] = [];
    if (layers !== 'second') {
      const [left, right] = preactivated.map((z) => tf.mul(phi.slope(z), network.secondLayer) as tf.Tensor2D);
      const inputsGram = tf.mul(productTransposed(inputs, others), 1 / (width * inputs.shape[1]));
      parts.push(tf.mul(productTransposed(left!, right ?? left!), inputsGram));
    }
    if (layers !== 'first') {
      const [left, right] = preactivated.map((z) => phi.value(z));
      parts.push(tf.mul(productTransposed(left!, right ?? left!), 1 / width));
    }
    return tf.addN(parts);
  });
}

/** A Bᵀ with the transpose materialised: transpose flags make WASM products an order of magnitude slower. */
function productTransposed(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.matMul(a, tf.transpose(b)));
}

/** A Aᵀ. */
export function gram(a: tf.Tensor2D): tf.Tensor2D {
  return productTransposed(a, a);
}

/**
 * Θ u for a vector u (n×1) without forming Θ, over blocks of the inputs: the Jacobian's transpose is applied as one backward pass, the Jacobian as
 * one forward-mode pass. Cost n·m·d.
 */
export function tangentKernelProduct(
  network: TwoLayerTensors,
  blocks: readonly { readonly inputs: tf.Tensor2D; readonly vector: tf.Tensor2D }[],
  layers: TrainedLayers,
): tf.Tensor2D {
  const phi = tensorActivation(network.activation);
  const width = network.secondLayer.shape[1];
  const features = (inputs: tf.Tensor2D) => {
    const z = preactivations(network, inputs);
    return {
      slopes: layers === 'second' ? null : (tf.mul(phi.slope(z), network.secondLayer) as tf.Tensor2D),
      values: layers === 'first' ? null : phi.value(z),
    };
  };
  return tf.tidy(() => {
    // Jᵀu, d×m and 1×m.
    const gradients = blocks.map(({ inputs, vector }) =>
      tf.tidy(() => {
        const { slopes, values } = features(inputs);
        const parts: { first?: tf.Tensor2D; second?: tf.Tensor2D } = {};
        if (slopes) parts.first = tf.matMul(tf.transpose(inputs), tf.mul(slopes, vector));
        if (values) parts.second = tf.matMul(tf.transpose(vector), values);
        return parts as { [layer: string]: tf.Tensor2D };
      }),
    );
    const sum = (layer: 'first' | 'second') => tf.addN(gradients.map((gradient) => gradient[layer]!));
    const first = layers === 'second' ? null : sum('first');
    const second = layers === 'first' ? null : tf.reshape(sum('second'), [width, 1]);
    const changes = blocks.map(({ inputs }) =>
      tf.tidy(() => {
        const { slopes, values } = features(inputs);
        const parts: tf.Tensor2D[] = [];
        if (slopes) {
          const change = tf.sum(tf.mul(slopes, tf.matMul(inputs, first!)), 1, true) as tf.Tensor2D;
          parts.push(tf.mul(change, 1 / (width * inputs.shape[1])));
        }
        if (values) parts.push(tf.mul(tf.matMul(values, second!), 1 / width));
        return tf.addN(parts);
      }),
    );
    return tf.concat(changes, 0);
  });
}

/**
 * Tangent kernel as the Gram matrix of the Jacobian that automatic differentiation gives, one backward pass per input. It shares
 * only the forward pass with the closed form; cost n²·m·d.
 */
export async function tangentKernelByJacobian(
  network: TwoLayerTensors,
  inputs: tf.Tensor2D,
  layers: TrainedLayers,
): Promise<tf.Tensor2D> {
  await import('@tensorflow/tfjs-layers'); // registers the gradients of tfjs-core's operations
  return tf.tidy(() => {
    const output = (input: tf.Tensor2D) => (firstLayer: tf.Tensor, secondLayer: tf.Tensor) =>
      forwardByOperations({ ...network, firstLayer: firstLayer as tf.Tensor2D, secondLayer: secondLayer as tf.Tensor2D }, input);
    const rows = tf.split(inputs, inputs.shape[0]).map((input) => {
      const [first, second] = tf.grads(output(input as tf.Tensor2D))([network.firstLayer, network.secondLayer]);
      const trained = { first: [first!], second: [second!], both: [first!, second!] }[layers];
      return tf.concat1d(trained.map((gradient) => tf.reshape(gradient, [-1]) as tf.Tensor1D));
    });
    return gram(tf.stack(rows) as tf.Tensor2D);
  });
}
