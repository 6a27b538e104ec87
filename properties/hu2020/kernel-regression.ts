import { type Control, defineClaim } from '../../src/claim/define.js';
import { inputGram } from '../../src/linear-algebra/products.js';
import { activation } from '../../src/math/activation.js';
import {
  type ConvolutionalInstance,
  type DeepInstance,
  deepInstances,
  lineInstances,
} from '../../src/models/layered/instances.js';
import { activations, type TwoLayerInstance, twoLayerInstances } from '../../src/models/two-layer/instances.js';
import type { LayerCoefficients, TrainedLayers } from '../../src/models/two-layer/model.js';
import { drawData } from '../../src/models/two-layer/problem.js';
import { expectedConvolutionalKernel } from '../../src/theory/convolutional.js';
import { expectedDeepKernel, kernelExpansion } from '../../src/theory/deep.js';
import { byActivation, withActivation } from '../lib/by-activation.js';
import { dataAssumptions, enoughUnitsForSecondLayer, infiniteWidthAssumptions, kernelAssumptions } from './lib/assumptions.js';
import { convolutionalAffineKernel, onCube, wideEnough, wideFilter } from './lib/convolutional.js';
import { observedLayers } from './lib/kernel-bound.js';
import type { ObservedKernel } from './lib/kernel-difference.js';
import { layersOf } from './lib/layers.js';
import { type Instances, inRegimes } from './lib/regimes.js';
import { type Coefficients, coefficientsAgainst, kernelCoefficients, type Prediction } from './lib/regression.js';
import { biasedActivations, meanActivations, momentsOf, slopedActivations } from './lib/terms.js';

/** Coefficients of the part of a theory that a control may get wrong; `factor` multiplies the one of that name. */
interface RegressionTheory {
  readonly factor: Partial<Coefficients>;
}
const asStated: RegressionTheory = { factor: {} };

function scaled(prediction: Prediction, { factor }: RegressionTheory): Prediction {
  const entries = Object.entries(prediction).map(([name, { predicted, unit }]) => {
    const by = factor[name as keyof Coefficients] ?? 1;
    return [name, { predicted: predicted * by, unit }] as const;
  });
  return Object.fromEntries(entries);
}

/** E φ'², in which a coefficient is measured that the theory says to be 0. */
function slopeMoment({ activation: name }: { readonly activation: string }): number {
  const { zeta, slopeVariance } = activation(name).constants;
  return zeta ** 2 + slopeVariance;
}

/** Θ₁: ζ² on K, ϑ₁² on K∘K, ν²/d on 1; Θ₂: ζ², ϑ₁²/2, ϑ₀² + ν²/2d, and ϑ₀ϑ₁ on r_i + r_j. */
function twoLayerPrediction(instance: TwoLayerInstance, { first, second }: LayerCoefficients): Prediction {
  const { zeta, theta1, theta0 } = activation(instance.activation).constants;
  const perDimension = momentsOf(instance).second / instance.inputDimension;
  const unit = slopeMoment(instance);
  const square = (first + second / 2) * theta1 ** 2;
  return {
    slope: { predicted: (first + second) * zeta ** 2, unit },
    square: { predicted: square, unit },
    constant: { predicted: second * theta0 ** 2 + square * perDimension, unit: unit * perDimension },
    ...(second > 0 && { norm: { predicted: second * theta0 * theta1, unit } }),
  };
}

interface TwoLayer {
  readonly layers: TrainedLayers;
  readonly instancesOf: Instances;
  readonly title: string;
  readonly statement: string;
  readonly formula: string;
  readonly controls: readonly Control<TwoLayerInstance, RegressionTheory>[];
}

const slopeOff = {
  id: 'slope-10-percent-off',
  statement: 'a coefficient of K that is 10 % larger',
  where: withActivation(slopedActivations),
  theory: { factor: { slope: 1.1 } },
};
const squareOff = (factor: number, names: readonly string[] = biasedActivations) => ({
  id: 'square-off',
  statement: `a coefficient of K∘K that is ${factor} times as large`,
  where: withActivation(names),
  theory: { factor: { square: factor } },
});

function twoLayer({ layers, instancesOf, ...said }: TwoLayer) {
  const place = layers === 'both' ? 'kernel of both layers' : `${layers}-layer kernel proposition`;
  return defineClaim<TwoLayerInstance, RegressionTheory, ObservedKernel>({
    ...said,
    id: `hu2020/${layers}-${layers === 'both' ? 'layers' : 'layer'}-kernel-regression`,
    kind: 'estimate',
    profile: layers === 'both' ? 'standard' : 'quick',
    source: { paper: 'hu2020', place: `${place}, its coefficients` },
    assumptions: layers === 'first' ? kernelAssumptions : [...dataAssumptions, enoughUnitsForSecondLayer],
    needs: ['twoLayer.tangentKernel'],
    instances: byActivation(activations, instancesOf),
    theory: asStated,
    observe: observedLayers(layers),
    measure: async (instance, theory, laboratory, { kernel, gram, rounding }) => {
      const prediction = scaled(twoLayerPrediction(instance, layersOf[layers].weightsOf(instance)), theory);
      return coefficientsAgainst(prediction, kernelCoefficients(kernel, gram), instance.activation, rounding, laboratory);
    },
  });
}

const data = { samplesFactor: [2, 3], alpha: [0.1, 0.24] } as const;

export const firstLayerKernelRegression = twoLayer({
  layers: 'first',
  title: 'Θ₁ regressed on K, K∘K and 1: ζ², ϑ₁², ν²/d',
  statement:
    'off the diagonal the least-squares coefficients of Θ₁ on K = XXᵀ/d, K∘K − its mean and 1, beside r_i + r_j, are ζ², ϑ₁² and ν²/d in the mean within tolerances, for each activation',
  formula: String.raw`(\Theta_1)_{ij} \approx \zeta^2 K_{ij} + \vartheta_1^2\, (K_{ij}^2 - \overline{K^2}) + \frac{\nu^2}d + b\,(r_i + r_j), \quad K = \frac{XX^{\mathsf T}}d, \quad r_i = \frac{\lVert x_i \rVert}{\sqrt d} - 1`,
  instancesOf: (names) => twoLayerInstances({ ...data, inputDimension: [32, 48], widthFactor: [8, 12], activations: names }),
  controls: [
    slopeOff,
    squareOff(1.3),
    {
      id: 'constant-off',
      statement: 'ν² that is 1.5 times as large',
      where: withActivation(biasedActivations),
      theory: { factor: { constant: 1.5 } },
    },
  ],
});

/** Of laws whose inputs differ in length. */
const second: Instances = (names, changes) => {
  const laws = ['gaussian', 'uniform'] as const;
  const isotropic = { ...data, spectra: ['isotropic'], laws } as const;
  return inRegimes(
    {
      meanless: { ...isotropic, inputDimension: [24, 48], widthFactor: [8, 12] },
      mean: { ...isotropic, inputDimension: [16, 28], widthFactor: [2, 4] },
    },
    names,
    changes,
  );
};
const normOff: Control<TwoLayerInstance, RegressionTheory> = {
  id: 'norm-off',
  statement: 'ϑ₀ϑ₁ that is twice as large',
  where: withActivation(['relu', 'leaky-relu:0.2', 'gelu', 'softplus', 'abs']),
  theory: { factor: { norm: 2 } },
};
const constantOff: Control<TwoLayerInstance, RegressionTheory> = {
  id: 'constant-off',
  statement: 'ϑ₀² that is 1.3 times as large',
  where: withActivation(meanActivations),
  theory: { factor: { constant: 1.3 } },
};

export const secondLayerKernelRegression = twoLayer({
  layers: 'second',
  title: 'Θ₂ regressed on K, K∘K, 1 and r: ζ², ϑ₁²/2, ϑ₀² + ν²/2d, ϑ₀ϑ₁',
  statement:
    'off the diagonal the least-squares coefficients of Θ₂ on K = XXᵀ/d, K∘K − its mean, 1 and r_i + r_j are ζ², ϑ₁²/2, ϑ₀² + ν²/2d and ϑ₀ϑ₁ in the mean within tolerances, for each activation',
  formula: String.raw`(\Theta_2)_{ij} \approx \zeta^2 K_{ij} + \frac{\vartheta_1^2}2\, (K_{ij}^2 - \overline{K^2}) + \vartheta_0^2 + \frac{\nu^2}{2d} + \vartheta_0 \vartheta_1\, (r_i + r_j), \quad r_i = \frac{\lVert x_i \rVert}{\sqrt d} - 1`,
  instancesOf: second,
  controls: [slopeOff, squareOff(1.5, ['relu', 'leaky-relu:0.2', 'gelu', 'abs']), constantOff, normOff],
});

export const bothLayersKernelRegression = twoLayer({
  layers: 'both',
  title: '(η₁Θ₁ + η₂Θ₂)/η regressed on K, K∘K, 1 and r',
  statement:
    'off the diagonal the least-squares coefficients of (η₁Θ₁ + η₂Θ₂)/η on K = XXᵀ/d, K∘K − its mean, 1 and r_i + r_j are the sums of those of both layers in the mean within tolerances, for each activation and η₁/η₂ from 1/4 to 4',
  formula: String.raw`\begin{gathered} \frac{\eta_1 \Theta_1 + \eta_2 \Theta_2}\eta \approx (w_1 + w_2)\, \zeta^2 K_{ij} + \Bigl(w_1 + \frac{w_2}2\Bigr) \vartheta_1^2\, (K_{ij}^2 - \overline{K^2}) + w_2 \vartheta_0^2 + \Bigl(w_1 + \frac{w_2}2\Bigr) \frac{\nu^2}d + w_2 \vartheta_0 \vartheta_1\, (r_i + r_j) \\ w_1 = \frac{\eta_1}\eta, \quad w_2 = \frac{\eta_2}\eta, \quad \eta = \frac{\eta_1 + \eta_2}2 \end{gathered}`,
  instancesOf: (names, changes) => second(names, { logStepRatio: [-2, 2], ...changes }),
  controls: [slopeOff, squareOff(1.5, ['relu', 'leaky-relu:0.2', 'gelu', 'abs']), constantOff],
});

const infinite = { ...data, inputDimension: [32, 44], widthFactor: [1, 1], widthOf: () => 2 } as const;

export const deepKernelRegression = defineClaim<DeepInstance, RegressionTheory, Coefficients>({
  id: 'hu2020/deep-kernel-regression',
  title: "Θ_L regressed on K, K∘K and 1: θ'(0), θ''(0)/2, θ(0)",
  kind: 'estimate',
  statement:
    "off the diagonal the least-squares coefficients of Θ_L at infinite width on K = XXᵀ/d, K∘K − its mean and 1 are θ'(0), θ''(0)/2 and θ(0) + θ''(0) Tr Σ²/(2d²) in the mean within tolerances, for each activation, L = 1…4, ‖x_i‖ = √d",
  formula: String.raw`(\Theta_L)_{ij} \approx \theta'(0)\, K_{ij} + \frac{\theta''(0)}2\, (K_{ij}^2 - \overline{K^2}) + \theta(0) + \theta''(0)\, \frac{\operatorname{Tr} \Sigma^2}{2d^2}, \quad L = 1, \dots, 4, \quad \lVert x_i \rVert = \sqrt d`,
  source: { paper: 'hu2020', place: 'extension to deep fully connected networks, its coefficients' },
  assumptions: infiniteWidthAssumptions,
  instances: byActivation(activations, (names) =>
    deepInstances({ ...infinite, activations: names, laws: ['rademacher', 'sphere'], spectra: ['isotropic'], depth: [1, 4] }),
  ),
  theory: asStated,
  observe: async (instance) => {
    const gram = inputGram(drawData(instance).inputs);
    return kernelCoefficients(expectedDeepKernel(instance.activation, gram, instance.depth).expectation, gram);
  },
  measure: async (instance, theory, laboratory, found) => {
    const { activation: name, depth, inputDimension: d } = instance;
    const { value, slope, curvature, diagonal } = kernelExpansion(name, depth);
    const prediction: Prediction = {
      slope: { predicted: zeroed(slope), unit: diagonal },
      square: { predicted: zeroed(curvature / 2), unit: diagonal },
      constant: { predicted: zeroed(value + curvature / (2 * d)), unit: diagonal / d },
    };
    return coefficientsAgainst(scaled(prediction, theory), found, name, null, laboratory);
  },
  controls: [slopeOff, squareOff(1.5)],
});

/** A Taylor coefficient that quadrature gives as its own error. */
function zeroed(coefficient: number): number {
  return Math.abs(coefficient) < 1e-7 ? 0 : coefficient;
}

export const convolutionalKernelRegression = defineClaim<ConvolutionalInstance, RegressionTheory, Coefficients>({
  id: 'hu2020/convolutional-kernel-regression',
  title: 'the convolutional Θ regressed on K, K∘K and 1: 2ζ², ϑ₀² + (3/2)ϑ₁²/q',
  kind: 'estimate',
  statement:
    'off the diagonal the least-squares coefficients of Θ at infinite width, one circular convolution with filters of q ≥ d^{1/2+2α}, on K = XXᵀ/d and 1, beside K∘K − its mean, are 2ζ² and ϑ₀² + (3/2)ϑ₁²/q in the mean within tolerances, for each activation',
  formula: String.raw`\Theta_{ij} \approx 2 \zeta^2 K_{ij} + \vartheta_0^2 + \frac{3 \vartheta_1^2}{2q} + a\, (K_{ij}^2 - \overline{K^2}) \quad\text{for}\quad q \ge d^{1/2 + 2\alpha}`,
  source: { paper: 'hu2020', place: 'extension to convolutional networks, its coefficients' },
  assumptions: [onCube, wideFilter],
  instances: byActivation(activations, (names) =>
    lineInstances({
      ...infinite,
      alpha: [0.03, 0.12],
      activations: names,
      filterOf: wideEnough,
    }),
  ),
  theory: asStated,
  observe: async (instance) => {
    const { inputs } = drawData(instance);
    return kernelCoefficients(expectedConvolutionalKernel(instance.activation, inputs, instance.filter), inputGram(inputs));
  },
  measure: async (instance, theory, laboratory, found) => {
    const { slope, bias } = convolutionalAffineKernel(instance);
    const unit = 2 * slopeMoment(instance);
    const prediction: Prediction = {
      slope: { predicted: slope, unit },
      constant: { predicted: bias, unit: unit / instance.filter },
    };
    return coefficientsAgainst(scaled(prediction, theory), found, instance.activation, null, laboratory);
  },
  controls: [
    slopeOff,
    {
      id: 'constant-off',
      statement: 'ϑ₀² + (3/2)ϑ₁²/q that is 1.2 times as large',
      where: withActivation(meanActivations),
      theory: { factor: { constant: 1.2 } },
    },
  ],
});
