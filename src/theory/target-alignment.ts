import { type DenseMatrix, squaredNorm } from '../math/matrix.js';

/** A = yᵀKy/(‖K‖_F ‖y‖²) of the first n rows and columns of a kernel, n the number of labels y, and ‖K‖_F. */
export function targetAlignment(
  { columns, data }: DenseMatrix,
  labels: Float32Array | Float64Array,
): { readonly alignment: number; readonly norm: number } {
  const n = labels.length;
  let [product, square] = [0, 0];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const entry = data[i * columns + j]!;
      product += labels[i]! * entry * labels[j]!;
      square += entry * entry;
    }
  }
  const norm = Math.sqrt(square);
  return { alignment: product / (norm * squaredNorm(labels)), norm };
}
