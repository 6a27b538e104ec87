import * as tf from '@tensorflow/tfjs-core';
import type { LayeredProblem } from '../layered-problem.js';
import { tensorActivation } from './activation.js';
import type { Trajectory } from './two-layer.js';

/**
 * Layers are applied to every position: an input n×(P·c) is n×P positions of c channels; each hidden layer takes, at each position, the
 * channels of q positions (its patch). Fully connected networks have one position and patches of one. All tensors are position-major: (n·P)×c.
 */
interface LayerTensors {
  /** Wᵀ, (q·c)×m. */
  readonly weights: tf.Tensor2D;
  /** Positions of each patch, P·q of them, and their inverse; null for a patch of one position. */
  readonly patches: { readonly gather: tf.Tensor1D; readonly scatter: tf.Tensor1D; readonly size: number } | null;
}

interface LayeredTensors {
  readonly activation: string;
  readonly positions: number;
  readonly layers: readonly LayerTensors[];
  /** v, (P·m)×1. */
  readonly readout: tf.Tensor2D;
}

function upload({ activation, positions, layers, readout }: LayeredProblem): LayeredTensors {
  return {
    activation,
    positions,
    layers: layers.map(({ weights: { rows, columns, data }, patches }) => ({
      weights: tf.tidy(() => tf.transpose(tf.tensor2d(data, [rows, columns]))),
      patches: patches && {
        gather: tf.tensor1d(patches.flat(), 'int32'),
        scatter: tf.tensor1d(inverseOf(patches), 'int32'),
        size: patches[0]!.length,
      },
    })),
    readout: tf.tensor2d(readout, [readout.length, 1]),
  };
}

/** For each position p and place k, the row p'·q + k of the patch p' that has p in place k. */
function inverseOf(patches: readonly (readonly number[])[]): number[] {
  const size = patches[0]!.length;
  const inverse = new Array<number>(patches.length * size);
  patches.forEach((patch, p) => {
    patch.forEach((position, k) => {
      inverse[position * size + k] = p * size + k;
    });
  });
  return inverse;
}

/** Rows of patches, (n·P)×(q·c), of hidden values (n·P)×c. */
function patchesOf(hidden: tf.Tensor2D, { patches }: LayerTensors, positions: number): tf.Tensor2D {
  if (!patches) return hidden;
  const [rows, channels] = hidden.shape;
  const gathered = tf.gather(tf.reshape(hidden, [rows / positions, positions, channels]), patches.gather, 1);
  return tf.reshape(gathered, [rows, patches.size * channels]);
}

/** The transpose of `patchesOf`: each position collects the rows of all patches that it is part of. */
function sumOfPatches(rows: tf.Tensor2D, { patches }: LayerTensors, positions: number): tf.Tensor2D {
  if (!patches) return rows;
  const channels = rows.shape[1] / patches.size;
  const samples = rows.shape[0] / positions;
  const places = tf.reshape(rows, [samples, positions * patches.size, channels]);
  const sorted = tf.reshape(tf.gather(places, patches.scatter, 1), [rows.shape[0], patches.size, channels]);
  return tf.sum(sorted, 1);
}

/** What the forward pass leaves for the backward one, a layer each: its patches (n·P)×(q·c), and Z (n·P)×m. */
interface Pass {
  readonly patches: tf.Tensor2D[];
  readonly preactivations: tf.Tensor2D[];
  /** H_L as features of the readout, n×(P·m). */
  readonly features: tf.Tensor2D;
}

function pass(network: LayeredTensors, inputs: tf.Tensor2D): Pass {
  const phi = tensorActivation(network.activation);
  const { positions } = network;
  const [samples, size] = inputs.shape;
  let hidden = tf.reshape(inputs, [samples * positions, size / positions]) as tf.Tensor2D;
  const patches: tf.Tensor2D[] = [];
  const preactivations: tf.Tensor2D[] = [];
  for (const layer of network.layers) {
    const rows = patchesOf(hidden, layer, positions);
    const z = tf.mul(tf.matMul(rows, layer.weights), 1 / Math.sqrt(rows.shape[1])) as tf.Tensor2D;
    patches.push(rows);
    preactivations.push(z);
    hidden = phi.value(z);
  }
  return { patches, preactivations, features: tf.reshape(hidden, [samples, network.readout.shape[0]]) };
}

function outputs({ features }: Pass, { readout }: LayeredTensors): tf.Tensor2D {
  return tf.mul(tf.matMul(features, readout), 1 / Math.sqrt(readout.shape[0]));
}

/** ∂f/∂Z of each layer, (n·P)×m, for weights r_i of the outputs (n×1): row i is scaled by r_i. */
function backward(network: LayeredTensors, { preactivations }: Pass, weights: tf.Tensor2D): tf.Tensor2D[] {
  const phi = tensorActivation(network.activation);
  const { positions, layers, readout } = network;
  const rows = preactivations.at(-1)!.shape[0];
  // Not a matMul: the WASM backend keeps its product operators by the data of their right factor, and takes one data in two shapes for the same.
  const start = tf.mul(tf.mul(weights, tf.reshape(readout, [1, readout.shape[0]])), 1 / Math.sqrt(readout.shape[0]));
  let gradient = tf.reshape(start, [rows, readout.shape[0] / positions]) as tf.Tensor2D;
  const gradients: tf.Tensor2D[] = [];
  for (let l = layers.length - 1; l >= 0; l--) {
    gradient = tf.mul(gradient, phi.slope(preactivations[l]!));
    gradients.unshift(gradient);
    if (l === 0) break;
    const weightsOf = layers[l]!.weights;
    const back = tf.mul(tf.matMul(gradient, tf.transpose(weightsOf)), 1 / Math.sqrt(weightsOf.shape[0])) as tf.Tensor2D;
    gradient = sumOfPatches(back, layers[l]!, positions);
  }
  return gradients;
}

/**
 * Tangent kernel of a layered network with all layers trained, n×n, layer by layer: with one position Σ_l (B_l B_lᵀ) ∘ (H_{l−1} H_{l−1}ᵀ)/m_{l−1},
 * else the Gram matrices of the layers' gradients Σ_p B_p ⊗ patch_p; and the readout's H_L H_Lᵀ/(P m). Cost n² (sum of widths) with one position,
 * n² (number of weights of the hidden layers) with more.
 */
export function layeredTangentKernel(problem: LayeredProblem): tf.Tensor2D {
  return tf.tidy(() => {
    const network = upload(problem);
    const { rows: samples, columns } = problem.inputs;
    const forward = pass(network, tf.tensor2d(problem.inputs.data, [samples, columns]));
    const gradients = backward(network, forward, tf.ones([samples, 1]));
    const parts = network.layers.map((_, l) => {
      const [patches, gradient] = [forward.patches[l]!, gradients[l]!];
      const scale = 1 / patches.shape[1];
      if (network.positions === 1) return tf.mul(tf.mul(gram(gradient), gram(patches)), scale) as tf.Tensor2D;
      const [m, k] = [gradient.shape[1], patches.shape[1]];
      const byPosition = tf.transpose(tf.reshape(gradient, [samples, network.positions, m]), [0, 2, 1]);
      const perSample = tf.matMul(byPosition, tf.reshape(patches, [samples, network.positions, k]));
      return tf.mul(gram(tf.reshape(perSample, [samples, m * k])), scale) as tf.Tensor2D;
    });
    return tf.addN([...parts, tf.mul(gram(forward.features), 1 / network.readout.shape[0]) as tf.Tensor2D]);
  });
}

function gram(a: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(a, tf.transpose(a));
}

/** θ ← θ + Σ_i r_i ∂f(x_i)/∂θ in all layers, for r (n×1). Returns new weights. */
function moved(network: LayeredTensors, forward: Pass, weights: tf.Tensor2D): LayeredTensors {
  const gradients = backward(network, forward, weights);
  return {
    ...network,
    layers: network.layers.map((layer, l) => {
      const rows = forward.patches[l]!;
      const change = tf.mul(tf.matMul(tf.transpose(rows), gradients[l]!), 1 / Math.sqrt(rows.shape[1]));
      return { ...layer, weights: tf.add(layer.weights, change) };
    }),
    readout: tf.add(
      network.readout,
      tf.mul(tf.matMul(tf.transpose(forward.features), weights), 1 / Math.sqrt(network.readout.shape[0])),
    ),
  };
}

/** Weights of the two copies in f = Σ_c weight_c f_c; a single network where the problem asks for one. */
function copiesOf({ copies }: LayeredProblem): readonly number[] {
  return copies === 'difference' ? [Math.SQRT1_2, -Math.SQRT1_2] : [1];
}

/**
 * Gradient descent on L = (1/2n) Σ (f − y)² over all layers with one step size, f = (f_a − f_b)/√2 of two copies that start equal (so that f = 0), or a
 * single network. Outputs n×1 at the steps in `record` (ascending), which the caller reads and disposes of.
 */
export function layeredTrajectory(problem: LayeredProblem, step: number, record: readonly number[]): Trajectory<tf.Tensor2D> {
  const weights = copiesOf(problem);
  const asTensor = ({ rows, columns, data }: LayeredProblem['inputs']) => tf.tensor2d(data, [rows, columns]);
  const inputs = asTensor(problem.inputs);
  const fresh = asTensor(problem.freshInputs);
  const labels = tf.tensor2d(problem.labels, [problem.labels.length, 1]);
  let networks = weights.map(() => upload(problem));
  const combined = (passes: readonly Pass[]) =>
    tf.addN(passes.map((forward, c) => tf.mul(outputs(forward, networks[c]!), weights[c]!) as tf.Tensor2D));
  const recorded: tf.Tensor2D[] = [];
  const freshRecorded: tf.Tensor2D[] = [];
  const last = record.at(-1) ?? 0;
  for (let done = 0; ; done++) {
    if (record.includes(done)) {
      recorded.push(tf.tidy(() => combined(networks.map((network) => pass(network, inputs)))));
      if (fresh.shape[0] > 0) freshRecorded.push(tf.tidy(() => combined(networks.map((network) => pass(network, fresh)))));
    }
    if (done === last) break;
    const next = tf.tidy(() => {
      const passes = networks.map((network) => pass(network, inputs));
      const residual = tf.mul(tf.sub(combined(passes), labels), -step / labels.shape[0]);
      const updated = networks.map((network, c) => moved(network, passes[c]!, tf.mul(residual, weights[c]!)));
      return updated as unknown as tf.TensorContainerArray;
    }) as unknown as LayeredTensors[];
    for (const { layers, readout } of networks) tf.dispose([readout, ...layers.map((layer) => layer.weights)]);
    networks = next;
  }
  for (const { layers, readout } of networks) {
    tf.dispose([
      readout,
      ...layers.flatMap(({ weights, patches }) => [weights, patches?.gather, patches?.scatter]),
    ] as tf.Tensor[]);
  }
  tf.dispose([inputs, fresh, labels]);
  return { outputs: recorded, freshOutputs: freshRecorded };
}
