import { defineClaim } from '../../src/claim/define.js';
import { activation } from '../../src/math/activation.js';
import { type TwoLayerInstance, twoLayerInstances } from '../../src/models/two-layer/instances.js';
import { layerWeights } from '../../src/models/two-layer/model.js';
import { byActivation } from '../lib/by-activation.js';
import { kernelAssumptions } from './lib/assumptions.js';
import { observedLayers } from './lib/kernel-bound.js';
import { differenceFromAffine, type ObservedKernel } from './lib/kernel-difference.js';
import { kernelSpace } from './lib/kernel-space.js';
import { affineNumbers, biasedActivations, type KernelTheory, kernelTheory, momentsOf, wrongTheories } from './lib/terms.js';

export const firstLayerKernelBias = defineClaim<TwoLayerInstance, KernelTheory, ObservedKernel>({
  id: 'hu2020/first-layer-kernel-bias',
  title: 'the term ν² 11ᵀ, seen along 1/√n',
  kind: 'bound',
  statement: '|uᵀ(Θ₁ − Θ₁^lin)u · d/n − V d/n| ≤ C ϑ₁² Tr Σ²/d with u = 1/√n, for activations with ϑ₁ ≠ 0',
  formula: String.raw`\left\lvert \frac dn\, u^{\mathsf T} (\Theta_1 - \Theta^{\mathrm{lin}}_1)\, u - V \frac dn \right\rvert \le C\, \vartheta_1^2\, \frac{\operatorname{Tr} \Sigma^2}d \quad\text{for}\quad u = \frac{\mathbf 1}{\sqrt n},\; \vartheta_1 \ne 0`,
  source: { paper: 'hu2020', place: 'first-layer kernel proposition, the term ν² 11ᵀ' },
  assumptions: kernelAssumptions,
  lawTestedBy: ['hu2020/first-layer-kernel-regression'],
  needs: ['twoLayer.tangentKernel'],
  instances: byActivation(biasedActivations, (names) => twoLayerInstances({ ...kernelSpace, activations: names })),
  theory: kernelTheory,
  numbers: affineNumbers({ bias: ['ν²', 1.25, 'quick'] }),
  observe: observedLayers('first'),
  measure: async (instance, theory, laboratory, observed) => {
    const { roundoff, rounding } = observed;
    const difference = differenceFromAffine(observed, instance, layerWeights.first, theory);
    const { inputDimension: d, samples: n } = instance;
    const { theta1, slopeVariance } = activation(instance.activation).constants;
    const mean = difference.data.reduce((sum, entry) => sum + entry, 0) / n;
    return {
      observed: Math.abs((mean * d) / n - (slopeVariance * d) / n),
      bound: laboratory.constant('biased') * theta1 ** 2 * momentsOf(instance).second,
      roundoff: ((await roundoff()).mean * d) / n,
      constant: 'biased',
      quantities: { mean: (mean * d) / n, diagonal: (slopeVariance * d) / n },
      rounding,
    };
  },
  controls: [
    { ...wrongTheories.noBias, where: () => true },
    { ...wrongTheories.traceForTraceOfSquare, where: ({ spectrum }) => spectrum === 'two-level' },
  ],
});
