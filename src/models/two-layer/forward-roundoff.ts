import { type Activation, activation } from '../../math/activation.js';
import { type DenseMatrix, rowNorms } from '../../math/matrix.js';
import type { Arithmetic } from '../implementation.js';
import type { TwoLayerProblem } from './problem.js';

/**
 * Relative error of a sum of `length` products, to be multiplied by Σ|a||b|: 2u_in + u_in² + γ_k (1 + u_in)², γ_k = ku/(1 − ku)
 * (Higham 2002, §3.1, with rounded factors).
 */
export function productError({ roundoff: { inputs, accumulator } }: Pick<Arithmetic, 'roundoff'>, length: number): number {
  const gamma = (length * accumulator) / (1 - length * accumulator);
  return 2 * inputs + inputs ** 2 + gamma * (1 + inputs) ** 2;
}

/** Errors of the hidden layer on some inputs. */
export interface Forward {
  readonly phi: Activation;
  /** ‖x_i‖/√d. */
  readonly norms: Float64Array;
  readonly largestWeight: number;
  /** Bound on |δz_i|, the error of a preactivation of input i. */
  readonly preactivation: Float64Array;
}

/** Worst-case errors of Z = X Wᵀ/√d on inputs n×d. */
export function forwardErrors(problem: TwoLayerProblem, subject: Arithmetic, inputs: DenseMatrix): Forward {
  const phi = activation(problem.activation);
  const { columns } = inputs;
  const largestWeight = rowNorms(problem.firstLayer).reduce((largest, norm) => Math.max(largest, norm), 0);
  const norms = rowNorms(inputs).map((norm) => norm / Math.sqrt(columns));
  const relative = productError(subject, columns) + 2 * subject.roundoff.accumulator;
  return { phi, norms, largestWeight, preactivation: norms.map((norm) => relative * norm * largestWeight) };
}

/**
 * Bound on |δf(x_i)| for a subject's outputs on inputs n×d: (1/√m) Σ_r |v_r| (|δφ_i| + g_m |φ_i|), with |δφ_i| ≤ L|δz_i| plus the error of φ.
 */
export async function outputRoundoff(problem: TwoLayerProblem, subject: Arithmetic, inputs: DenseMatrix): Promise<Float64Array> {
  const errors = await subject.activationError(problem.activation);
  const { phi, norms, largestWeight, preactivation } = forwardErrors(problem, subject, inputs);
  const width = problem.secondLayer.length;
  const total = problem.secondLayer.reduce((sum, v) => sum + Math.abs(v), 0) / Math.sqrt(width);
  return preactivation.map((dz, i) => {
    const z = norms[i]! * largestWeight;
    const value = Math.min(phi.valueBound, Math.abs(phi.value(0)) + phi.slopeBound * z);
    return (
      total *
      (phi.slopeBound * dz + errors.value * (1 + z) + (productError(subject, width) + 4 * subject.roundoff.accumulator) * value)
    );
  });
}
