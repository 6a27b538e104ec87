import { gram as squareOf } from '../linear-algebra/products.js';
import { normUpperBound } from '../linear-algebra/spectral-norm.js';
import { activation } from '../math/activation.js';
import { type Matrix64, symmetric } from '../math/matrix.js';
import { MeasurementError } from '../support/errors.js';
import { expectedFirstLayerKernel, expectedValueProduct } from './infinite-width.js';

/** Probability with which a certificate may fail. */
export const CERTIFICATE_FAILURE = 1e-9;

/** ‖Θ₁ − EΘ₁‖ ≤ radius with probability at least 1 − δ over the weights, given the inputs. */
export interface Certificate {
  readonly radius: number;
  /** The radius of a network of another width on the same inputs. */
  readonly radiusAt: (width: number) => number;
  /** EΘ₁ = Φ ∘ K, n×n. */
  readonly expectation: Matrix64;
  /** Numerical error of the expectation, already part of the radius. */
  readonly numericalError: number;
}

/**
 * Finite-sample certificate of the first-layer kernel with explicit constants: matrix Bernstein with intrinsic dimension (Tropp 2015,
 * Thm 7.7.1, both signs) over k = m/2 independent units. L = sup|φ'|, V = L² Φ∘(KK) − (EΘ₁)², v = ‖V‖/k, R = L²‖K‖/k,
 * D = max(8, 8 Tr V/‖V‖), ℓ = ln(D/δ): radius = Rℓ/3 + √((Rℓ/3)² + 2vℓ). `covariance` takes the place of K in Φ for wrong theories.
 * @throws MeasurementError when an input is zero: Φ is not defined there for a kinked activation.
 */
export function firstLayerCertificate(name: string, gram: Matrix64, width: number, covariance = gram): Certificate {
  const n = gram.rows;
  for (let i = 0; i < n; i++) {
    if (gram.data[i * n + i] === 0) throw new MeasurementError({ problem: `input ${i} is zero`, hint: 'leave it out' });
  }
  const bound = activation(name).slopeBound ** 2;
  const { slopes, expectation, error } = expectedFirstLayerKernel(name, gram, covariance);
  const gramSquared = squareOf(gram);
  const expectationSquared = squareOf(expectation);
  const variance = symmetric(
    n,
    (i, j) => bound * slopes.data[i * n + j]! * gramSquared.data[i * n + j]! - expectationSquared.data[i * n + j]!,
  );
  return certificate(variance, bound * normUpperBound(gram), width, expectation, error);
}

/**
 * The same for the second layer of a bounded φ: ‖Θ₂ − EΘ₂‖ ≤ radius. A unit adds p pᵀ/k with ‖p‖² ≤ n sup φ²: R = n sup φ²/k and v = n sup φ² ‖EΘ₂‖/k. Says nothing
 * that the norm of the kernel does not below about 300 d units.
 * @throws MeasurementError for an unbounded φ.
 */
export function secondLayerCertificate(name: string, gram: Matrix64, width: number): Certificate {
  const { valueBound } = activation(name);
  if (!Number.isFinite(valueBound)) {
    throw new MeasurementError({ problem: `no certificate for the second layer of ${name}`, expected: 'a bounded activation' });
  }
  const { expectation, error } = expectedValueProduct(name, gram);
  const size = gram.rows * valueBound ** 2;
  const variance = { ...expectation, data: expectation.data.map((entry) => size * entry) };
  return certificate(variance, size, width, expectation, error);
}

/** Matrix Bernstein with intrinsic dimension (Tropp 2015, Thm 7.7.1), both signs, for the mean over m/2 units of matrices of variance at most V and norm at most L. */
function certificate(variance: Matrix64, largest: number, width: number, expectation: Matrix64, error: number): Certificate {
  const varianceNorm = normUpperBound(variance);
  let trace = 0;
  for (let i = 0; i < variance.rows; i++) trace += variance.data[i * variance.rows + i]!;
  const logarithm = Math.log(Math.max(8, (8 * trace) / varianceNorm) / CERTIFICATE_FAILURE);
  const radiusAt = (m: number) => {
    const linear = ((2 * largest) / m) * (logarithm / 3);
    return linear + Math.sqrt(linear ** 2 + (4 * varianceNorm * logarithm) / m) + error;
  };
  return { radius: radiusAt(width), radiusAt, expectation, numericalError: error };
}
