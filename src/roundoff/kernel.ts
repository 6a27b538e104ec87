import binomialQuantile from '@stdlib/stats-base-dists-binomial-quantile';
import { dot, inputKernel, type Matrix64, squaredLength, symmetric } from '../matrix.js';
import type { TrainedLayers } from '../network/two-layer.js';
import type { Problem } from '../problem.js';
import { type Arithmetic, forwardErrors, productError } from './forward.js';

/** Probability with which the count of kinked units may exceed its quantile, per input. */
const KINK_TAIL = 1e-12;
/** Roundings of the elementwise operations around a product: scaling by v, by 1/m and by K. */
const ELEMENTWISE = 4;

/** Bounds on the error of a computed kernel. */
export interface KernelRoundoff {
  /** Of each entry, n×n. */
  readonly entries: Matrix64;
  /** Of its spectral norm. */
  readonly norm: number;
  /** Of 1ᵀΘ1/n, its quadratic form at u = 1/√n. */
  readonly mean: number;
}

/**
 * Bound on |Θ_computed − Θ|, n×n, for a subject with the given roundoff; K = XXᵀ/d may be given. First layer, per entry:
 * |K_ij| v² [L(δ_i + δ_j) + δ_i δ_j + g_m L²] plus the error of K itself, where δ_i bounds the error of φ'(z_ir) and g_k is
 * `productError`. Second layer: the same with φ. For a kinked φ, a unit whose |z| is below its own rounding may take the other slope;
 * with a_i such units at input i, |ΔΘ_ij| ≤ (jump·L v²/m)(a_i + a_j)|K_ij| and ‖ΔΘ‖_F ≤ (2 jump·L v²/m) max‖K_i‖ √(max a · Σ a), and its
 * entries sum to at most (2 jump·L v²/m) max‖K_i‖₁ Σ a. Both counts are binomial quantiles at 10⁻¹², for z_ir ~ N(0, ‖x_i‖²/d) is independent over r.
 */
export async function kernelRoundoff(
  problem: Problem,
  subject: Arithmetic,
  layers: TrainedLayers,
  gram: Matrix64 = inputKernel(problem.inputs),
): Promise<KernelRoundoff> {
  const errors = await subject.activationError(problem.activation);
  const { phi, norms, largestWeight, preactivation } = forwardErrors(problem, subject, problem.inputs);
  const [n, width] = [problem.inputs.rows, problem.secondLayer.length];
  const weight = problem.secondLayer.reduce((sum, v) => sum + v * v, 0) / width;
  const sum = productError(subject, width) + ELEMENTWISE * subject.roundoff.accumulator;
  const gramError = productError(subject, problem.inputs.columns) + subject.roundoff.accumulator;
  const largest = norms.map((norm) => norm * largestWeight);
  const slopeError = preactivation.map((dz, i) => errors.slope * (1 + largest[i]!) + phi.curvatureBound * dz);
  const valueError = preactivation.map((dz, i) => errors.value * (1 + largest[i]!) + phi.slopeBound * dz);
  const values = largest.map((z) => Math.min(phi.valueBound, Math.abs(phi.value(0)) + phi.slopeBound * z));
  const smooth = symmetric(n, (i, j) => {
    let bound = 0;
    if (layers !== 'second') {
      const [a, b] = [slopeError[i]!, slopeError[j]!];
      const product = phi.slopeBound * (a + b) + a * b + sum * phi.slopeBound ** 2;
      bound += weight * (Math.abs(gram.data[i * n + j]!) * product + gramError * norms[i]! * norms[j]! * phi.slopeBound ** 2);
    }
    if (layers !== 'first') {
      const [a, b] = [valueError[i]!, valueError[j]!];
      bound += values[i]! * b + values[j]! * a + a * b + sum * values[i]! * values[j]!;
    }
    return bound;
  });
  const mean = smooth.data.reduce((total, bound) => total + bound, 0) / n;
  if (phi.negativeSlope === null || layers === 'second') return { entries: smooth, norm: frobenius(smooth), mean };

  const threshold = preactivation.reduce((worst, dz, i) => Math.max(worst, norms[i]! > 0 ? dz / norms[i]! : 0), 0);
  const perInput = kinkedUnits(threshold, width);
  const inAll = kinkedUnits(threshold, n * width);
  const perFlip = (2 * weight * (1 - phi.negativeSlope) * phi.slopeBound) / width;
  const row = largestRow(gram);
  return {
    entries: symmetric(n, (i, j) => smooth.data[i * n + j]! + perInput * perFlip * Math.abs(gram.data[i * n + j]!)),
    norm: frobenius(smooth) + perFlip * row.length * Math.sqrt(perInput * inAll),
    mean: mean + (perFlip * row.sum * inAll) / n,
  };
}

/** The largest Euclidean length and the largest absolute sum of a row. */
function largestRow({ rows: n, data }: Matrix64): { length: number; sum: number } {
  let square = 0;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    let absolute = 0;
    for (let j = 0; j < n; j++) absolute += Math.abs(data[i * n + j]!);
    sum = Math.max(sum, absolute);
    square = Math.max(square, dot(data, i * n, data, i * n, n));
  }
  return { length: Math.sqrt(square), sum };
}

/** A number of units that, but for probability 10⁻¹², is not exceeded by those with |z|/σ ≤ `threshold`, z ~ N(0, σ²). */
function kinkedUnits(threshold: number, units: number): number {
  if (threshold === 0) return 0;
  const probability = Math.min(1, (2 * threshold) / Math.sqrt(2 * Math.PI));
  return binomialQuantile(1 - KINK_TAIL, units, probability);
}

/** ‖A‖_F, an upper bound of the spectral norm of anything that A bounds entrywise. */
export function frobenius({ data }: Matrix64): number {
  return Math.sqrt(squaredLength(data));
}
