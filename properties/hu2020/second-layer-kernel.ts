import fc from 'fast-check';
import { defineClaim } from '../../src/claim.js';
import { type TwoLayerInstance, type TwoLayerSpace, twoLayerInstances } from '../../src/instance.js';
import { layerWeights } from '../../src/network/two-layer.js';
import { dataAssumptions, enoughUnitsForSecondLayer } from './assumptions.js';
import { finiteWidthBound } from './kernel-bound.js';
import {
  kernelTheory,
  meanActivations,
  meanlessActivations,
  secondLayerConstant,
  secondLayerTerms,
  wrongTheories,
} from './terms.js';

/** The two regimes of the second layer: m ∝ d^{1+α} where ϑ₀ = 0, m ∝ d^{2+α} where not. */
const meanless: TwoLayerSpace = {
  inputDimension: [24, 80],
  samplesFactor: [2, 4],
  widthFactor: [4, 12],
  alpha: [0.1, 0.24],
  activations: meanlessActivations,
  spectra: ['isotropic'],
};
const withMean: TwoLayerSpace = {
  ...meanless,
  inputDimension: [16, 36],
  widthFactor: [2, 4],
  activations: meanActivations,
  widthOf: (factor, d, alpha) => factor * d ** (2 + alpha),
};

/** Both regimes, as often as their activations, with the given changes. */
export function secondLayerInstances(
  names: readonly string[],
  changes: Partial<TwoLayerSpace> = {},
): fc.Arbitrary<TwoLayerInstance> {
  const regimes = [meanless, withMean].map((space) => ({
    ...space,
    ...changes,
    activations: names.filter((name) => space.activations.includes(name)),
  }));
  return fc.oneof(
    ...regimes
      .filter(({ activations }) => activations.length > 0)
      .map((space) => ({ weight: space.activations.length, arbitrary: twoLayerInstances(space) })),
  );
}

const all = [...meanlessActivations, ...meanActivations];

export const secondLayerKernel = defineClaim({
  id: 'hu2020/second-layer-kernel',
  kind: 'bound',
  statement:
    '‖Θ₂(W(0)) − (ζ² XXᵀ/d + (ν²/2d) 11ᵀ + q qᵀ)‖ ≤ C (sum of its terms) n/d for m ≳ d^{1+α} where ϑ₀ = 0, m ≳ d^{2+α} where not; of order n/d^{1+α/2}',
  source: { paper: 'hu2020', place: 'second-layer kernel proposition' },
  assumptions: [...dataAssumptions, enoughUnitsForSecondLayer],
  instances: secondLayerInstances(all),
  theory: kernelTheory,
  passRate: { claimed: 0.99, broken: 0.9 },
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
      where: secondLayerInstances(['erf', 'tanh', 'relu', 'leaky-relu:0.2', 'gelu', 'softplus', 'sigmoid']),
    },
    { ...wrongTheories.half, where: secondLayerInstances(meanActivations) },
    { ...wrongTheories.noNormFeature, where: secondLayerInstances(['relu', 'gelu', 'softplus'], { laws: ['gaussian'] }) },
  ],
});
