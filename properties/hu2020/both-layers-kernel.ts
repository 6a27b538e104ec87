import { defineClaim } from '../../src/claim/define.js';
import { activations, type TwoLayerInstance, type TwoLayerSpace } from '../../src/models/two-layer/instances.js';
import { affineKernel } from '../../src/theory/affine.js';
import { dataAssumptions, enoughUnitsForSecondLayer } from './lib/assumptions.js';
import { finiteWidthBound } from './lib/kernel-bound.js';
import { inRegimes, type Regimes, weightsOf } from './lib/regimes.js';
import {
  bothLayersTerms,
  type KernelTheory,
  kernelTheory,
  meanActivations,
  secondLayerConstant,
  slopedActivations,
  wrongTheories,
} from './lib/terms.js';

const common = { samplesFactor: [2, 4], alpha: [0.1, 0.24], spectra: ['isotropic'], logStepRatio: [-2, 2] } as const;
const regimes: Regimes = {
  meanless: { ...common, inputDimension: [24, 64], widthFactor: [4, 12] },
  mean: { ...common, inputDimension: [16, 32], widthFactor: [3, 6] },
};
const instancesOf = (names: readonly string[], changes: Partial<TwoLayerSpace> = {}) => inRegimes(regimes, names, changes);

interface BothTheory extends KernelTheory {
  /** The affine kernel of steps η₂ on the first layer and η₁ on the second. */
  readonly exchanged: boolean;
}

export const bothLayersKernel = defineClaim<TwoLayerInstance, BothTheory>({
  id: 'hu2020/both-layers-kernel',
  title: '‖η₁Θ₁ + η₂Θ₂ − affine‖, η₁/η₂ from ¼ to 4',
  kind: 'bound',
  statement:
    '‖(η₁Θ₁ + η₂Θ₂)/η − its affine kernel‖ ≤ C (sum of the terms of both layers) n/d with η = (η₁ + η₂)/2, for η₁/η₂ from 1/4 to 4, in the widths of the second layer',
  formula: String.raw`\begin{gathered} \left\lVert \frac{\eta_1 (\Theta_1 - \Theta^{\mathrm{lin}}_1) + \eta_2 (\Theta_2 - \Theta^{\mathrm{lin}}_2)}\eta \right\rVert \le C\, \Bigl(\frac{\eta_1}\eta \sum_k T_k + \frac{\eta_2}\eta \sum_k T^{(2)}_k\Bigr) \frac nd, \quad \eta = \frac{\eta_1 + \eta_2}2, \quad \frac14 \le \frac{\eta_1}{\eta_2} \le 4 \\ \text{for}\quad m \gtrsim d^{1+\alpha} \;\text{ where } \vartheta_0 = 0, \quad m \gtrsim d^{2+\alpha} \;\text{ where } \vartheta_0 \ne 0 \end{gathered}`,
  source: { paper: 'hu2020', place: 'kernel of both layers' },
  assumptions: [...dataAssumptions, enoughUnitsForSecondLayer],
  instances: instancesOf(activations),
  theory: { ...kernelTheory, exchanged: false },
  measure: (instance, theory, laboratory) => {
    const weights = weightsOf(instance);
    const terms = bothLayersTerms(instance, weights);
    const exchanged = { first: weights.second, second: weights.first };
    const affine: KernelTheory['affine'] = (kernel, constants, moments) =>
      theory.exchanged
        ? affineKernel(constants, moments.second, instance.inputDimension, exchanged)
        : theory.affine(kernel, constants, moments);
    return finiteWidthBound(
      instance,
      weights,
      { ...theory, affine },
      terms,
      secondLayerConstant(instance.activation),
      laboratory,
    );
  },
  controls: [
    { ...wrongTheories.zeta, where: instancesOf(slopedActivations) },
    { ...wrongTheories.half, where: instancesOf(slopedActivations) },
    {
      id: 'second-layer-without-its-features',
      statement: 'the affine kernel without the feature ϑ₀ + ϑ₁(‖x‖/√d − 1) + ϑ₂(‖x‖/√d − 1)² of the second layer',
      where: instancesOf(meanActivations),
      theory: { affine: (kernel) => ({ ...kernel, norm: null }) },
    },
    {
      id: 'steps-exchanged',
      statement: 'the affine kernel with η₁ and η₂ exchanged, where one is at least twice the other',
      where: instancesOf(meanActivations, { logStepRatio: [1, 2] }),
      theory: { exchanged: true },
    },
  ],
});
