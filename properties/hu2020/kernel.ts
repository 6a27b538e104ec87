import { type Assumption, type Control, defineClaim, type ScaledNumber } from '../../src/claim/define.js';
import { activations, type TwoLayerInstance, twoLayerInstances } from '../../src/models/two-layer/instances.js';
import type { TrainedLayers } from '../../src/models/two-layer/model.js';
import { affineKernel } from '../../src/theory/affine.js';
import { byActivation, withActivation } from '../lib/by-activation.js';
import { dataAssumptions, enoughUnitsForSecondLayer, kernelAssumptions } from './lib/assumptions.js';
import { finiteWidthBound, observedLayers } from './lib/kernel-bound.js';
import type { ObservedKernel } from './lib/kernel-difference.js';
import { kernelSpace } from './lib/kernel-space.js';
import { type Instances, inRegimes, type Regimes, weightsOf } from './lib/regimes.js';
import {
  affineNumbers,
  biasedActivations,
  type KernelTheory,
  kernelTheory,
  meanActivations,
  slopedActivations,
  wrongTheories,
} from './lib/terms.js';

const first: Instances = (names, changes) => twoLayerInstances({ ...kernelSpace, activations: names, ...changes });

const isotropic = { samplesFactor: [2, 4], alpha: [0.1, 0.24], spectra: ['isotropic'] } as const;
const secondRegimes: Regimes = {
  meanless: { ...isotropic, inputDimension: [24, 80], widthFactor: [4, 12] },
  mean: { ...isotropic, inputDimension: [16, 36], widthFactor: [2, 4] },
};
const second: Instances = (names, changes) => inRegimes(secondRegimes, names, changes);

const unequal = { ...isotropic, logStepRatio: [-2, 2] } as const;
const bothRegimes: Regimes = {
  meanless: { ...unequal, inputDimension: [24, 64], widthFactor: [4, 12] },
  mean: { ...unequal, inputDimension: [16, 32], widthFactor: [3, 6] },
};
const both: Instances = (names, changes) => inRegimes(bothRegimes, names, changes);

/** What the propositions about Θ₁, Θ₂ and both say, each in its own words. */
interface Proposition<T extends KernelTheory> {
  readonly layers: TrainedLayers;
  readonly id: string;
  readonly title: string;
  readonly statement: string;
  readonly formula: string;
  readonly place: string;
  readonly assumptions: readonly Assumption<TwoLayerInstance>[];
  readonly instancesOf: Instances;
  readonly theory: T;
  /** The theory of the kernel for an instance. */
  readonly kernelTheory?: (instance: TwoLayerInstance, theory: T) => KernelTheory;
  readonly controls: readonly Control<TwoLayerInstance, T>[];
  readonly numbers: readonly ScaledNumber<T>[];
}

function proposition<T extends KernelTheory>({
  layers,
  place,
  instancesOf,
  kernelTheory: at = (_, theory) => theory,
  ...said
}: Proposition<T>) {
  return defineClaim<TwoLayerInstance, T, ObservedKernel>({
    ...said,
    kind: 'bound',
    source: { paper: 'hu2020', place },
    needs: ['twoLayer.tangentKernel'],
    lawTestedBy: [`${said.id}-regression`, `${said.id}-rate`],
    instances: byActivation(activations, instancesOf),
    observe: observedLayers(layers),
    measure: (instance, theory, laboratory, observed) =>
      finiteWidthBound(instance, layers, at(instance, theory), laboratory, observed),
  });
}

export const firstLayerKernel = proposition({
  layers: 'first',
  id: 'hu2020/first-layer-kernel',
  title: '‖Θ₁ − (ζ² XXᵀ + ν² 11ᵀ)/d‖ ≤ C (T1 + … + T6) n/d',
  statement: '‖Θ₁(W(0)) − (ζ² XXᵀ + ν² 11ᵀ)/d‖ ≤ C (T1 + … + T6) n/d, of order n/d^{1+α} for m ≳ d^{1+α}',
  formula: String.raw`\left\lVert \Theta_1(W(0)) - \frac{\zeta^2 XX^{\mathsf T} + \nu^2 \mathbf 1 \mathbf 1^{\mathsf T}}d \right\rVert \le C\, (T_1 + \dots + T_6)\, \frac nd = O\Bigl(\frac n{d^{1+\alpha}}\Bigr) \quad\text{for}\quad m \gtrsim d^{1+\alpha}`,
  place: 'first-layer kernel proposition',
  assumptions: kernelAssumptions,
  instancesOf: first,
  theory: kernelTheory,
  numbers: affineNumbers({ slope: ['ζ²', 1.1, 'quick'], bias: ['ν²', 2.25] }),
  controls: [
    { ...wrongTheories.noBias, where: withActivation(biasedActivations) },
    { ...wrongTheories.zeta, where: withActivation(slopedActivations) },
    { id: 'uncentred', statement: 'inputs (x + 1)/√2, which have a mean', where: first(activations, { mean: 1 }) },
    { id: 'heavy-tails', statement: 'inputs with a Student t₃ scale', where: first(activations, { laws: ['student-t3'] }) },
  ],
});

export const secondLayerKernel = proposition({
  layers: 'second',
  id: 'hu2020/second-layer-kernel',
  title: '‖Θ₂ − Θ₂^lin‖ ≤ C (sum of its terms) n/d',
  statement:
    '‖Θ₂(W(0)) − (ζ² XXᵀ/d + (ν²/2d) 11ᵀ + q qᵀ)‖ ≤ C (sum of its terms) n/d for m ≳ d^{1+α} where ϑ₀ = 0, m ≳ d^{2+α} where not; of order n/d^{1+α/2}',
  formula: String.raw`\begin{gathered} \left\lVert \Theta_2(W(0)) - \Bigl(\zeta^2\, \frac{XX^{\mathsf T}}d + \frac{\nu^2}{2d}\, \mathbf 1 \mathbf 1^{\mathsf T} + q q^{\mathsf T}\Bigr) \right\rVert \le C\, \Bigl(\sum_k T^{(2)}_k\Bigr) \frac nd = O\Bigl(\frac n{d^{1+\alpha/2}}\Bigr) \\ \text{for}\quad m \gtrsim d^{1+\alpha} \;\text{ where } \vartheta_0 = 0, \quad m \gtrsim d^{2+\alpha} \;\text{ where } \vartheta_0 \ne 0 \end{gathered}`,
  place: 'second-layer kernel proposition',
  assumptions: [...dataAssumptions, enoughUnitsForSecondLayer],
  instancesOf: second,
  theory: kernelTheory,
  numbers: affineNumbers({ slope: ['ζ²', 1.6], bias: ['ν²/2'], norm: ['qqᵀ', 1.1, 'quick'] }),
  controls: [
    { ...wrongTheories.zeta, where: withActivation(slopedActivations) },
    {
      ...wrongTheories.noNormFeature,
      where: (instance) => instance.law === 'gaussian' && withActivation(['relu', 'gelu', 'softplus'])(instance),
    },
  ],
});

interface BothTheory extends KernelTheory {
  /** The affine kernel of steps η₂ on the first layer and η₁ on the second. */
  readonly exchanged: boolean;
}

export const bothLayersKernel = proposition<BothTheory>({
  layers: 'both',
  id: 'hu2020/both-layers-kernel',
  title: '‖η₁Θ₁ + η₂Θ₂ − affine‖, η₁/η₂ from ¼ to 4',
  statement:
    '‖(η₁Θ₁ + η₂Θ₂)/η − its affine kernel‖ ≤ C (sum of the terms of both layers) n/d with η = (η₁ + η₂)/2, for η₁/η₂ from 1/4 to 4, in the widths of the second layer',
  formula: String.raw`\begin{gathered} \left\lVert \frac{\eta_1 (\Theta_1 - \Theta^{\mathrm{lin}}_1) + \eta_2 (\Theta_2 - \Theta^{\mathrm{lin}}_2)}\eta \right\rVert \le C\, \Bigl(\frac{\eta_1}\eta \sum_k T_k + \frac{\eta_2}\eta \sum_k T^{(2)}_k\Bigr) \frac nd, \quad \eta = \frac{\eta_1 + \eta_2}2, \quad \frac14 \le \frac{\eta_1}{\eta_2} \le 4 \\ \text{for}\quad m \gtrsim d^{1+\alpha} \;\text{ where } \vartheta_0 = 0, \quad m \gtrsim d^{2+\alpha} \;\text{ where } \vartheta_0 \ne 0 \end{gathered}`,
  place: 'kernel of both layers',
  assumptions: [...dataAssumptions, enoughUnitsForSecondLayer],
  instancesOf: both,
  theory: { ...kernelTheory, exchanged: false },
  numbers: affineNumbers({ slope: ['ζ²', 1.4], bias: ['ν²'], norm: ['qqᵀ', 1.1, 'quick'] }),
  kernelTheory: (instance, theory) => {
    if (!theory.exchanged) return theory;
    const { first, second } = weightsOf(instance);
    const weights = { first: second, second: first };
    return { ...theory, affine: (_, constants, { second: s2 }) => affineKernel(constants, s2, instance.inputDimension, weights) };
  },
  controls: [
    { ...wrongTheories.zeta, where: withActivation(slopedActivations) },
    {
      id: 'second-layer-without-its-features',
      statement: 'the affine kernel without the feature ϑ₀ + ϑ₁(‖x‖/√d − 1) + ϑ₂(‖x‖/√d − 1)² of the second layer',
      where: withActivation(meanActivations),
      theory: { affine: (kernel) => ({ ...kernel, norm: null }) },
    },
    {
      id: 'steps-exchanged',
      statement: 'the affine kernel with η₁ and η₂ exchanged, where one is at least twice the other',
      where: (instance) => instance.stepRatio >= 2 && withActivation(meanActivations)(instance),
      theory: { exchanged: true },
    },
  ],
});
