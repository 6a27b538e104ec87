import { LuDecomposition, Matrix } from 'ml-matrix';
import { type Matrix64, squaredNorm } from '../../../src/math/matrix.js';
import type { FlowState, GradientFlowProblem } from '../../../src/models/gradient-flow/problem.js';
import { kernelMatrix, productOf } from '../../lib/linear-networks.js';

/** The linear predictor of kernel regression with xᵀMx' on the points X of a linear problem: M Xᵀ (X M Xᵀ)⁻¹ y. */
function regressionPredictor(kernel: Matrix64, { inputs, labels }: GradientFlowProblem): Float64Array {
  const points = Matrix.from1DArray(inputs.rows, inputs.columns, Float64Array.from(inputs.data));
  const m = Matrix.from1DArray(kernel.rows, kernel.columns, kernel.data);
  const weighted = points.mmul(m);
  const solution = new LuDecomposition(weighted.mmul(points.transpose())).solve(Matrix.columnVector(Array.from(labels.data)));
  return Float64Array.from(weighted.transpose().mmul(solution).to1DArray());
}

/** ‖w − w_0 − w_K‖/‖w‖: the learned function against regression with a kernel, on fresh isotropic inputs. */
export function linearRegressionError(
  problem: GradientFlowProblem,
  [start, end]: readonly FlowState[],
  kernelOf: 'final' | 'initial',
): number {
  const [before, after] = [productOf(start!), productOf(end!)];
  const predictor = regressionPredictor(kernelMatrix(kernelOf === 'final' ? end! : start!), problem);
  return Math.sqrt(squaredNorm(after.map((w, k) => w - before[k]! - predictor[k]!)) / squaredNorm(after));
}
