import { activation } from '../../src/activation.js';
import { defineClaim } from '../../src/claim.js';
import { twoLayerInstances } from '../../src/instance.js';
import { kernelAssumptions } from './assumptions.js';
import { firstLayerDifference } from './first-layer-difference.js';
import { kernelSpace } from './first-layer-kernel.js';
import { biasedActivations, firstLayerTheory, momentsOf, wrongTheories } from './terms.js';

const space = { ...kernelSpace, activations: biasedActivations };

export const firstLayerKernelBias = defineClaim({
  id: 'hu2020/first-layer-kernel-bias',
  kind: 'bound',
  statement: '|uᵀ(Θ₁ − Θ₁^lin)u · d/n − V d/n| ≤ C c₂² Tr Σ²/d with u = 1/√n, for activations with c₂ ≠ 0',
  source: { paper: 'hu2020', place: 'first-layer kernel proposition, the term ν² 11ᵀ' },
  assumptions: kernelAssumptions,
  instances: twoLayerInstances(space),
  theory: firstLayerTheory,
  passRate: { claimed: 0.99, broken: 0.9 },
  measure: async (instance, theory, laboratory) => {
    const { difference, roundoff, rounding } = await firstLayerDifference(instance, theory, laboratory);
    const { inputDimension: d, samples: n } = instance;
    const { c2, slopeVariance } = activation(instance.activation).constants;
    const mean = difference.data.reduce((sum, entry) => sum + entry, 0) / n;
    return {
      kind: 'bound',
      observed: Math.abs((mean * d) / n - (slopeVariance * d) / n),
      bound: laboratory.constant('biased') * c2 ** 2 * momentsOf(instance).second,
      roundoff: (roundoff.mean * d) / n,
      constant: 'biased',
      quantities: { mean: (mean * d) / n, diagonal: (slopeVariance * d) / n },
      rounding,
    };
  },
  controls: [
    { ...wrongTheories.noBias, where: twoLayerInstances(space) },
    {
      id: 'trace-for-trace-of-square',
      statement: 'ν² with Tr Σ in place of Tr Σ²',
      where: twoLayerInstances({ ...space, spectra: ['two-level'] }),
      theory: { bias: ({ c2 }) => c2 ** 2 },
    },
  ],
});
