import { defineClaim } from '../../src/claim.js';
import { activations, twoLayerInstances } from '../../src/instance.js';
import { expectedFirstLayerKernel } from '../../src/kernel/infinite-width.js';
import { normAgainst } from '../../src/kernel/spectral-norm.js';
import { inputKernel } from '../../src/matrix.js';
import { materialise } from '../../src/problem.js';
import { infiniteWidthAssumptions } from './assumptions.js';
import { firstLayerError } from './first-layer-difference.js';
import { kernelSpace } from './first-layer-kernel.js';
import { biasedActivations, constantFor, errorTerms, firstLayerTheory, sumOfTerms, wrongTheories } from './terms.js';

// The width is not used; the narrowest network keeps the weights that are drawn with the inputs few.
const space = { ...kernelSpace, widthOf: () => 2 };

export const firstLayerKernelInfiniteWidth = defineClaim({
  id: 'hu2020/first-layer-kernel-infinite-width',
  kind: 'bound',
  statement: '‖E Θ₁ − Θ₁^lin‖ ≤ C (T1 + T2 + T3 + T4 + T6) n/d, where E Θ₁ = Φ ∘ XXᵀ/d is the kernel at infinite width',
  source: { paper: 'hu2020', place: 'first-layer kernel proposition, without its fluctuation in W' },
  assumptions: infiniteWidthAssumptions,
  instances: twoLayerInstances(space),
  theory: firstLayerTheory,
  passRate: { claimed: 0.99, broken: 0.9 },
  measure: async (instance, theory, laboratory) => {
    const { inputs } = materialise(instance);
    const { inputDimension: d, samples: n } = instance;
    const gram = inputKernel(inputs);
    const { expectation, error: roundoff } = expectedFirstLayerKernel(instance.activation, gram);
    const terms = errorTerms(instance);
    const constant = constantFor(instance.activation);
    const bound = laboratory.constant(constant) * sumOfTerms(terms, 'infinite');
    const norm = normAgainst(firstLayerError(expectation, gram, inputs, instance, theory), (bound * n) / d, roundoff);
    return {
      kind: 'bound',
      observed: (norm.observed * d) / n,
      bound,
      roundoff: (roundoff * d) / n,
      constant,
      quantities: { ...terms },
      rounding: null,
    };
  },
  controls: [
    { ...wrongTheories.noBias, where: twoLayerInstances({ ...space, activations: biasedActivations }) },
    { ...wrongTheories.zeta, where: twoLayerInstances({ ...space, activations: activations.filter((name) => name !== 'abs') }) },
  ],
});
