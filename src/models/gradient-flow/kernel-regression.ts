import { LuDecomposition, Matrix } from 'ml-matrix';
import type { DenseMatrix } from '../../math/matrix.js';
import type { FlowState, GradientFlowProblem } from './problem.js';
import { referenceFlowOutputs } from './reference.js';

/**
 * ‖f_∞ − f_0 − k(x)ᵀK⁻¹(f_∞(X) − f_0(X))‖/‖f_∞‖ on the fresh inputs of a network with one output: what it learned against regression with a kernel on the inputs and then the fresh ones,
 * (P + P') square. The targets are what the network has fitted, for unfinished training would count as error of the kernel. A singular kernel gives NaN.
 */
export function regressionError(problem: GradientFlowProblem, before: FlowState, after: FlowState, kernel: DenseMatrix): number {
  const samples = problem.inputs.rows;
  const all = kernel.rows;
  const [first, last] = [before, after].map(({ weights }) => referenceFlowOutputs(problem, weights).data) as [
    Float64Array,
    Float64Array,
  ];
  const gram = new Matrix(samples, samples);
  for (let i = 0; i < samples; i++) for (let j = 0; j < samples; j++) gram.set(i, j, kernel.data[i * all + j]!);
  const factors = new LuDecomposition(gram);
  if (factors.isSingular()) return Number.NaN;
  const change = Array.from({ length: samples }, (_, i) => last[i]! - first[i]!);
  const solution = factors.solve(Matrix.columnVector(change)).to1DArray();
  let [error, size] = [0, 0];
  for (let i = samples; i < all; i++) {
    let predicted = first[i]!;
    for (const [j, coefficient] of solution.entries()) predicted += kernel.data[i * all + j]! * coefficient;
    error += (last[i]! - predicted) ** 2;
    size += last[i]! ** 2;
  }
  return Math.sqrt(error / size);
}
