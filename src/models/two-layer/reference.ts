import { gram, inputGram, matmulTransposed } from '../../linear-algebra/products.js';
import { activation } from '../../math/activation.js';
import { lossWeight } from '../../math/margin-loss.js';
import { type DenseMatrix, type Matrix64, matrix64, toFloat64, transposed } from '../../math/matrix.js';
import { evaluated } from '../../math/tabulated.js';
import type { StepSizes, TrainedLayers, TwoLayerModel, WeighedTrajectory } from './model.js';
import type { TwoLayerProblem } from './problem.js';

/** A two-layer network in float64: W m×d, v m. */
interface Network {
  readonly activation: string;
  readonly firstLayer: Matrix64;
  readonly secondLayer: Float64Array;
}

function networkOf({ activation, firstLayer, secondLayer }: TwoLayerProblem): Network {
  return {
    activation,
    firstLayer: { ...firstLayer, data: Float64Array.from(firstLayer.data) },
    secondLayer: Float64Array.from(secondLayer),
  };
}

function wide(a: DenseMatrix): Matrix64 {
  return { ...a, data: toFloat64(a.data) };
}

/** Zᵀ = W Xᵀ/√d, m×n: one unit a row. */
function preactivations({ firstLayer }: Network, inputs: Matrix64): Matrix64 {
  return scaled(matmulTransposed(firstLayer, inputs), 1 / Math.sqrt(inputs.columns));
}

/** c A, in place. */
function scaled(a: Matrix64, scale: number): Matrix64 {
  for (let k = 0; k < a.data.length; k++) a.data[k] = a.data[k]! * scale;
  return a;
}

/** φ or φ' of every entry. */
function applied({ rows, columns, data }: Matrix64, name: string, part: 'value' | 'slope'): Matrix64 {
  return matrix64(rows, columns, evaluated(activation(name), part, data));
}

/** A diag(s), in place. */
function scaledColumns(a: Matrix64, scales: Float64Array): Matrix64 {
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.columns; j++) a.data[i * a.columns + j] = a.data[i * a.columns + j]! * scales[j]!;
  }
  return a;
}

/** f = (1/√m) vᵀ Hᵀ for hidden values Hᵀ, m×n. */
function readout({ secondLayer }: Network, hidden: Matrix64): Float64Array {
  const n = hidden.columns;
  const outputs = new Float64Array(n);
  for (let r = 0; r < hidden.rows; r++) {
    for (let i = 0; i < n; i++) outputs[i] = outputs[i]! + secondLayer[r]! * hidden.data[r * n + i]!;
  }
  return outputs.map((sum) => sum / Math.sqrt(secondLayer.length));
}

/** f on inputs n×d in float64, n outputs. */
export function referencePredict(problem: TwoLayerProblem, inputs: DenseMatrix): Float64Array {
  const network = networkOf(problem);
  return readout(network, applied(preactivations(network, wide(inputs)), network.activation, 'value'));
}

/** Tangent kernel of the trained layers on the problem's inputs, n×n, in float64. */
export function referenceTangentKernel(problem: TwoLayerProblem, layers: TrainedLayers): Matrix64 {
  const network = networkOf(problem);
  const inputs = wide(problem.inputs);
  const width = network.secondLayer.length;
  const z = scaled(matmulTransposed(inputs, network.firstLayer), 1 / Math.sqrt(inputs.columns));
  const kernel = matrix64(inputs.rows, inputs.rows);
  const add = (part: Matrix64, factor: (k: number) => number) => {
    for (let k = 0; k < kernel.data.length; k++) kernel.data[k] = kernel.data[k]! + part.data[k]! * factor(k);
  };
  if (layers !== 'second') {
    const inputsGram = inputGram(inputs);
    add(gram(scaledColumns(applied(z, network.activation, 'slope'), network.secondLayer)), (k) => inputsGram.data[k]! / width);
  }
  if (layers !== 'first') add(gram(applied(z, network.activation, 'value')), () => 1 / width);
  return kernel;
}

/** Gradient descent on L = (1/2n) Σ (f − y)² in float64; outputs at the recorded steps (ascending), as `trajectory` gives. */
export function referenceTrajectory(
  problem: TwoLayerProblem,
  steps: StepSizes,
  record: readonly number[],
): WeighedTrajectory<Float64Array> {
  const inputs = wide(problem.inputs);
  const inputsTransposed = transposed(inputs);
  const fresh = problem.freshInputs.rows > 0 ? wide(problem.freshInputs) : null;
  const network = networkOf(problem);
  const predict = (at: Matrix64) => readout(network, applied(preactivations(network, at), network.activation, 'value'));
  const outputs: Float64Array[] = [];
  const freshOutputs: Float64Array[] = [];
  let done = 0;
  for (const step of record) {
    for (; done < step; done++) descend(network, inputs, inputsTransposed, problem, steps);
    outputs.push(predict(inputs));
    if (fresh) freshOutputs.push(predict(fresh));
  }
  return { outputs, freshOutputs, firstLayer: network.firstLayer.data, secondLayer: network.secondLayer };
}

/** One step in place: both gradients are taken at the old weights. */
function descend(
  network: Network,
  inputs: Matrix64,
  inputsTransposed: Matrix64,
  { labels, loss }: TwoLayerProblem,
  steps: StepSizes,
): void {
  const { firstLayer, secondLayer } = network;
  const [n, d, m] = [inputs.rows, inputs.columns, secondLayer.length];
  const z = preactivations(network, inputs);
  const hidden = applied(z, network.activation, 'value');
  const residual = readout(network, hidden).map((output, i) =>
    loss === undefined ? output - labels[i]! : -labels[i]! * lossWeight(loss, labels[i]! * output),
  );
  if (steps.first !== 0) {
    const backward = scaledColumns(applied(z, network.activation, 'slope'), residual);
    const gradient = matmulTransposed(backward, inputsTransposed);
    for (let r = 0; r < m; r++) {
      const scale = (steps.first * secondLayer[r]!) / (n * Math.sqrt(m * d));
      for (let k = r * d; k < (r + 1) * d; k++) firstLayer.data[k] = firstLayer.data[k]! - scale * gradient.data[k]!;
    }
  }
  if (steps.second !== 0) {
    const gradient = matmulTransposed({ rows: 1, columns: n, data: residual }, hidden).data;
    for (let r = 0; r < m; r++) secondLayer[r] = secondLayer[r]! - (steps.second * gradient[r]!) / (n * Math.sqrt(m));
  }
}

/** This family in float64, as an implementation of it. */
export const referenceTwoLayer: TwoLayerModel = {
  tangentKernel: async (problem, layers) => referenceTangentKernel(problem, layers),
  predict: async (problem, inputs) => referencePredict(problem, inputs),
  train: async (problem, steps, record) => referenceTrajectory(problem, steps, record),
};
