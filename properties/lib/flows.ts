import { type DenseMatrix, squaredNorm, toFloat64 } from '../../src/math/matrix.js';

/** ‖A − B‖_F/‖B‖_F over all layers, the largest. */
export function largestRelative(found: readonly DenseMatrix[], wanted: readonly DenseMatrix[]): number {
  return Math.max(
    ...wanted.map((layer, l) => {
      const difference = toFloat64(found[l]!.data).map((entry, k) => entry - layer.data[k]!);
      return Math.sqrt(squaredNorm(difference) / squaredNorm(toFloat64(layer.data)));
    }),
  );
}
