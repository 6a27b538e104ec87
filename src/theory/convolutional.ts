import { type DenseMatrix, type Matrix64, symmetric } from '../math/matrix.js';
import { pairKernel } from './deep.js';

/** ϑ(K), the tangent kernel of one hidden layer (both layers trained) at the correlation K of two windows of ±1 entries, for K = (2j − q)/q, j = 0…q. */
export function windowTable(name: string, filter: number): Float64Array {
  return Float64Array.from({ length: filter + 1 }, (_, j) => pairKernel(name, 1, (2 * j - filter) / filter));
}

/**
 * Tangent kernel at infinite width of one circular convolution of q weights with a dense readout, on inputs n×d of ±1:
 * Θ_ij = (1/d) Σ_p ϑ(K_p), K_p = (1/q) Σ_k x_{p+k} x'_{p+k} (hu2020). Windows are counted by sliding; cost n² d.
 */
export function expectedConvolutionalKernel(name: string, { rows: n, columns: d, data }: DenseMatrix, filter: number): Matrix64 {
  // By the number of places where two windows differ.
  const table = windowTable(name, filter).reverse();
  const row = d + filter;
  const positive = new Uint8Array(n * row);
  for (let i = 0; i < n; i++) for (let k = 0; k < row; k++) positive[i * row + k] = data[i * d + (k % d)]! > 0 ? 1 : 0;
  return symmetric(n, (i, j) => {
    const [a, b] = [i * row, j * row];
    const differ = (k: number) => positive[a + k]! ^ positive[b + k]!;
    let inWindow = 0;
    for (let k = 0; k < filter; k++) inWindow += differ(k);
    let sum = 0;
    for (let p = 0; p < d; p++) {
      sum += table[inWindow]!;
      inWindow += differ(p + filter) - differ(p);
    }
    return sum / d;
  });
}
