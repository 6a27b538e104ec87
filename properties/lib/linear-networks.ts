import { type Strata, strata } from '../../src/claim/strata.js';
import { gram, matmulTransposed } from '../../src/linear-algebra/products.js';
import { type DenseMatrix, dot, type Matrix64, matrix64, squaredNorm, toFloat64, transposed } from '../../src/math/matrix.js';
import {
  applied,
  type LinearInstance,
  type LinearProblem,
  type LinearSpace,
  linearInstances,
} from '../../src/models/gradient-flow/instances.js';
import type { FlowState } from '../../src/models/gradient-flow/problem.js';

/** Linear networks by depth, each judged by itself. */
export function byDepth(space: LinearSpace = {}): Strata<LinearInstance> {
  const { depths = [2, 3, 4] } = space;
  return strata('depth', depths.map(String), (depth) => linearInstances({ ...space, depths: [Number(depth)] }));
}

/** Qᵀβ. */
export function inBasis({ basis, teacher }: Pick<LinearProblem, 'basis' | 'teacher'>): Float64Array {
  return applied(transposed(basis), teacher);
}

/** ∫ dc/(c^{2−2/L}(1 − c)): the time of the scalar law ċ = L c^{2−2/L}(s − c), in units of 1/(L s^{2−2/L}), with c in units of s. */
export function lawTime(c: number, depth: number): number {
  const u = c ** (1 / depth);
  if (depth === 2) return Math.log(c / (1 - c));
  if (depth === 3) {
    const arc = Math.atan((2 * u + 1) / Math.sqrt(3)) / Math.sqrt(3);
    return 3 * (-1 / u - Math.log(1 - u) / 3 + Math.log(1 + u + u * u) / 6 - arc);
  }
  return 4 * (-1 / (2 * u * u) + Math.log((1 + u * u) / (1 - u * u)) / 4);
}

/** c/s at a drop of the loss: the loss is (s − c)²/2. */
export const learnedAt = (drop: number) => 1 - Math.sqrt(Math.max(1 - drop, 1e-14));

/** The plan of a linear flow: its clock is the scalar law's, its final rate that of the law. */
export function linearPlan(
  { depth, scale, relativeSigma, width, inputDimension }: Omit<LinearInstance, 'samples' | 'seed'>,
  end: number,
  drops: readonly number[] = [],
) {
  const clock = (drop: number) => lawTime(Math.min(Math.max(learnedAt(drop), 1e-12), 1 - 1e-12), depth);
  return {
    tolerance: 1e-5,
    end,
    drops,
    rate: depth * scale ** (2 - 2 / depth) * (1 + relativeSigma ** 2 * (1 + width / inputDimension)) ** (depth - 1),
    clock,
  };
}

/** Products of the weights around each layer: G_l = W_L … W_{l+1} (1×N_l) and B_l = W_l … W_1 (N_l×D). */
function chains(weights: readonly DenseMatrix[]) {
  const after: Float64Array[] = [];
  let row: Float64Array = Float64Array.of(1);
  for (let l = weights.length - 1; l >= 0; l--) {
    after.unshift(row);
    const { rows, columns, data } = weights[l]!;
    const next = new Float64Array(columns);
    for (let i = 0; i < rows; i++) for (let k = 0; k < columns; k++) next[k] = next[k]! + row[i]! * data[i * columns + k]!;
    row = next;
  }
  return { after, product: row };
}

/** w = W_L … W_1, D: the network is f(x) = w·x. */
export function productOf({ weights }: FlowState): Float64Array {
  return chains(weights).product;
}

/** c = β·w, what the network has learned of the teacher. */
export function learned(state: FlowState, { teacher }: Pick<LinearProblem, 'teacher'>): number {
  return dot(teacher, 0, productOf(state), 0, teacher.length);
}

/** M, D×D: the tangent kernel of a linear network with one output is xᵀMx', M = Σ_l |G_l|² B_{l−1}ᵀB_{l−1}. */
export function kernelMatrix({ weights }: FlowState): Matrix64 {
  const d = weights[0]!.columns;
  const { after } = chains(weights);
  const kernel = matrix64(d, d);
  for (let k = 0; k < d; k++) kernel.data[k * d + k] = squaredNorm(after[0]!);
  // B_lᵀ, D×N_l.
  let below = transposed(wide(weights[0]!));
  for (let l = 1; l < weights.length; l++) {
    const size = squaredNorm(after[l]!);
    const product = gram(below);
    for (let k = 0; k < kernel.data.length; k++) kernel.data[k] = kernel.data[k]! + size * product.data[k]!;
    below = matmulTransposed(below, wide(weights[l]!));
  }
  return kernel;
}

const wide = ({ rows, columns, data }: DenseMatrix): Matrix64 => ({ rows, columns, data: toFloat64(data) });

/** QᵀMQ, P×P, for a symmetric M. */
export function within(matrix: Matrix64, basis: Matrix64): Matrix64 {
  const columns = transposed(basis);
  return matmulTransposed(columns, matmulTransposed(columns, matrix));
}

/** A = yᵀKy/(‖K‖_F |y|²) on whitened inputs: bᵀM'b/‖M'‖_F with M' = QᵀMQ and b = Qᵀβ. */
export function alignment(kernel: Matrix64, { basis, teacher }: Pick<LinearProblem, 'basis' | 'teacher'>): number {
  const inside = within(kernel, basis);
  const direction = inBasis({ basis, teacher });
  return dot(direction, 0, applied(inside, direction), 0, basis.columns) / Math.sqrt(squaredNorm(inside.data));
}

/** A_max = L/√(L² + r − 1). */
export const largestAlignment = (depth: number, rank: number) => depth / Math.sqrt(depth * depth + rank - 1);
