import { inputGram } from '../linear-algebra/products.js';
import type { ActivationConstants } from '../math/activation.js';
import { type DenseMatrix, type Matrix64, matrix64, rowNorms } from '../math/matrix.js';

/** The affine kernel of hu2020: slope·XXᵀ/d + bias·11ᵀ + q qᵀ with q_i = ϑ₀ + ϑ₁ u_i + ϑ₂ u_i², u_i = ‖x_i‖/√d − 1. */
export interface AffineKernel {
  /** Coefficient of XXᵀ/d. */
  readonly slope: number;
  /** Coefficient of 11ᵀ. */
  readonly bias: number;
  /** ϑ₀, ϑ₁, ϑ₂ of the norm feature; null without one. */
  readonly norm: readonly [number, number, number] | null;
}

/**
 * The affine kernel that w₁Θ₁ + w₂Θ₂ of a two-layer network approaches: Θ₁^lin = (ζ² XXᵀ + ν² 11ᵀ)/d with ν² = ϑ₁² Tr Σ²/d;
 * Θ₂^lin = ζ² XXᵀ/d + (ν²/2d) 11ᵀ + q qᵀ (hu2020). `spectralMoment` is Tr Σ²/d.
 */
export function affineKernel(
  { zeta, theta1, theta0, theta2 }: ActivationConstants,
  spectralMoment: number,
  inputDimension: number,
  { first, second }: { readonly first: number; readonly second: number },
): AffineKernel {
  const scale = Math.sqrt(second);
  return {
    slope: (first + second) * zeta * zeta,
    bias: ((first + second / 2) * theta1 * theta1 * spectralMoment) / inputDimension,
    norm: second === 0 ? null : [scale * theta0, scale * theta1, scale * theta2],
  };
}

/** The n×n matrix of an affine kernel on inputs n×d; K = XXᵀ/d may be given where it is at hand. */
export function affineKernelMatrix(kernel: AffineKernel, inputs: DenseMatrix, gram: Matrix64 = inputGram(inputs)): Matrix64 {
  const n = inputs.rows;
  const { slope, bias } = kernel;
  const q = normFeature(kernel, inputs);
  const matrix = matrix64(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) matrix.data[i * n + j] = slope * gram.data[i * n + j]! + bias + q[i]! * q[j]!;
  }
  return matrix;
}

/** The features ψ with ⟨ψ(x), ψ(x')⟩ = the affine kernel: [√(slope/d) x ; √bias ; q], n×(d + 2). */
export function affineFeatures(kernel: AffineKernel, inputs: DenseMatrix): Matrix64 {
  const { rows, columns, data } = inputs;
  const features = matrix64(rows, columns + 2);
  const q = normFeature(kernel, inputs);
  const scale = Math.sqrt(kernel.slope / columns);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < columns; k++) features.data[i * (columns + 2) + k] = scale * data[i * columns + k]!;
    features.data[i * (columns + 2) + columns] = Math.sqrt(kernel.bias);
    features.data[i * (columns + 2) + columns + 1] = q[i]!;
  }
  return features;
}

function normFeature({ norm }: AffineKernel, inputs: DenseMatrix): Float64Array {
  if (!norm) return new Float64Array(inputs.rows);
  const [theta0, theta1, theta2] = norm;
  return rowNorms(inputs).map((length) => {
    const u = length / Math.sqrt(inputs.columns) - 1;
    return theta0 + theta1 * u + theta2 * u * u;
  });
}
