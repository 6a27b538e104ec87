import type { Laboratory } from '../../../src/claim/claim.js';
import type { EstimateCase } from '../../../src/claim/define.js';
import { type DenseMatrix, type Matrix64, matrix64 } from '../../../src/math/matrix.js';
import { leastSquares } from '../../../src/theory/linear-model.js';

/** Coefficients of a kernel off its diagonal: Θ_ij ≈ slope·K_ij + square·(K_ij² − its mean) + constant + norm·(r_i + r_j), r_i = ‖x_i‖/√d − 1. */
export interface Coefficients {
  readonly slope: number;
  readonly square: number;
  readonly constant: number;
  readonly norm: number;
}

/** The coefficients by least squares over all pairs i < j; K = XXᵀ/d. Inputs of one length leave `norm` undetermined, and 0. */
export function kernelCoefficients(kernel: DenseMatrix, gram: Matrix64): Coefficients {
  const n = gram.rows;
  const pairs = (n * (n - 1)) / 2;
  const lengths = Float64Array.from({ length: n }, (_, i) => Math.sqrt(gram.data[i * n + i]!) - 1);
  const features = matrix64(pairs, 4);
  const entries = new Float64Array(pairs);
  let total = 0;
  let pair = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const inner = gram.data[i * n + j]!;
      features.data.set([inner, inner * inner, 1, lengths[i]! + lengths[j]!], 4 * pair);
      entries[pair++] = kernel.data[i * n + j]!;
      total += inner * inner;
    }
  }
  for (let k = 0; k < pairs; k++) features.data[4 * k + 1] = features.data[4 * k + 1]! - total / pairs;
  const [slope, square, constant, norm] = leastSquares(features, entries).to1DArray() as [number, number, number, number];
  return { slope, square, constant, norm };
}

/** What a theory says of some of the coefficients, and the unit in which one that it says to be 0 is measured. */
export type Prediction = Readonly<Partial<Record<keyof Coefficients, { readonly predicted: number; readonly unit: number }>>>;

/** Coefficients against their predictions, with the calibrated tolerances of that activation. */
export function coefficientsAgainst(
  prediction: Prediction,
  found: Coefficients,
  activation: string,
  rounding: number | null,
  { constant }: Laboratory,
): EstimateCase {
  const numbers = Object.entries(prediction).map(([name, { predicted, unit }]) => {
    const tolerance = `${name} of ${activation}`;
    return [
      name,
      {
        estimate: found[name as keyof Coefficients],
        predicted,
        ...(predicted === 0 && { unit }),
        tolerance: constant(tolerance),
        constant: tolerance,
      },
    ] as const;
  });
  return { numbers: Object.fromEntries(numbers), quantities: { ...found }, rounding };
}
