import { defineClaim } from '../../src/claim.js';
import { activations, type TwoLayerSpace, twoLayerInstances } from '../../src/instance.js';
import { normAgainst } from '../../src/kernel/spectral-norm.js';
import { kernelAssumptions } from './assumptions.js';
import { firstLayerDifference } from './first-layer-difference.js';
import { biasedActivations, constantFor, errorTerms, firstLayerTheory, sumOfTerms, wrongTheories } from './terms.js';

/** The instances of the claims about the first-layer kernel; large widths give them their power. */
export const kernelSpace: TwoLayerSpace = {
  inputDimension: [32, 80],
  samplesFactor: [2, 4],
  widthFactor: [8, 12],
  alpha: [0.1, 0.24],
  activations,
};
const biased = twoLayerInstances({ ...kernelSpace, activations: biasedActivations });
const withSlope = twoLayerInstances({ ...kernelSpace, activations: activations.filter((name) => name !== 'abs') });

export const firstLayerKernel = defineClaim({
  id: 'hu2020/first-layer-kernel',
  kind: 'bound',
  statement: '‖Θ₁(W(0)) − (ζ² XXᵀ + ν² 11ᵀ)/d‖ ≤ C (T1 + … + T6) n/d, of order n/d^{1+α} for m ≳ d^{1+α}',
  source: { paper: 'hu2020', place: 'first-layer kernel proposition' },
  assumptions: kernelAssumptions,
  instances: twoLayerInstances(kernelSpace),
  theory: firstLayerTheory,
  passRate: { claimed: 0.99, broken: 0.9 },
  measure: async (instance, theory, laboratory) => {
    const { difference, roundoff, rounding } = await firstLayerDifference(instance, theory, laboratory);
    const { inputDimension: d, samples: n, alpha } = instance;
    const terms = errorTerms(instance);
    const constant = constantFor(instance.activation);
    const bound = laboratory.constant(constant) * sumOfTerms(terms);
    const norm = normAgainst(difference, (bound * n) / d, roundoff.norm);
    const relative = (norm.norm * d) / n;
    return {
      kind: 'bound',
      observed: (norm.observed * d) / n,
      bound,
      roundoff: (roundoff.norm * d) / n,
      constant,
      quantities: {
        ...terms,
        smallestEigenvalue: (norm.smallest * d) / n,
        largestEigenvalue: (norm.largest * d) / n,
        /** The paper's own form ‖E‖ d^{1+α}/n ≤ C_φ, too blunt to refute a missing ν. */
        paperForm: relative * d ** alpha,
      },
      rounding,
    };
  },
  controls: [
    { ...wrongTheories.noBias, where: biased },
    { ...wrongTheories.zeta, where: withSlope },
    { ...wrongTheories.half, where: withSlope },
    { id: 'uncentred', statement: 'inputs (x + 1)/√2, which have a mean', where: twoLayerInstances({ ...kernelSpace, mean: 1 }) },
    {
      id: 'heavy-tails',
      statement: 'inputs with a Student t₃ scale',
      where: twoLayerInstances({ ...kernelSpace, laws: ['student-t3'] }),
    },
  ],
});
