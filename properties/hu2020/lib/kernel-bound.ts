import type { Laboratory } from '../../../src/claim/claim.js';
import type { BoundCase } from '../../../src/claim/define.js';
import { inputGram } from '../../../src/linear-algebra/products.js';
import { normAgainst } from '../../../src/linear-algebra/spectral-norm.js';
import type { Matrix64 } from '../../../src/math/matrix.js';
import type { TwoLayerInstance } from '../../../src/models/two-layer/instances.js';
import type { TrainedLayers } from '../../../src/models/two-layer/model.js';
import { drawData, drawProblem } from '../../../src/models/two-layer/problem.js';
import { expectedLayerKernel } from '../../../src/theory/infinite-width.js';
import { differenceFromAffine, type ObservedKernel, observedKernel } from './kernel-difference.js';
import { layersOf } from './layers.js';
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

/** The kernel of the subject for the layers that are trained. */
export function observedLayers(layers: TrainedLayers): (instance: TwoLayerInstance, at: Laboratory) => Promise<ObservedKernel> {
  return (instance, laboratory) => observedKernel(drawProblem(instance), layersOf[layers].weightsOf(instance), laboratory);
}

/** The kernel of the subject at finite width against its affine kernel; the terms are those of `bounded`, the instance itself unless given. */
export async function finiteWidthBound(
  instance: TwoLayerInstance,
  layers: TrainedLayers,
  theory: KernelTheory,
  laboratory: Laboratory,
  observed: ObservedKernel,
  bounded = instance,
): Promise<BoundCase> {
  const { weightsOf, termsOf, constantOf } = layersOf[layers];
  const difference = differenceFromAffine(observed, instance, weightsOf(instance), theory);
  const measured = { difference, roundoff: (await observed.roundoff()).norm, rounding: observed.rounding };
  return judgedAgainst(termsOf(bounded), constantOf(instance.activation), measured, instance, laboratory);
}

/** A kernel at infinite width, which no subject computes, with the error of its quadrature. */
export interface ExpectedKernel extends Pick<ObservedKernel, 'kernel' | 'gram' | 'inputs'> {
  readonly error: number;
}

/** E Θ of one layer on the inputs of an instance. */
export function expectedLayer(instance: TwoLayerInstance, layer: 'first' | 'second'): ExpectedKernel {
  const { inputs } = drawData(instance);
  const gram = inputGram(inputs);
  const { expectation: kernel, error } = expectedLayerKernel(instance.activation, gram, layer);
  return { kernel, gram, inputs, error };
}

/** The kernel at infinite width against its affine kernel. */
export function infiniteWidthBound(
  instance: TwoLayerInstance,
  layer: 'first' | 'second',
  theory: KernelTheory,
  laboratory: Laboratory,
  observed: ExpectedKernel,
): BoundCase {
  const { weightsOf, termsOf, constantOf } = layersOf[layer];
  const difference = differenceFromAffine(observed, instance, weightsOf(instance), theory);
  const measured = { difference, roundoff: observed.error, rounding: null };
  return judgedAgainst(termsOf(instance, 'infinite'), constantOf(instance.activation), measured, instance, laboratory);
}
