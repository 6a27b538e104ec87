import type { Laboratory } from '../../../src/claim/claim.js';
import type { BoundCase } from '../../../src/claim/define.js';
import { normAgainst } from '../../../src/linear-algebra/spectral-norm.js';
import { inputGram, type Matrix64 } from '../../../src/math/matrix.js';
import type { TwoLayerInstance } from '../../../src/models/two-layer/instances.js';
import { type LayerCoefficients, layerWeights } from '../../../src/models/two-layer/model.js';
import { drawData } from '../../../src/models/two-layer/problem.js';
import { expectedLayerKernel } from '../../../src/theory/infinite-width.js';
import { differenceFromAffine, kernelDifference } from './kernel-difference.js';
import { type ErrorTerms, type KernelTheory, sumOfTerms } from './terms.js';

/** ‖E‖·d/n, where rounding changes ‖E‖ by at most `roundoff`, against C × the sum of the terms. */
export function judgedAgainst(
  terms: ErrorTerms,
  constant: string,
  { difference, roundoff, rounding }: { difference: Matrix64; roundoff: number; rounding: number | null },
  { inputDimension: d, samples: n, alpha }: TwoLayerInstance,
  laboratory: Laboratory,
): BoundCase {
  const bound = laboratory.constant(constant) * sumOfTerms(terms);
  const norm = normAgainst(difference, (bound * n) / d, roundoff);
  return {
    observed: (norm.observed * d) / n,
    bound,
    roundoff: (roundoff * d) / n,
    constant,
    quantities: {
      ...terms,
      smallestEigenvalue: (norm.smallest * d) / n,
      largestEigenvalue: (norm.largest * d) / n,
      /** The paper's own form ‖E‖ d^{1+α}/n ≤ C_φ, too blunt to refute a missing ν. */
      paperForm: ((norm.norm * d) / n) * d ** alpha,
    },
    rounding,
  };
}

/** The kernel of the subject at finite width against its affine kernel. */
export async function finiteWidthBound(
  instance: TwoLayerInstance,
  weights: LayerCoefficients,
  theory: KernelTheory,
  terms: ErrorTerms,
  constant: string,
  laboratory: Laboratory,
): Promise<BoundCase> {
  const { difference, roundoff, rounding } = await kernelDifference(instance, weights, theory, laboratory);
  return judgedAgainst(terms, constant, { difference, roundoff: (await roundoff()).norm, rounding }, instance, laboratory);
}

/** The kernel at infinite width, which no subject computes, against its affine kernel. */
export function infiniteWidthBound(
  instance: TwoLayerInstance,
  layers: 'first' | 'second',
  theory: KernelTheory,
  terms: ErrorTerms,
  constant: string,
  laboratory: Laboratory,
): BoundCase {
  const { inputs } = drawData(instance);
  const gram = inputGram(inputs);
  const { expectation, error } = expectedLayerKernel(instance.activation, gram, layers);
  const difference = differenceFromAffine(expectation, gram, inputs, instance, layerWeights[layers], theory);
  return judgedAgainst(terms, constant, { difference, roundoff: error, rounding: null }, instance, laboratory);
}
