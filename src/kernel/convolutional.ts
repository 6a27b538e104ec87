import { type DenseMatrix, type Matrix64, symmetric } from '../matrix.js';
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
  const table = windowTable(name, filter);
  const signs = Int8Array.from(data, Math.sign);
  const agreements = new Int8Array(2 * d);
  return symmetric(n, (i, j) => {
    let inWindow = 0;
    for (let k = 0; k < d; k++) {
      const agree = signs[i * d + k] === signs[j * d + k] ? 1 : 0;
      agreements[k] = agree;
      agreements[k + d] = agree;
      if (k < filter) inWindow += agree;
    }
    let sum = 0;
    for (let p = 0; p < d; p++) {
      sum += table[inWindow]!;
      inWindow += agreements[p + filter]! - agreements[p]!;
    }
    return sum / d;
  });
}
