import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { smallerGram } from '../linear-algebra/products.js';
import { centred, type Matrix32, type Matrix64, matrix64, squaredNorm } from '../math/matrix.js';
import { UsageError } from '../support/errors.js';

export interface Transformation {
  /** Subtract the mean of each column. */
  readonly center: boolean;
  /** Multiply by the factor that makes the mean of ‖x‖² the dimension d. */
  readonly scale: boolean;
  /** Components that are kept and made of unit variance each: all (true), or the leading ones of that number. */
  readonly whiten: boolean | number;
}

/** Rows or columns, whichever are fewer, of which principal components are computed. */
const MOST_COMPONENTS = 2000;
/** Components below this part of the largest variance are none. */
const NO_COMPONENT = 1e-6;

/**
 * The inputs centred, whitened and scaled as asked for, in this order; whitening centres, and leaves a dimension for each component, with unit variance.
 * @throws UsageError for more components than there are, or than can be computed.
 */
export function transformed(inputs: Matrix32, { center, scale, whiten }: Transformation): Matrix32 {
  let current: Matrix64 = { ...inputs, data: Float64Array.from(inputs.data) };
  if (center || whiten !== false) current = centred(current);
  if (whiten !== false) current = whitened(current, whiten === true ? null : whiten);
  if (scale) {
    const factor = Math.sqrt(current.data.length / squaredNorm(current.data));
    current = { ...current, data: current.data.map((entry) => factor * entry) };
  }
  return { ...current, data: Float32Array.from(current.data) };
}

/** √n times the leading left singular vectors of X, n×k. */
function whitened(x: Matrix64, wanted: number | null): Matrix64 {
  const { rows: n, columns: d } = x;
  const size = Math.min(n, d);
  if (size > MOST_COMPONENTS) {
    throw new UsageError({
      problem: 'too many principal components for --whiten',
      expected: `at most ${MOST_COMPONENTS} rows or columns`,
      found: `${n}×${d}`,
      hint: `use fewer rows, with --samples ${MOST_COMPONENTS}`,
    });
  }
  const { data } = smallerGram(x);
  const { realEigenvalues: values, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(
    Matrix.from1DArray(size, size, data),
    { assumeSymmetric: true },
  );
  const order = values.map((_, k) => k).sort((a, b) => values[b]! - values[a]!);
  const kept = order.filter((k) => values[k]! > NO_COMPONENT * values[order[0]!]!);
  const count = wanted ?? kept.length;
  if (count > kept.length || kept.length === 0) {
    throw new UsageError({
      problem: `the inputs have ${kept.length} principal components`,
      expected: 'at most as many with --whiten',
      found: String(count),
    });
  }
  const result = matrix64(n, count);
  for (let c = 0; c < count; c++) {
    const k = kept[c]!;
    for (let i = 0; i < n; i++) {
      let entry = 0;
      if (n <= d) entry = Math.sqrt(n) * vectors.get(i, k);
      else for (let j = 0; j < d; j++) entry += (x.data[i * d + j]! * vectors.get(j, k)) / Math.sqrt(values[k]! / n);
      result.data[i * count + c] = entry;
    }
  }
  return result;
}
