import fc from 'fast-check';
import { defineClaim } from '../../src/claim/define.js';
import { type DeepInstance, deepInstances } from '../../src/models/layered/instances.js';
import { drawDeepProblem } from '../../src/models/layered/problem.js';
import type { TwoLayerSpace } from '../../src/models/two-layer/instances.js';
import type { AffineKernel } from '../../src/theory/affine.js';
import { deepAffineKernel, kernelExpansion } from '../../src/theory/deep.js';
import { byActivation } from '../lib/by-activation.js';
import { symmetricInitialization } from './lib/assumptions.js';
import { covarianceSlope, deepTerms } from './lib/deep-terms.js';
import { saturatingForm, type TrainedLayeredNetwork, trainedUntilHorizon, trainingConstant } from './lib/layered-training.js';
import { affineNumbers, momentsOf, stepNumber, sumOfTerms } from './lib/terms.js';
import { gapAgainst } from './lib/training-gap.js';

const FRESH_SAMPLES = 128;
const names = ['erf', 'tanh', 'relu', 'leaky-relu:0.2', 'gelu'];
const biased = ['relu', 'leaky-relu:0.2', 'gelu'];
const space: TwoLayerSpace = {
  inputDimension: [24, 36],
  samplesFactor: [4, 5],
  widthFactor: [128, 160],
  widthOf: (width) => width,
  alpha: [0, 0],
  activations: names,
  relativeStep: [0.1, 0.15],
  spectra: ['isotropic'],
};
const instancesOf = (changes: Partial<TwoLayerSpace> = {}) =>
  fc.oneof(
    deepInstances({ ...space, ...changes, laws: ['rademacher'], depth: [2, 3] }),
    deepInstances({ ...space, ...changes, laws: ['sphere'], depth: [2, 3] }),
  );

interface DeepTrainingTheory {
  readonly stepRatio: number;
  readonly affine: (kernel: AffineKernel, instance: DeepInstance) => AffineKernel;
}

export const deepTraining = defineClaim<DeepInstance, DeepTrainingTheory, TrainedLayeredNetwork>({
  id: 'hu2020/deep-training',
  title: 'agreement until T, 2 or 3 hidden layers, all trained',
  profile: 'standard',
  kind: 'bound',
  statement:
    "(1/n) Σ (f_t − f_t^lin)² ≤ C [(w + (B + w θ'(0) κ_K) ηt/d)/(1 + θ'(0) ηt/d)]² mean(y²) for T/8 ≤ t ≤ T = d ln d/η, all layers of L = 2, 3 hidden layers trained, w = √(L/m), B the terms of the deep kernel; on training and on fresh inputs of length √d",
  formula: String.raw`\begin{gathered} \frac1n \sum_{i=1}^n \bigl(f_t(x_i) - f^{\mathrm{lin}}_t(x_i)\bigr)^2 \le C\, \biggl[\frac{w + (B + w\, \theta'(0)\, \kappa_K)\, \eta t/d}{1 + \theta'(0)\, \eta t/d}\biggr]^2 \frac1n \sum_{i=1}^n y_i^2 \quad\text{for}\quad \frac T8 \le t \le T = \frac{d \ln d}\eta \\ w = \sqrt{\frac Lm}, \quad B = \sum_k T^{(L)}_k, \quad L = 2, 3, \quad \lVert x_i \rVert = \sqrt d \end{gathered}`,
  source: { paper: 'hu2020', place: 'extension to deep fully connected networks, early agreement (empirical)' },
  assumptions: [
    symmetricInitialization,
    { statement: 'inputs of length √d', holds: ({ law }) => law === 'rademacher' || law === 'sphere' },
  ],
  needs: ['layered.train'],
  instances: byActivation(names, (chosen) => instancesOf({ activations: chosen })),
  theory: { stepRatio: 1, affine: (kernel) => kernel },
  numbers: [stepNumber(), ...affineNumbers({ slope: ["θ'(0)"], bias: ['the constant'], norm: ['θ(0)'] })],
  passRate: { claimed: 0.99, broken: 0.6 },
  observe: (instance, laboratory) => trainedUntilHorizon(instance, drawDeepProblem(instance, FRESH_SAMPLES), laboratory),
  measure: async (instance, theory, laboratory, { problem, record, step, checked }) => {
    const { activation: name, depth, inputDimension: d, width } = instance;
    const { slope } = kernelExpansion(name, depth);
    const errors = { slope, kernelError: sumOfTerms(deepTerms(instance)), widthError: Math.sqrt(depth / width) };
    const form = saturatingForm(instance, problem, errors);
    const kernel = theory.affine(deepAffineKernel(name, depth, momentsOf(instance).second, d), instance);
    const model = { kernel, step: step * theory.stepRatio };
    return gapAgainst(problem, checked, record, model, form, trainingConstant(instance), laboratory);
  },
  controls: [
    {
      id: 'doubled-step',
      statement: 'the linear model trained with 2η, on linear labels',
      where: instancesOf({ activations: ['erf', 'tanh', 'leaky-relu:0.2'], labels: ['linear'] }),
      theory: { stepRatio: 2 },
    },
    {
      id: 'covariance-slope',
      statement: "S_L'(0), the slope of the covariance of the last layer, in place of θ'(0)",
      where: instancesOf({ labels: ['teacher', 'linear'] }),
      theory: { affine: (kernel, instance) => ({ ...kernel, slope: covarianceSlope(instance) }) },
    },
    {
      id: 'no-bias-feature',
      statement: 'the linear model without its constant feature, on labels with a mean',
      where: instancesOf({ activations: biased, labels: ['constant', 'biased-teacher'] }),
      theory: { affine: (kernel) => ({ ...kernel, bias: 0, norm: null }) },
    },
    {
      id: 'single-network',
      statement: 'one network in place of the difference of two copies, so that f ≠ 0 at step 0',
      where: instancesOf({ initialization: 'independent', labels: ['teacher', 'random', 'linear'] }),
    },
  ],
});
