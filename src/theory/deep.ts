import { Matrix, solve } from 'ml-matrix';
import { activation } from '../math/activation.js';
import { type Matrix64, matrix64, symmetric } from '../math/matrix.js';
import type { AffineKernel } from './affine.js';
import { type ExpectedProduct, expectedSlopeProduct, expectedValueProduct } from './infinite-width.js';

/**
 * Tangent kernel at infinite width of a fully connected network with L = `depth` hidden layers, all layers trained, from K = XXᵀ/d (n×n):
 * S₀ = Θ₀ = K, S_l = E φφ and Ṡ_l = E φ'φ' under S_{l−1}, Θ_l = S_l + Ṡ_l ∘ Θ_{l−1} (Jacot et al. 2018). `error` bounds the Frobenius norm of its
 * numerical error to first order, with ∂E φφ/∂c = E φ'φ', ∂E φφ/∂q = ½E φ''φ and, by Stein's identity, ∂E φ'φ'/∂q ≤ ½ sup|φ''| (sup|φ'|/√q + sup|φ''|).
 */
export function expectedDeepKernel(name: string, gram: Matrix64, depth: number): ExpectedProduct {
  const { slopeBound, curvatureBound } = activation(name);
  const n = gram.rows;
  let covariance: ExpectedProduct = { expectation: gram, error: 0 };
  let kernel = covariance;
  for (let layer = 1; layer <= depth; layer++) {
    const [smallest, largest] = diagonalRange(covariance.expectation);
    const slopes = expectedSlopeProduct(name, covariance.expectation);
    const values = expectedValueProduct(name, covariance.expectation);
    // An error on the diagonal moves a whole row.
    const spread = Math.sqrt(n);
    const slopeChange = curvatureBound ** 2 + spread * curvatureBound * (slopeBound / Math.sqrt(smallest) + curvatureBound);
    const valueChange = slopeBound ** 2 + spread * curvatureBound * Math.sqrt(diagonalRange(values.expectation)[1]);
    const valueError = values.error + valueChange * covariance.error;
    const slopeError = slopes.error + slopeChange * covariance.error;
    const [, largestKernel] = diagonalRange(kernel.expectation);
    const previous = kernel;
    kernel = {
      expectation: symmetric(n, (i, j) => {
        const k = i * n + j;
        return values.expectation.data[k]! + slopes.expectation.data[k]! * previous.expectation.data[k]!;
      }),
      error: valueError + slopeError * Math.max(largest, largestKernel) + slopeBound ** 2 * previous.error,
    };
    covariance = { expectation: values.expectation, error: valueError };
  }
  return kernel;
}

function diagonalRange({ rows: n, data }: Matrix64): [smallest: number, largest: number] {
  let [smallest, largest] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < n; i++) {
    smallest = Math.min(smallest, data[i * n + i]!);
    largest = Math.max(largest, data[i * n + i]!);
  }
  return [smallest, largest];
}

/** The kernel at infinite width of two inputs with ⟨x, x'⟩ = s d, ‖x‖² = q d and ‖x'‖² = d. */
export function pairKernel(name: string, depth: number, s: number, q = 1): number {
  const pair = matrix64(2, 2, Float64Array.of(q, s, s, 1));
  return expectedDeepKernel(name, pair, depth).expectation.data[1]!;
}

/** θ(s), the kernel at infinite width of two inputs with ‖x‖² = ‖x'‖² = d and ⟨x, x'⟩ = s d: its Taylor coefficients at 0 and more. */
export interface KernelExpansion {
  /** θ(0). */
  readonly value: number;
  /** θ'(0). */
  readonly slope: number;
  /** θ''(0). */
  readonly curvature: number;
  /** θ'''(0). */
  readonly third: number;
  /** θ(1). */
  readonly diagonal: number;
  /** ∂θ'(0)/∂q, the change of the slope with ‖x‖²/d of one of the two inputs. */
  readonly slopeAgainstNorm: number;
}

const NODES = 16;
const RADIUS = 0.25;
const NORM_STEP = 1e-3;
const expansions = new Map<string, KernelExpansion>();

/**
 * The expansion of θ for L = `depth` hidden layers: the coefficients of its interpolation polynomial at 16 Chebyshev nodes of [−1/4, 1/4]. θ is analytic
 * in the unit disc, so they are good to 10⁻⁹.
 */
export function kernelExpansion(name: string, depth: number): KernelExpansion {
  const key = `${name} ${depth}`;
  const known = expansions.get(key);
  if (known) return known;
  const taylor = (q: number) => {
    const nodes = Array.from({ length: NODES }, (_, k) => Math.cos((Math.PI * (k + 0.5)) / NODES));
    const powers = new Matrix(nodes.map((t) => Array.from({ length: NODES }, (_, power) => t ** power)));
    const values = Matrix.columnVector(nodes.map((t) => pairKernel(name, depth, RADIUS * t, q)));
    return solve(powers, values)
      .to1DArray()
      .map((coefficient, power) => coefficient / RADIUS ** power);
  };
  const [value, slope, half, sixth] = taylor(1) as [number, number, number, number];
  const slopeAt = (q: number) => taylor(q)[1]!;
  const expansion = {
    value,
    slope,
    curvature: 2 * half,
    third: 6 * sixth,
    diagonal: expectedDeepKernel(name, matrix64(1, 1, Float64Array.of(1)), depth).expectation.data[0]!,
    slopeAgainstNorm: (slopeAt(1 + NORM_STEP) - slopeAt(1 - NORM_STEP)) / (2 * NORM_STEP),
  };
  expansions.set(key, expansion);
  return expansion;
}

/**
 * The affine kernel of a deep fully connected network, θ'(0) XXᵀ/d + (θ(0) + θ''(0) Tr Σ²/(2d²)) 11ᵀ; for a homogeneous φ, whose kernel scales with both
 * norms, θ(0) ‖x‖‖x'‖/d takes the place of θ(0) (hu2020). `spectralMoment` is Tr Σ²/d.
 */
export function deepAffineKernel(name: string, depth: number, spectralMoment: number, inputDimension: number): AffineKernel {
  const { value, slope, curvature } = kernelExpansion(name, depth);
  const quadratic = (curvature * spectralMoment) / (2 * inputDimension);
  if (activation(name).negativeSlope === null) return { slope, bias: value + quadratic, norm: null };
  const feature = Math.sqrt(value);
  return { slope, bias: quadratic, norm: [feature, feature, 0] };
}
