import { type DenseMatrix, dot, type Matrix64, transposed } from '../math/matrix.js';
import { upTo } from '../support/wasm.js';
import { type Float64Stack, float64 } from './float64.js';

/** Kernels take rows and columns by as many. */
export const BLOCK = 4;
const byFours = (count: number) => upTo(BLOCK, count);

/** A copy of A on the stack, readable up to the next four rows. */
function put(stack: Float64Stack, { rows, columns, data }: DenseMatrix): number {
  return stack.put(data, byFours(rows) * columns);
}

/** A Bᵀ in float64 for A p×k and B q×k: p×q. */
export function matmulTransposed(a: DenseMatrix, b: DenseMatrix): Matrix64 {
  return float64.run(({ product }, stack) => {
    const [left, right] = [put(stack, a), put(stack, b)];
    const ld = byFours(b.rows);
    const result = stack.room(byFours(a.rows) * ld);
    product(left, a.columns, a.rows, right, a.columns, b.rows, a.columns, result, ld, false);
    return { rows: a.rows, columns: b.rows, data: stack.readPadded(result, a.rows, b.rows, BLOCK) };
  });
}

/** A Aᵀ in float64 for A n×k: n×n, symmetric to the last bit. */
export function gram(a: DenseMatrix): Matrix64 {
  return float64.run(({ product, mirror }, stack) => {
    const n = a.rows;
    const rows = put(stack, a);
    const ld = byFours(n);
    const result = stack.room(ld * ld);
    product(rows, a.columns, n, rows, a.columns, n, a.columns, result, ld, true);
    mirror(result, n, ld);
    return { rows: n, columns: n, data: stack.readPadded(result, n, n, BLOCK) };
  });
}

/** A Aᵀ u for A n×k and u of length n, without forming A Aᵀ. */
export function gramTimes({ rows: n, columns, data }: Matrix64, u: Float64Array): Float64Array {
  const inner = new Float64Array(columns);
  for (let i = 0; i < n; i++) for (let k = 0; k < columns; k++) inner[k] = inner[k]! + data[i * columns + k]! * u[i]!;
  return Float64Array.from({ length: n }, (_, i) => dot(data, i * columns, inner, 0, columns));
}

/** The smaller of A Aᵀ and Aᵀ A: their eigenvalues are the same but for zeros. */
export function smallerGram(a: Matrix64): Matrix64 {
  return gram(a.rows <= a.columns ? a : transposed(a));
}

/** Σ_k a_ik a_jk ρ_ij^k for i ≠ j, n×n, for rows a of a matrix n×terms and correlations ρ n×n; the diagonal is left 0. */
export function correlatedSeries({ rows: n, columns, data }: Matrix64, rho: (i: number, j: number) => number): Matrix64 {
  return float64.run(({ correlatedSeries: compute, mirror }, stack) => {
    const ld = byFours(n);
    const series = stack.put(data);
    const [result, reversed] = [stack.room(ld * ld), stack.room(columns * ld)];
    const correlations = stack.view(result, ld * ld);
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) correlations[i * ld + j] = rho(i, j);
    compute(series, n, columns, result, ld, reversed);
    for (let i = 0; i < n; i++) correlations[i * ld + i] = 0;
    mirror(result, n, ld);
    return { rows: n, columns: n, data: stack.readPadded(result, n, n, BLOCK) };
  });
}

/** K = X Xᵀ/d in float64, n×n, for inputs n×d. */
export function inputGram(inputs: DenseMatrix): Matrix64 {
  const kernel = gram(inputs);
  for (let k = 0; k < kernel.data.length; k++) kernel.data[k] = kernel.data[k]! / inputs.columns;
  return kernel;
}
