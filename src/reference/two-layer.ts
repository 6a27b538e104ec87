import { Matrix } from 'ml-matrix';
import { activation } from '../activation.js';
import type { DenseMatrix, Matrix64 } from '../matrix.js';
import type { StepSizes, TrainedLayers, Trajectory } from '../network/two-layer.js';
import type { Problem } from '../problem.js';

/** A two-layer network in float64: W m×d, v m. */
interface Network {
  readonly activation: string;
  readonly firstLayer: Matrix;
  readonly secondLayer: Float64Array;
}

function networkOf({ activation, firstLayer, secondLayer }: Problem): Network {
  return { activation, firstLayer: toMatrix(firstLayer), secondLayer: Float64Array.from(secondLayer) };
}

export function toMatrix({ rows, columns, data }: DenseMatrix): Matrix {
  return Matrix.from1DArray(rows, columns, data);
}

export function fromMatrix(a: Matrix): Matrix64 {
  return { rows: a.rows, columns: a.columns, data: Float64Array.from(a.to1DArray()) };
}

function applied(a: Matrix, entry: (value: number, row: number, column: number) => number): Matrix {
  const result = new Matrix(a.rows, a.columns);
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < a.columns; j++) result.set(i, j, entry(a.get(i, j), i, j));
  return result;
}

function preactivations({ firstLayer }: Network, inputs: Matrix): Matrix {
  return inputs.mmul(firstLayer.transpose()).mul(1 / Math.sqrt(inputs.columns));
}

function readout({ secondLayer }: Network, hidden: Matrix): Float64Array {
  return Float64Array.from(
    hidden.mmul(Matrix.columnVector(secondLayer)).to1DArray(),
    (sum) => sum / Math.sqrt(secondLayer.length),
  );
}

/** f on inputs n×d in float64, n outputs. */
export function referencePredict(problem: Problem, inputs: DenseMatrix): Float64Array {
  const network = networkOf(problem);
  return readout(network, applied(preactivations(network, toMatrix(inputs)), activation(network.activation).value));
}

/** Tangent kernel of the trained layers on the problem's inputs, n×n, in float64. */
export function referenceTangentKernel(problem: Problem, layers: TrainedLayers): Matrix64 {
  const network = networkOf(problem);
  const inputs = toMatrix(problem.inputs);
  const width = network.secondLayer.length;
  const phi = activation(network.activation);
  const z = preactivations(network, inputs);
  const kernel = Matrix.zeros(inputs.rows, inputs.rows);
  if (layers !== 'second') {
    const features = applied(z, (value, _, unit) => phi.slope(value) * network.secondLayer[unit]!);
    kernel.add(
      gram(features)
        .mul(gram(inputs))
        .div(width * inputs.columns),
    );
  }
  if (layers !== 'first') kernel.add(gram(applied(z, phi.value)).div(width));
  return fromMatrix(kernel);
}

function gram(a: Matrix): Matrix {
  return a.mmul(a.transpose());
}

/** Gradient descent on L = (1/2n) Σ (f − y)² in float64; outputs at the recorded steps (ascending), as `trajectory` gives. */
export function referenceTrajectory(problem: Problem, steps: StepSizes, record: readonly number[]): Trajectory<Float64Array> {
  const inputs = toMatrix(problem.inputs);
  const fresh = problem.freshInputs.rows > 0 ? toMatrix(problem.freshInputs) : null;
  const phi = activation(problem.activation);
  const network = networkOf(problem);
  const predict = (at: Matrix) => readout(network, applied(preactivations(network, at), phi.value));
  const outputs: Float64Array[] = [];
  const freshOutputs: Float64Array[] = [];
  let done = 0;
  for (const step of record) {
    for (; done < step; done++) descend(network, inputs, problem.labels, steps);
    outputs.push(predict(inputs));
    if (fresh) freshOutputs.push(predict(fresh));
  }
  return { outputs, freshOutputs };
}

/** One step in place: both gradients are taken at the old weights. */
function descend(network: Network, inputs: Matrix, labels: Float32Array, steps: StepSizes): void {
  const { firstLayer, secondLayer } = network;
  const [n, d, m] = [inputs.rows, inputs.columns, secondLayer.length];
  const phi = activation(network.activation);
  const z = preactivations(network, inputs);
  const hidden = applied(z, phi.value);
  const residual = readout(network, hidden).map((output, i) => output - labels[i]!);
  const backward = applied(z, (value, i, r) => (residual[i]! * secondLayer[r]! * phi.slope(value)) / (n * Math.sqrt(m * d)));
  if (steps.second !== 0) {
    const gradient = hidden.transpose().mmul(Matrix.columnVector(residual));
    for (let r = 0; r < m; r++) secondLayer[r] = secondLayer[r]! - (steps.second * gradient.get(r, 0)) / (n * Math.sqrt(m));
  }
  if (steps.first !== 0) firstLayer.sub(backward.transpose().mmul(inputs).mul(steps.first));
}
