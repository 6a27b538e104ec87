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
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) data[i * n + j] = (scale * (a[i * n + j]! + a[j * n + i]!)) / 2 - b[i * n + j]!;
  }
  return mirrored({ rows: n, columns: n, data });
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

export function transposed({ rows, columns, data }: Matrix64): Matrix64 {
  const result = matrix64(columns, rows);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result.data[j * rows + i] = data[i * columns + j]!;
  return result;
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

/** The mean of each column. */
export function columnMeans({ rows, columns, data }: Matrix64): Float64Array {
  const means = new Float64Array(columns);
  for (let k = 0; k < data.length; k++) means[k % columns] = means[k % columns]! + data[k]! / rows;
  return means;
}

/** X − 1·meanᵀ. */
export function centred(x: Matrix64): Matrix64 {
  const means = columnMeans(x);
  return { ...x, data: x.data.map((entry, k) => entry - means[k % x.columns]!) };
}
