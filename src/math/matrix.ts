/** A dense matrix, row by row. */
export interface DenseMatrix<T extends Float32Array | Float64Array = Float32Array | Float64Array> {
  readonly rows: number;
  readonly columns: number;
  readonly data: T;
}

export type Matrix32 = DenseMatrix<Float32Array>;
export type Matrix64 = DenseMatrix<Float64Array>;

export function matrix64(rows: number, columns: number, data = new Float64Array(rows * columns)): Matrix64 {
  return { rows, columns, data };
}

/** The symmetric n×n matrix of those entries; only i ≥ j is asked for. */
export function symmetric(n: number, entry: (i: number, j: number) => number): Matrix64 {
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) data[i * n + j] = entry(i, j);
  return mirrored({ rows: n, columns: n, data });
}

/** scale·(A + Aᵀ)/2 − B, n×n, for a symmetric B: the difference of a computed kernel, symmetric but for rounding, from its theory. */
export function symmetricDifference({ rows: n, data: a }: DenseMatrix, { data: b }: Matrix64, scale = 1): Matrix64 {
  return symmetric(n, (i, j) => (scale * (a[i * n + j]! + a[j * n + i]!)) / 2 - b[i * n + j]!);
}

const BLOCK = 32;

/** Copies the lower triangle onto the upper one, in place, in blocks that stay in cache. */
function mirrored(matrix: Matrix64): Matrix64 {
  const { rows: n, data } = matrix;
  for (let top = 0; top < n; top += BLOCK) {
    for (let left = 0; left <= top; left += BLOCK) {
      for (let i = top; i < Math.min(n, top + BLOCK); i++) {
        for (let j = left; j < Math.min(i, left + BLOCK); j++) data[j * n + i] = data[i * n + j]!;
      }
    }
  }
  return matrix;
}

/**
 * Σ_k a[p + k] b[q + k] over `length` terms with four accumulators. Float64 arrays only: mixed element types would make every
 * caller's inner loop several times slower.
 */
export function dot(a: Float64Array, p: number, b: Float64Array, q: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const end = length - (length % 4);
  for (let k = 0; k < end; k += 4) {
    s0 += a[p + k]! * b[q + k]!;
    s1 += a[p + k + 1]! * b[q + k + 1]!;
    s2 += a[p + k + 2]! * b[q + k + 2]!;
    s3 += a[p + k + 3]! * b[q + k + 3]!;
  }
  for (let k = end; k < length; k++) s0 += a[p + k]! * b[q + k]!;
  return s0 + s1 + (s2 + s3);
}

/** ‖a‖² of a vector, or of a matrix in the Frobenius norm. */
export function squaredNorm(data: Float32Array | Float64Array): number {
  let sum = 0;
  for (let k = 0; k < data.length; k++) sum += data[k]! * data[k]!;
  return sum;
}

/** The Euclidean length of every row. */
export function rowNorms({ rows, columns, data }: DenseMatrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => Math.sqrt(squaredNorm(data.subarray(i * columns, (i + 1) * columns))));
}

/** Each entry rounded once to float32. */
export function rounded({ rows, columns, data }: Matrix64): Matrix32 {
  return { rows, columns, data: Float32Array.from(data) };
}

/** The numbers in float64. */
export function toFloat64(data: Float32Array | Float64Array): Float64Array {
  return data instanceof Float64Array ? data : Float64Array.from(data);
}

/**
 * out[start + j] = Σ_k rows[j·columns + k] vector[offset + k] for j < count: four rows at a time share each load of the vector, which
 * doubles the speed of one product after another.
 */
export function rowProducts(
  rows: Float64Array,
  columns: number,
  count: number,
  vector: Float64Array,
  offset: number,
  out: Float64Array,
  start: number,
): void {
  let j = 0;
  for (; j + 3 < count; j += 4) {
    const q = j * columns;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let k = 0; k < columns; k++) {
      const x = vector[offset + k]!;
      s0 += x * rows[q + k]!;
      s1 += x * rows[q + columns + k]!;
      s2 += x * rows[q + 2 * columns + k]!;
      s3 += x * rows[q + 3 * columns + k]!;
    }
    out[start + j] = s0;
    out[start + j + 1] = s1;
    out[start + j + 2] = s2;
    out[start + j + 3] = s3;
  }
  for (; j < count; j++) out[start + j] = dot(rows, j * columns, vector, offset, columns);
}

/** Rows i and i + 1 of A Bᵀ, of its first `count` columns: eight sums share six loads, which is half as fast again as one row after the other. */
function twoRowProducts(a: Matrix64, i: number, b: Matrix64, count: number, product: Matrix64): void {
  const { columns } = a;
  const [left, right, out] = [a.data, b.data, product.data];
  const [p0, p1] = [i * columns, (i + 1) * columns];
  const [out0, out1] = [i * product.columns, (i + 1) * product.columns];
  let j = 0;
  for (; j + 3 < count; j += 4) {
    const q0 = j * columns;
    const q1 = q0 + columns;
    const q2 = q1 + columns;
    const q3 = q2 + columns;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let t0 = 0;
    let t1 = 0;
    let t2 = 0;
    let t3 = 0;
    for (let k = 0; k < columns; k++) {
      const x = left[p0 + k]!;
      const y = left[p1 + k]!;
      const r0 = right[q0 + k]!;
      const r1 = right[q1 + k]!;
      const r2 = right[q2 + k]!;
      const r3 = right[q3 + k]!;
      s0 += x * r0;
      s1 += x * r1;
      s2 += x * r2;
      s3 += x * r3;
      t0 += y * r0;
      t1 += y * r1;
      t2 += y * r2;
      t3 += y * r3;
    }
    out[out0 + j] = s0;
    out[out0 + j + 1] = s1;
    out[out0 + j + 2] = s2;
    out[out0 + j + 3] = s3;
    out[out1 + j] = t0;
    out[out1 + j + 1] = t1;
    out[out1 + j + 2] = t2;
    out[out1 + j + 3] = t3;
  }
  for (; j < count; j++) {
    out[out0 + j] = dot(left, p0, right, j * columns, columns);
    out[out1 + j] = dot(left, p1, right, j * columns, columns);
  }
}

/** A Bᵀ for A p×k and B q×k: p×q. */
export function matmulTransposed(a: Matrix64, b: Matrix64): Matrix64 {
  const product = matrix64(a.rows, b.rows);
  let i = 0;
  for (; i + 1 < a.rows; i += 2) twoRowProducts(a, i, b, b.rows, product);
  if (i < a.rows) rowProducts(b.data, b.columns, b.rows, a.data, i * a.columns, product.data, i * b.rows);
  return product;
}

/** A Aᵀ for A n×k: n×n, of which half is computed. */
export function gram(a: Matrix64): Matrix64 {
  const n = a.rows;
  const product = matrix64(n, n);
  let i = 0;
  for (; i + 1 < n; i += 2) twoRowProducts(a, i, a, i + 2, product);
  if (i < n) rowProducts(a.data, a.columns, n, a.data, i * a.columns, product.data, i * n);
  return mirrored(product);
}

export function transposed({ rows, columns, data }: Matrix64): Matrix64 {
  const result = matrix64(columns, rows);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result.data[j * rows + i] = data[i * columns + j]!;
  return result;
}

/** K = X Xᵀ/d in float64, n×n, for inputs n×d. */
export function inputGram({ rows, columns, data }: DenseMatrix): Matrix64 {
  const kernel = gram({ rows, columns, data: toFloat64(data) });
  for (let k = 0; k < kernel.data.length; k++) kernel.data[k] = kernel.data[k]! / columns;
  return kernel;
}

/** ‖A − B‖ entry by entry, the largest. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let k = 0; k < a.length; k++) {
    const difference = Math.abs(a[k]! - b[k]!);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
