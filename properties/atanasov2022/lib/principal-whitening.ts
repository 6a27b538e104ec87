import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { gram, matmulTransposed } from '../../../src/linear-algebra/products.js';
import { type Matrix64, matrix64, transposed } from '../../../src/math/matrix.js';

/**
 * Coordinates x ↦ √P S⁻¹Vᵀx along the principal components of P images A = U S Vᵀ whose singular values are at least that part of the largest: of A itself they are √P U, so that Σ̂ = I.
 */
export function principalWhitening(images: Matrix64, least: number): (inputs: Matrix64) => Matrix64 {
  const { rows, columns: d } = images;
  const squares = gram(transposed(images));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(Matrix.from1DArray(d, d, squares.data), {
    assumeSymmetric: true,
  });
  const smallest = least ** 2 * Math.max(...realEigenvalues);
  const kept = [...realEigenvalues.keys()].filter((k) => realEigenvalues[k]! >= smallest);
  const map = matrix64(kept.length, d);
  for (const [r, k] of kept.entries()) {
    const scale = Math.sqrt(rows / realEigenvalues[k]!);
    for (let j = 0; j < d; j++) map.data[r * d + j] = scale * eigenvectorMatrix.get(j, k);
  }
  return (inputs) => matmulTransposed(inputs, map);
}
