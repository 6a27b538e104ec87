import binomialQuantile from '@stdlib/stats-base-dists-binomial-quantile';
import { type Activation, activation } from '../activation.js';
import { type DenseMatrix, dot, inputKernel, type Matrix64, symmetric } from '../matrix.js';
import type { TrainedLayers } from '../network/two-layer.js';
import type { Problem } from '../problem.js';
import type { Subject } from '../subject/subject.js';

type Arithmetic = Pick<Subject, 'roundoff' | 'activationError'>;

/**
 * Relative error of a sum of `length` products, to be multiplied by Σ|a||b|: 2u_in + u_in² + γ_k (1 + u_in)², γ_k = ku/(1 − ku)
 * (Higham 2002, §3.1, with rounded factors).
 */
export function productError({ roundoff: { inputs, accumulator } }: Pick<Subject, 'roundoff'>, length: number): number {
  const gamma = (length * accumulator) / (1 - length * accumulator);
  return 2 * inputs + inputs ** 2 + gamma * (1 + inputs) ** 2;
}

/** Probability with which the count of kinked units may exceed its quantile, per input. */
const KINK_TAIL = 1e-12;
/** Roundings of the elementwise operations around a product: scaling by v, by 1/m and by K. */
const ELEMENTWISE = 4;

interface Forward {
  readonly phi: Activation;
  /** ‖x_i‖/√d. */
  readonly norms: Float64Array;
  readonly largestWeight: number;
  /** Bound on |δz_i|, the error of a preactivation of input i. */
  readonly preactivation: Float64Array;
}

function forwardErrors(problem: Problem, subject: Arithmetic, inputs: DenseMatrix): Forward {
  const phi = activation(problem.activation);
  const { rows, columns, data } = inputs;
  const weights = rowNorms(problem.firstLayer);
  const largestWeight = weights.reduce((largest, norm) => Math.max(largest, norm), 0);
  const norms = rowNorms({ rows, columns, data }).map((norm) => norm / Math.sqrt(columns));
  const relative = productError(subject, columns) + 2 * subject.roundoff.accumulator;
  return { phi, norms, largestWeight, preactivation: norms.map((norm) => relative * norm * largestWeight) };
}

function rowNorms({ rows, columns, data }: DenseMatrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => Math.sqrt(dot(data, i * columns, data, i * columns, columns)));
}

/**
 * Entrywise bound on |Θ_computed − Θ|, n×n, for a subject with the given roundoff. First layer, per entry:
 * |K_ij| v² [L(δ_i + δ_j) + δ_i δ_j + g_m L²] plus the error of K itself, where δ_i bounds the error of φ'(z_ir) and g_k is
 * `productError`; for a kinked φ, units whose |z| is below its own rounding may take the other slope, and their number per input
 * is bounded by a binomial quantile at 10⁻¹² (z_ir ~ N(0, ‖x_i‖²/d) independently over r). Second layer: the same with φ.
 */
export async function kernelRoundoff(problem: Problem, subject: Arithmetic, layers: TrainedLayers): Promise<Matrix64> {
  const errors = await subject.activationError(problem.activation);
  const { phi, norms, largestWeight, preactivation } = forwardErrors(problem, subject, problem.inputs);
  const width = problem.secondLayer.length;
  const weight = problem.secondLayer.reduce((sum, v) => sum + v * v, 0) / width;
  const sum = productError(subject, width) + ELEMENTWISE * subject.roundoff.accumulator;
  const gram = inputKernel(problem.inputs);
  const n = problem.inputs.rows;
  const gramError = productError(subject, problem.inputs.columns) + subject.roundoff.accumulator;
  const largest = norms.map((norm) => norm * largestWeight);
  const slopeError = preactivation.map((dz, i) => errors.slope * (1 + largest[i]!) + phi.curvatureBound * dz);
  const kinked = preactivation.map((dz, i) => (phi.negativeSlope === null ? 0 : kinkedUnits(dz / norms[i]!, width) / width));
  const jump = phi.negativeSlope === null ? 0 : (1 - phi.negativeSlope) * phi.slopeBound;
  const valueError = preactivation.map((dz, i) => errors.value * (1 + largest[i]!) + phi.slopeBound * dz);
  const values = largest.map((z) => Math.min(phi.valueBound, Math.abs(phi.value(0)) + phi.slopeBound * z));
  return symmetric(n, (i, j) => {
    let bound = 0;
    if (layers !== 'second') {
      const size = Math.abs(gram.data[i * n + j]!);
      const product = phi.slopeBound * (slopeError[i]! + slopeError[j]!) + slopeError[i]! * slopeError[j]! + sum * phi.slopeBound ** 2;
      bound += weight * (size * (product + jump * (kinked[i]! + kinked[j]!)) + gramError * norms[i]! * norms[j]! * phi.slopeBound ** 2);
    }
    if (layers !== 'first') {
      bound += values[i]! * valueError[j]! + values[j]! * valueError[i]! + valueError[i]! * valueError[j]! + sum * values[i]! * values[j]!;
    }
    return bound;
  });
}

/** A number of units that, but for probability 10⁻¹², is not exceeded by those with |z|/σ ≤ `threshold`, z ~ N(0, σ²). */
function kinkedUnits(threshold: number, units: number): number {
  if (threshold === 0) return 0;
  const probability = Math.min(1, (2 * threshold) / Math.sqrt(2 * Math.PI));
  return binomialQuantile(1 - KINK_TAIL, units, probability);
}

/** ‖A‖_F, an upper bound of the spectral norm of anything that A bounds entrywise. */
export function frobenius({ data }: Matrix64): number {
  return Math.sqrt(dot(data, 0, data, 0, data.length));
}
