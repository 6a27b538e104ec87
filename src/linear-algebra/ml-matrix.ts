import { Matrix } from 'ml-matrix';
import type { DenseMatrix } from '../math/matrix.js';

/** The same numbers as a matrix of ml-matrix. */
export function toMatrix({ rows, columns, data }: DenseMatrix): Matrix {
  return Matrix.from1DArray(rows, columns, data);
}
