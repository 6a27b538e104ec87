import { activation } from '../../src/activation.js';
import type { Laboratory } from '../../src/claim.js';
import type { TwoLayerInstance } from '../../src/instance.js';
import { affineKernelMatrix } from '../../src/kernel/affine.js';
import { type DenseMatrix, type Matrix64, symmetricDifference } from '../../src/matrix.js';
import { materialise } from '../../src/problem.js';
import { type CheckedKernel, checkedTangentKernel } from '../../src/roundoff/check.js';
import { type FirstLayerTheory, momentsOf } from './terms.js';

/** E = Θ₁ − Θ₁^lin of one instance as the subject computes Θ₁. */
export interface FirstLayerDifference {
  readonly difference: Matrix64;
  /** K = XXᵀ/d. */
  readonly gram: Matrix64;
  /** Bounds on the rounding error of E. */
  readonly roundoff: CheckedKernel['roundoff'];
  readonly rounding: number | null;
}

/** E = scale·Θ₁(W(0)) − (slope·XXᵀ + bias·11ᵀ)/d under the given theory, n×n. */
export async function firstLayerDifference(
  instance: TwoLayerInstance,
  theory: FirstLayerTheory,
  { subject }: Laboratory,
): Promise<FirstLayerDifference> {
  const problem = materialise(instance);
  const { kernel, gram, roundoff, rounding } = await checkedTangentKernel(problem, 'first', subject);
  return { difference: firstLayerError(kernel, gram, problem.inputs, instance, theory), gram, roundoff, rounding };
}

/** The same for a kernel at hand. */
export function firstLayerError(
  kernel: DenseMatrix,
  gram: Matrix64,
  inputs: DenseMatrix,
  instance: TwoLayerInstance,
  theory: FirstLayerTheory,
): Matrix64 {
  const { constants } = activation(instance.activation);
  const bias = theory.bias(constants, momentsOf(instance)) / instance.inputDimension;
  const affine = affineKernelMatrix({ slope: theory.slope(constants), bias, norm: null }, inputs, gram);
  return symmetricDifference(kernel, affine, theory.scale);
}
