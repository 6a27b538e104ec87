import { defineClaim } from '../../src/claim/define.js';
import { activations, type TwoLayerSpace } from '../../src/models/two-layer/instances.js';
import { layerWeights } from '../../src/models/two-layer/model.js';
import { dataAssumptions, enoughUnitsForSecondLayer } from './lib/assumptions.js';
import { finiteWidthBound } from './lib/kernel-bound.js';
import { inRegimes, type Regimes } from './lib/regimes.js';
import {
  kernelTheory,
  meanActivations,
  secondLayerConstant,
  secondLayerTerms,
  slopedActivations,
  wrongTheories,
} from './lib/terms.js';

const regimes: Regimes = {
  meanless: {
    inputDimension: [24, 80],
    samplesFactor: [2, 4],
    widthFactor: [4, 12],
    alpha: [0.1, 0.24],
    spectra: ['isotropic'],
  },
  mean: {
    inputDimension: [16, 36],
    samplesFactor: [2, 4],
    widthFactor: [2, 4],
    alpha: [0.1, 0.24],
    spectra: ['isotropic'],
  },
};
const instancesOf = (names: readonly string[], changes: Partial<TwoLayerSpace> = {}) => inRegimes(regimes, names, changes);

export const secondLayerKernel = defineClaim({
  id: 'hu2020/second-layer-kernel',
  title: '‖Θ₂ − Θ₂^lin‖ ≤ C (sum of its terms) n/d',
  kind: 'bound',
  statement:
    '‖Θ₂(W(0)) − (ζ² XXᵀ/d + (ν²/2d) 11ᵀ + q qᵀ)‖ ≤ C (sum of its terms) n/d for m ≳ d^{1+α} where ϑ₀ = 0, m ≳ d^{2+α} where not; of order n/d^{1+α/2}',
  formula: String.raw`\begin{gathered} \left\lVert \Theta_2(W(0)) - \Bigl(\zeta^2\, \frac{XX^{\mathsf T}}d + \frac{\nu^2}{2d}\, \mathbf 1 \mathbf 1^{\mathsf T} + q q^{\mathsf T}\Bigr) \right\rVert \le C\, \Bigl(\sum_k T^{(2)}_k\Bigr) \frac nd = O\Bigl(\frac n{d^{1+\alpha/2}}\Bigr) \\ \text{for}\quad m \gtrsim d^{1+\alpha} \;\text{ where } \vartheta_0 = 0, \quad m \gtrsim d^{2+\alpha} \;\text{ where } \vartheta_0 \ne 0 \end{gathered}`,
  source: { paper: 'hu2020', place: 'second-layer kernel proposition' },
  assumptions: [...dataAssumptions, enoughUnitsForSecondLayer],
  instances: instancesOf(activations),
  theory: kernelTheory,
  measure: (instance, theory, laboratory) =>
    finiteWidthBound(
      instance,
      layerWeights.second,
      theory,
      secondLayerTerms(instance),
      secondLayerConstant(instance.activation),
      laboratory,
    ),
  controls: [
    {
      ...wrongTheories.zeta,
      where: instancesOf(slopedActivations),
    },
    { ...wrongTheories.half, where: instancesOf(meanActivations) },
    { ...wrongTheories.noNormFeature, where: instancesOf(['relu', 'gelu', 'softplus'], { laws: ['gaussian'] }) },
  ],
});
