import { activation } from '../../math/activation.js';
import { inputGram, type Matrix64, rowNorms, rowProducts, squaredNorm, symmetric, toFloat64 } from '../../math/matrix.js';
import type { Arithmetic } from '../implementation.js';
import { forwardErrors, productError } from './forward-roundoff.js';
import type { TrainedLayers } from './model.js';
import type { TwoLayerProblem } from './problem.js';

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
 * `productError`. Second layer: the same with φ. For a kinked φ, a unit whose |z_ir| is below its own rounding may take the other slope:
 * |ΔΘ_ij| ≤ (jump·L/m) |K_ij| Σ_r v_r² [i or j ambiguous at r].
 */
export async function kernelRoundoff(
  problem: TwoLayerProblem,
  subject: Arithmetic,
  layers: TrainedLayers,
  gram: Matrix64 = inputGram(problem.inputs),
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
  const kinks = layers === 'second' ? new Float64Array(n) : ambiguousSlopes(problem, preactivation, largestWeight);
  const entries = symmetric(n, (i, j) => {
    let bound = 0;
    if (layers !== 'second') {
      const [a, b] = [slopeError[i]!, slopeError[j]!];
      const product = phi.slopeBound * (a + b) + a * b + sum * phi.slopeBound ** 2;
      bound += Math.abs(gram.data[i * n + j]!) * (kinks[i]! + kinks[j]!);
      bound += weight * (Math.abs(gram.data[i * n + j]!) * product + gramError * norms[i]! * norms[j]! * phi.slopeBound ** 2);
    }
    if (layers !== 'first') {
      const [a, b] = [valueError[i]!, valueError[j]!];
      bound += values[i]! * b + values[j]! * a + a * b + sum * values[i]! * values[j]!;
    }
    return bound;
  });
  return { entries, norm: frobenius(entries), mean: entries.data.reduce((total, bound) => total + bound, 0) / n };
}

/** (jump·L/m) Σ_r v_r² over the units whose preactivation at input i lies within its rounding of the kink; 0 for a smooth activation. */
function ambiguousSlopes(
  { activation: name, inputs, firstLayer, secondLayer }: TwoLayerProblem,
  rounding: Float64Array,
  largestWeight: number,
): Float64Array {
  const { negativeSlope, slopeBound } = activation(name);
  const [n, d, m] = [inputs.rows, inputs.columns, secondLayer.length];
  const counts = new Float64Array(n);
  if (negativeSlope === null || largestWeight === 0) return counts;
  const [x, w] = [toFloat64(inputs.data), toFloat64(firstLayer.data)];
  const lengths = rowNorms(firstLayer);
  const products = new Float64Array(n);
  for (let r = 0; r < m; r++) {
    rowProducts(x, d, n, w, r * d, products, 0);
    // `rounding` is for the longest w; it scales with ‖w_r‖.
    const scale = (lengths[r]! / largestWeight) * Math.sqrt(d);
    const weight = ((1 - negativeSlope) * slopeBound * secondLayer[r]! ** 2) / m;
    for (let i = 0; i < n; i++) if (Math.abs(products[i]!) <= scale * rounding[i]!) counts[i] = counts[i]! + weight;
  }
  return counts;
}

/** ‖A‖_F, an upper bound of the spectral norm of anything that A bounds entrywise. */
export function frobenius({ data }: Matrix64): number {
  return Math.sqrt(squaredNorm(data));
}
