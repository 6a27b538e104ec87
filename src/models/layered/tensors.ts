import * as tf from '@tensorflow/tfjs-core';
import { tensorActivation } from '../../backend/activation.js';
import type { Trajectory } from '../implementation.js';
import { gram } from '../two-layer/tensors.js';
import { type LayeredProblem, patchesOf, positionsOf, type Window } from './problem.js';

/**
 * Layers are applied to every position: an input n×(P·c) is P positions of c channels; each hidden layer takes, at each position, the channels of the
 * q positions in its window. Fully connected networks have one position. Tensors hold one position after another, (P·n)×c.
 */
interface LayerTensors {
  /** Wᵀ, (q·c)×m: one c×m block for each place of the window. */
  readonly weights: tf.Tensor2D;
  /** Null where a layer takes its rows as they are; the first one does, whose windows `uploadInputs` lays out. */
  readonly window: Window | null;
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
    layers: layers.map(({ weights: { rows, columns, data }, window }, l) => ({
      weights: tf.tidy(() => tf.transpose(tf.tensor2d(data, [rows, columns]))),
      window: l === 0 ? null : window,
    })),
    readout: tf.tensor2d(readout, [readout.length, 1]),
  };
}

/** The rows that the first layer takes, (P·n)×(q·c), of inputs n×(P·c). They stay the same throughout training. */
function uploadInputs({ rows: n, columns, data }: LayeredProblem['inputs'], { positions, layers }: LayeredProblem): tf.Tensor2D {
  const channels = columns / positions;
  const { window } = layers[0]!;
  const patches = window ? patchesOf(window) : Array.from({ length: positions }, (_, p) => [p]);
  const size = patches[0]!.length;
  const arranged = new Float32Array(positions * n * size * channels);
  let next = 0;
  for (const patch of patches) {
    for (let i = 0; i < n; i++) {
      for (const position of patch) {
        const start = i * columns + position * channels;
        arranged.set(data.subarray(start, start + channels), next);
        next += channels;
      }
    }
  }
  return tf.tensor2d(arranged, [positions * n, size * channels]);
}

/**
 * The values (P·n)×c as each place of the windows sees them, q tensors (P·n)×c; backwards, as each position is seen from that place. By rolling whole
 * axes of the grid: the WASM backend copies those in blocks, and takes 30 ns for every number of a gather or a tile.
 */
function shifted(values: tf.Tensor2D, window: Window | null, backwards = false): tf.Tensor2D[] {
  if (!window) return [values];
  const { grid, size } = window;
  const row = values.size / positionsOf(grid);
  let places: tf.Tensor[] = [tf.reshape(values, [...grid, row])];
  grid.forEach((length, axis) => {
    places = places.flatMap((place) =>
      Array.from({ length: size }, (_, k) => rolled(place, axis, (backwards ? length - k : k) % length)),
    );
  });
  return places.map((place) => tf.reshape(place, values.shape));
}

/** result[p] = values[p + offset modulo the length of the axis]. */
function rolled(values: tf.Tensor, axis: number, offset: number): tf.Tensor {
  if (offset === 0) return values;
  const part = (from: number, to: number) => {
    const begin = values.shape.map((_, k) => (k === axis ? from : 0));
    const size = values.shape.map((length, k) => (k === axis ? to - from : length));
    return tf.slice(values, begin, size);
  };
  return tf.concat([part(offset, values.shape[axis]!), part(0, offset)], axis);
}

/** (P·n)×m as n×(P·m). */
function bySample(values: tf.Tensor2D, positions: number): tf.Tensor2D {
  if (positions === 1) return values;
  const [rows, width] = values.shape;
  const sorted = tf.transpose(tf.reshape(values, [positions, rows / positions, width]), [1, 0, 2]);
  return tf.reshape(sorted, [rows / positions, positions * width]);
}

function sum(terms: readonly tf.Tensor[]): tf.Tensor2D {
  return tf.addN([...terms]) as tf.Tensor2D;
}

/** Wᵀ by places, q blocks of c×m. */
function blocksOf({ weights }: LayerTensors, places: number): tf.Tensor2D[] {
  return places === 1 ? [weights] : (tf.split(weights, places) as tf.Tensor2D[]);
}

/** What the forward pass leaves for the backward one, a layer each: what its places see, and Z, (P·n)×m. */
interface Pass {
  readonly seen: tf.Tensor2D[][];
  readonly preactivations: tf.Tensor2D[];
  /** H_L as features of the readout, n×(P·m). */
  readonly features: tf.Tensor2D;
}

/** The forward pass from the rows of the first layer. */
function pass({ activation, positions, layers }: LayeredTensors, inputs: tf.Tensor2D): Pass {
  const phi = tensorActivation(activation);
  let hidden = inputs;
  const seen: tf.Tensor2D[][] = [];
  const preactivations: tf.Tensor2D[] = [];
  for (const layer of layers) {
    const places = shifted(hidden, layer.window);
    const blocks = blocksOf(layer, places.length);
    const z = tf.mul(sum(places.map((values, k) => tf.matMul(values, blocks[k]!))), 1 / Math.sqrt(layer.weights.shape[0]));
    seen.push(places);
    preactivations.push(z as tf.Tensor2D);
    hidden = phi.value(z as tf.Tensor2D);
  }
  return { seen, preactivations, features: bySample(hidden, positions) };
}

function outputs({ features }: Pass, { readout }: LayeredTensors): tf.Tensor2D {
  return tf.mul(tf.matMul(features, readout), 1 / Math.sqrt(readout.shape[0]));
}

/** ∂f/∂Z of each layer, (P·n)×m, for weights r_i of the outputs (n×1): the rows of sample i are scaled by r_i. */
function backward(network: LayeredTensors, { preactivations }: Pass, weights: tf.Tensor2D): tf.Tensor2D[] {
  const phi = tensorActivation(network.activation);
  const { positions, layers, readout } = network;
  const [samples, size] = [weights.shape[0], readout.shape[0]];
  // Not a matMul: the WASM backend keeps its product operators by the data of their right factor, and takes one data in two shapes for the same.
  const start = tf.mul(tf.reshape(weights, [1, samples, 1]), tf.reshape(readout, [positions, 1, size / positions]));
  let gradient = tf.reshape(tf.mul(start, 1 / Math.sqrt(size)), [positions * samples, size / positions]) as tf.Tensor2D;
  const gradients: tf.Tensor2D[] = [];
  for (let l = layers.length - 1; l >= 0; l--) {
    gradient = tf.mul(gradient, phi.slope(preactivations[l]!));
    gradients.unshift(gradient);
    if (l === 0) break;
    const layer = layers[l]!;
    const places = shifted(gradient, layer.window, true);
    const blocks = blocksOf(layer, places.length);
    const back = sum(places.map((values, k) => tf.matMul(values, tf.transpose(blocks[k]!))));
    gradient = tf.mul(back, 1 / Math.sqrt(layer.weights.shape[0]));
  }
  return gradients;
}

/**
 * Tangent kernel of a layered network with all layers trained, n×n, layer by layer: with one position Σ_l (B_l B_lᵀ) ∘ (H_{l−1} H_{l−1}ᵀ)/m_{l−1},
 * else the Gram matrices of the layers' gradients Σ_p B_p ⊗ (what p sees); and the readout's H_L H_Lᵀ/(P m). Cost n² (sum of widths) with one position,
 * n² (number of weights of the hidden layers) with more.
 */
export function layeredTangentKernel(problem: LayeredProblem): tf.Tensor2D {
  return tf.tidy(() => {
    const network = upload(problem);
    const { positions } = network;
    const samples = problem.inputs.rows;
    const forward = pass(network, uploadInputs(problem.inputs, problem));
    const gradients = backward(network, forward, tf.ones([samples, 1]));
    const perPosition = (values: tf.Tensor2D, order: number[]) =>
      tf.transpose(tf.reshape(values, [positions, samples, values.shape[1]]), order);
    const parts = network.layers.flatMap(({ weights }, l) => {
      const gradient = gradients[l]!;
      return forward.seen[l]!.map((values) => {
        const scale = 1 / weights.shape[0];
        if (positions === 1) return tf.mul(tf.mul(gram(gradient), gram(values)), scale) as tf.Tensor2D;
        const perSample = tf.matMul(perPosition(gradient, [1, 2, 0]), perPosition(values, [1, 0, 2]));
        return tf.mul(gram(tf.reshape(perSample, [samples, gradient.shape[1] * values.shape[1]])), scale) as tf.Tensor2D;
      });
    });
    return sum([...parts, tf.mul(gram(forward.features), 1 / network.readout.shape[0])]);
  });
}

/**
 * The same as the Gram matrix of the Jacobian that automatic differentiation gives, one backward pass per input; it shares only the forward pass. Cost
 * n² (number of weights).
 */
export async function layeredTangentKernelByJacobian(problem: LayeredProblem): Promise<tf.Tensor2D> {
  await import('@tensorflow/tfjs-layers'); // registers the gradients of tfjs-core's operations
  return tf.tidy(() => {
    const network = upload(problem);
    const { rows: n, columns, data } = problem.inputs;
    const rows = Array.from({ length: n }, (_, i) => {
      const input = uploadInputs({ rows: 1, columns, data: data.subarray(i * columns, (i + 1) * columns) }, problem);
      const output = (...weights: tf.Tensor[]) => {
        const layers = network.layers.map((layer, l) => ({ ...layer, weights: weights[l] as tf.Tensor2D }));
        const varied = { ...network, layers, readout: weights.at(-1) as tf.Tensor2D };
        return outputs(pass(varied, input), varied);
      };
      const gradients = tf.grads(output)([...network.layers.map(({ weights }) => weights), network.readout]);
      return tf.concat1d(gradients.map((gradient) => tf.reshape(gradient, [-1]) as tf.Tensor1D));
    });
    return gram(tf.stack(rows) as tf.Tensor2D);
  });
}

/** θ ← θ + Σ_i r_i ∂f(x_i)/∂θ in all layers, for r (n×1). Returns new weights. */
function moved(network: LayeredTensors, forward: Pass, weights: tf.Tensor2D): LayeredTensors {
  const gradients = backward(network, forward, weights);
  return {
    ...network,
    layers: network.layers.map((layer, l) => {
      const transposed = tf.transpose(gradients[l]!);
      const change = forward.seen[l]!.map((values) => tf.transpose(tf.matMul(transposed, values)));
      const scale = 1 / Math.sqrt(layer.weights.shape[0]);
      return { ...layer, weights: tf.add(layer.weights, tf.mul(tf.concat2d(change as tf.Tensor2D[], 0), scale)) };
    }),
    readout: tf.add(
      network.readout,
      tf.mul(tf.matMul(tf.transpose(forward.features), weights), 1 / Math.sqrt(network.readout.shape[0])),
    ),
  };
}

/**
 * Gradient descent on L = (1/2n) Σ (f − y)² over all layers with one step size, f = (f_a − f_b)/√2 of two copies that start equal (so that f = 0), or a
 * single network. Outputs n×1 at the steps in `record` (ascending), which the caller reads and disposes of.
 */
export function layeredTrajectory(problem: LayeredProblem, step: number, record: readonly number[]): Trajectory<tf.Tensor2D> {
  const shares = problem.copies === 'difference' ? [Math.SQRT1_2, -Math.SQRT1_2] : [1];
  const inputs = uploadInputs(problem.inputs, problem);
  const fresh = uploadInputs(problem.freshInputs, problem);
  const labels = tf.tensor2d(problem.labels, [problem.labels.length, 1]);
  let networks = shares.map(() => upload(problem));
  const passes = (at: tf.Tensor2D) => networks.map((network) => pass(network, at));
  const combined = (results: readonly Pass[]) =>
    sum(results.map((forward, c) => tf.mul(outputs(forward, networks[c]!), shares[c]!)));
  const recorded: tf.Tensor2D[] = [];
  const freshRecorded: tf.Tensor2D[] = [];
  const last = record.at(-1) ?? 0;
  for (let done = 0; done <= last; done++) {
    const { output, freshOutput, updated } = tf.tidy(() => {
      const results = passes(inputs);
      const now = combined(results);
      const residual = tf.mul(tf.sub(now, labels), -step / labels.shape[0]);
      return {
        output: now,
        freshOutput: record.includes(done) && problem.freshInputs.rows > 0 ? combined(passes(fresh)) : null,
        updated: networks.map((network, c) =>
          done === last ? network : moved(network, results[c]!, tf.mul(residual, shares[c]!)),
        ),
      } as unknown as tf.TensorContainerObject;
    }) as unknown as { output: tf.Tensor2D; freshOutput: tf.Tensor2D | null; updated: LayeredTensors[] };
    if (record.includes(done)) recorded.push(output);
    else output.dispose();
    if (freshOutput) freshRecorded.push(freshOutput);
    if (done < last) dispose(networks);
    networks = updated;
  }
  dispose(networks);
  tf.dispose([inputs, fresh, labels]);
  return { outputs: recorded, freshOutputs: freshRecorded };
}

function dispose(networks: readonly LayeredTensors[]): void {
  for (const { layers, readout } of networks) tf.dispose([readout, ...layers.map(({ weights }) => weights)]);
}
