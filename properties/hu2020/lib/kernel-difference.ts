import type { Laboratory } from '../../../src/claim/claim.js';
import { activation } from '../../../src/math/activation.js';
import { type DenseMatrix, type Matrix64, matrix64, symmetricDifference } from '../../../src/math/matrix.js';
import { type CheckedKernel, checkedTangentKernel, worstRounding } from '../../../src/models/checked.js';
import type { TwoLayerInstance } from '../../../src/models/two-layer/instances.js';
import type { LayerCoefficients } from '../../../src/models/two-layer/model.js';
import type { TwoLayerProblem } from '../../../src/models/two-layer/problem.js';
import type { KernelRoundoff } from '../../../src/models/two-layer/roundoff.js';
import { type AffineKernel, affineKernel, affineKernelMatrix } from '../../../src/theory/affine.js';
import { type KernelTheory, momentsOf } from './terms.js';

/** The kernel of one instance as the subject computes it, which no theory changes. */
export interface ObservedKernel {
  /** w₁Θ₁ + w₂Θ₂, n×n. */
  readonly kernel: DenseMatrix;
  /** n×d. */
  readonly inputs: DenseMatrix;
  /** K = XXᵀ/d. */
  readonly gram: Matrix64;
  /** Bounds on the rounding error of its norm and of 1ᵀΘ1/n. */
  readonly roundoff: () => Promise<Pick<KernelRoundoff, 'norm' | 'mean'>>;
  readonly rounding: number | null;
}

/** w₁Θ₁ + w₂Θ₂ of a network. */
export async function observedKernel(
  problem: TwoLayerProblem,
  weights: LayerCoefficients,
  { subject }: Laboratory,
): Promise<ObservedKernel> {
  const parts: { weight: number; checked: CheckedKernel }[] = [];
  const { first, second } = weights;
  const asked =
    first === second
      ? ([['both', first]] as const)
      : ([
          ['first', first],
          ['second', second],
        ] as const);
  for (const [layers, weight] of asked) {
    if (weight !== 0) parts.push({ weight, checked: await checkedTangentKernel(problem, layers, subject) });
  }
  const kernel = weightedSum(parts.map(({ weight, checked }) => ({ weight, matrix: checked.kernel })));
  return {
    kernel,
    inputs: problem.inputs,
    gram: parts[0]!.checked.gram,
    roundoff: async () => {
      const sum = { norm: 0, mean: 0 };
      for (const { weight, checked } of parts) {
        const { norm, mean } = await checked.roundoff();
        sum.norm += weight * norm;
        sum.mean += weight * mean;
      }
      return sum;
    },
    rounding: worstRounding(parts.map(({ checked }) => checked.rounding)),
  };
}

function weightedSum(terms: readonly { weight: number; matrix: DenseMatrix }[]): DenseMatrix {
  const [only, ...others] = terms;
  if (only!.weight === 1 && others.length === 0) return only!.matrix;
  const sum = matrix64(only!.matrix.rows, only!.matrix.columns);
  for (const { weight, matrix } of terms) {
    for (let k = 0; k < sum.data.length; k++) sum.data[k] = sum.data[k]! + weight * matrix.data[k]!;
  }
  return sum;
}

/** The affine kernel that a theory predicts for an instance. */
export function predictedKernel(instance: TwoLayerInstance, weights: LayerCoefficients, theory: KernelTheory): AffineKernel {
  const { constants } = activation(instance.activation);
  const moments = momentsOf(instance);
  return theory.affine(affineKernel(constants, moments.second, instance.inputDimension, weights), constants, moments);
}

/** E = scale·Θ − Θ^lin under the given theory, n×n. */
export function differenceFromAffine(
  { kernel, gram, inputs }: Pick<ObservedKernel, 'kernel' | 'gram' | 'inputs'>,
  instance: TwoLayerInstance,
  weights: LayerCoefficients,
  theory: KernelTheory,
): Matrix64 {
  return symmetricDifference(kernel, affineKernelMatrix(predictedKernel(instance, weights, theory), inputs, gram), theory.scale);
}
