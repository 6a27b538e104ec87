import { gram, matmulTransposed } from '../../linear-algebra/products.js';
import { activation } from '../../math/activation.js';
import { type Matrix64, matrix64, toFloat64, transposed } from '../../math/matrix.js';
import type { Trajectory } from '../implementation.js';
import type { LayeredModel } from './model.js';
import { type LayeredProblem, patchesOf, type Window } from './problem.js';

/** One copy of a layered network in float64. */
interface Network {
  /** W_l, m×(q·c). */
  readonly weights: Matrix64[];
  readonly readout: Float64Array;
}

interface Pass {
  /** Patches of each layer, (n·P)×(q·c). */
  readonly patches: Matrix64[];
  /** Z_l, (n·P)×m. */
  readonly preactivations: Matrix64[];
  /** H_L, n×(P·m). */
  readonly features: Matrix64;
}

function networkOf({ layers, readout }: LayeredProblem): Network {
  return {
    weights: layers.map(({ weights }) => ({ ...weights, data: Float64Array.from(weights.data) })),
    readout: Float64Array.from(readout),
  };
}

function scaled({ rows, columns, data }: Matrix64, factor: number): Matrix64 {
  return matrix64(
    rows,
    columns,
    data.map((value) => value * factor),
  );
}

function rowsSeen(hidden: Matrix64, window: Window | null, positions: number): Matrix64 {
  if (!window) return hidden;
  const patches = patchesOf(window);
  const channels = hidden.columns;
  const size = patches[0]!.length;
  const rows = matrix64(hidden.rows, size * channels);
  for (let row = 0; row < hidden.rows; row++) {
    const p = row % positions;
    for (let k = 0; k < size; k++) {
      const source = (row - p + patches[p]![k]!) * channels;
      rows.data.set(hidden.data.subarray(source, source + channels), (row * size + k) * channels);
    }
  }
  return rows;
}

function forward(problem: LayeredProblem, { weights, readout }: Network, inputs: Matrix64): Pass {
  const { value } = activation(problem.activation);
  const { positions } = problem;
  let hidden: Matrix64 = { rows: inputs.rows * positions, columns: inputs.columns / positions, data: inputs.data };
  const patches: Matrix64[] = [];
  const preactivations: Matrix64[] = [];
  weights.forEach((weightsOf, l) => {
    const rows = rowsSeen(hidden, problem.layers[l]!.window, positions);
    const z = scaled(matmulTransposed(rows, weightsOf), 1 / Math.sqrt(rows.columns));
    patches.push(rows);
    preactivations.push(z);
    hidden = matrix64(z.rows, z.columns, z.data.map(value));
  });
  return { patches, preactivations, features: { rows: inputs.rows, columns: readout.length, data: hidden.data } };
}

/** The forward pass of the network on its inputs in float64. */
export function referencePass(problem: LayeredProblem): Pass {
  return forward(problem, networkOf(problem), { ...problem.inputs, data: toFloat64(problem.inputs.data) });
}

function outputs({ features }: Pass, { readout }: Network): Float64Array {
  const column = matmulTransposed(features, { rows: 1, columns: readout.length, data: readout });
  return column.data.map((sum) => sum / Math.sqrt(readout.length));
}

/** ∂f(x_i)/∂Z_l of each layer, (n·P)×m, times r_i. */
function backward(problem: LayeredProblem, { weights, readout }: Network, { preactivations }: Pass, r: Float64Array): Matrix64[] {
  const { slope } = activation(problem.activation);
  const { positions } = problem;
  const last = preactivations.at(-1)!;
  let gradient = matrix64(last.rows, last.columns);
  const width = readout.length;
  gradient.data.forEach((_, k) => {
    gradient.data[k] = (r[Math.floor(k / width)]! * readout[k % width]!) / Math.sqrt(width);
  });
  const gradients: Matrix64[] = [];
  for (let l = weights.length - 1; l >= 0; l--) {
    const z = preactivations[l]!;
    gradient = matrix64(
      z.rows,
      z.columns,
      gradient.data.map((value, k) => value * slope(z.data[k]!)),
    );
    gradients.unshift(gradient);
    if (l === 0) break;
    const back = scaled(matmulTransposed(gradient, transposed(weights[l]!)), 1 / Math.sqrt(weights[l]!.columns));
    const { window } = problem.layers[l]!;
    const patches = window && patchesOf(window);
    const channels = preactivations[l - 1]!.columns;
    const spread = matrix64(gradient.rows, channels);
    for (let row = 0; row < back.rows; row++) {
      const p = row % positions;
      for (let k = 0; k < back.columns / channels; k++) {
        const target = (row - p + (patches ? patches[p]![k]! : p)) * channels;
        for (let c = 0; c < channels; c++) {
          spread.data[target + c] = spread.data[target + c]! + back.data[row * back.columns + k * channels + c]!;
        }
      }
    }
    gradient = spread;
  }
  return gradients;
}

/** Tangent kernel of a layered network, all layers trained, n×n, in float64: the Gram matrix of the per-input gradients. */
export function referenceLayeredKernel(problem: LayeredProblem): Matrix64 {
  const network = networkOf(problem);
  const { positions } = problem;
  const { rows: n, columns } = problem.inputs;
  const passed = forward(problem, network, { rows: n, columns, data: toFloat64(problem.inputs.data) });
  const gradients = backward(problem, network, passed, new Float64Array(n).fill(1));
  const kernel = scaled(gram(passed.features), 1 / network.readout.length);
  gradients.forEach((gradient, l) => {
    const patches = passed.patches[l]!;
    const perInput = matrix64(n, gradient.columns * patches.columns);
    for (let row = 0; row < gradient.rows; row++) {
      const start = Math.floor(row / positions) * perInput.columns;
      for (let r = 0; r < gradient.columns; r++) {
        const b = gradient.data[row * gradient.columns + r]!;
        for (let k = 0; k < patches.columns; k++) {
          const at = start + r * patches.columns + k;
          perInput.data[at] = perInput.data[at]! + b * patches.data[row * patches.columns + k]!;
        }
      }
    }
    const part = gram(perInput).data;
    for (let k = 0; k < part.length; k++) kernel.data[k] = kernel.data[k]! + part[k]! / patches.columns;
  });
  return kernel;
}

/** Θ r in float64 without Θ: the derivative of f along Σ_i r_i ∇f(x_i), for r of length n. */
export function referenceLayeredKernelTimes(problem: LayeredProblem, r: Float64Array): Float64Array {
  const network = networkOf(problem);
  const { positions } = problem;
  const { slope } = activation(problem.activation);
  const passed = referencePass(problem);
  const along = directionOf(problem, network, passed, r);
  let hidden: Matrix64 | null = null;
  network.weights.forEach((weightsOf, l) => {
    const [patches, z] = [passed.patches[l]!, passed.preactivations[l]!];
    const change = matmulTransposed(patches, along.weights[l]!);
    const inherited = hidden && matmulTransposed(rowsSeen(hidden, problem.layers[l]!.window, positions), weightsOf);
    const scale = 1 / Math.sqrt(patches.columns);
    const data = change.data.map((value, k) => (value + (inherited?.data[k] ?? 0)) * scale * slope(z.data[k]!));
    hidden = { ...change, data };
  });
  const asRow = (data: Float64Array): Matrix64 => ({ rows: 1, columns: data.length, data });
  const { rows, columns } = passed.features;
  const byWeights = matmulTransposed({ rows, columns, data: hidden!.data }, asRow(network.readout));
  const byReadout = matmulTransposed(passed.features, asRow(along.readout));
  return byWeights.data.map((value, i) => (value + byReadout.data[i]!) / Math.sqrt(columns));
}

/** Gradient descent in float64, as `layeredTrajectory`. */
export function referenceLayeredTrajectory(
  problem: LayeredProblem,
  step: number,
  record: readonly number[],
): Trajectory<Float64Array> {
  const shares = problem.copies === 'difference' ? [Math.SQRT1_2, -Math.SQRT1_2] : [1];
  const networks = shares.map(() => networkOf(problem));
  const asMatrix = (matrix: LayeredProblem['inputs']): Matrix64 => ({ ...matrix, data: toFloat64(matrix.data) });
  const [inputs, fresh] = [asMatrix(problem.inputs), asMatrix(problem.freshInputs)];
  const combined = (passes: readonly Pass[]) => {
    const sum = new Float64Array(passes[0]!.features.rows);
    passes.forEach((passed, c) => {
      outputs(passed, networks[c]!).forEach((output, i) => {
        sum[i] = sum[i]! + shares[c]! * output;
      });
    });
    return sum;
  };
  const recorded: Float64Array[] = [];
  const freshRecorded: Float64Array[] = [];
  const last = record.at(-1) ?? 0;
  for (let done = 0; done <= last; done++) {
    const passes = networks.map((network) => forward(problem, network, inputs));
    const now = combined(passes);
    if (record.includes(done)) {
      recorded.push(now);
      if (fresh.rows > 0) freshRecorded.push(combined(networks.map((network) => forward(problem, network, fresh))));
    }
    if (done === last) break;
    networks.forEach((network, c) => {
      const r = now.map((output, i) => (-step * shares[c]! * (output - problem.labels[i]!)) / now.length);
      descend(problem, network, passes[c]!, r);
    });
  }
  return { outputs: recorded, freshOutputs: freshRecorded };
}

/** Σ_i r_i ∂f(x_i)/∂θ. */
function directionOf(problem: LayeredProblem, network: Network, passed: Pass, r: Float64Array): Network {
  const readout = matmulTransposed(transposed(passed.features), { rows: 1, columns: r.length, data: r });
  const weights = backward(problem, network, passed, r).map((gradient, l) => {
    const patches = passed.patches[l]!;
    return scaled(matmulTransposed(transposed(gradient), transposed(patches)), 1 / Math.sqrt(patches.columns));
  });
  return { weights, readout: scaled(readout, 1 / Math.sqrt(readout.rows)).data };
}

/** θ ← θ + Σ_i r_i ∂f(x_i)/∂θ, in place. */
function descend(problem: LayeredProblem, network: Network, passed: Pass, r: Float64Array): void {
  const { weights, readout } = directionOf(problem, network, passed, r);
  const add = (target: Float64Array, change: Float64Array) => {
    for (let k = 0; k < target.length; k++) target[k] = target[k]! + change[k]!;
  };
  add(network.readout, readout);
  network.weights.forEach(({ data }, l) => {
    add(data, weights[l]!.data);
  });
}

/** This family in float64, as an implementation of it. */
export const referenceLayered: LayeredModel = {
  tangentKernel: async (problem) => referenceLayeredKernel(problem),
  train: async (problem, step, record) => referenceLayeredTrajectory(problem, step, record),
};
