import { defineClaim } from '../../src/claim/define.js';
import { type ConvolutionalInstance, lineInstances } from '../../src/models/layered/instances.js';
import { drawConvolutionalProblem } from '../../src/models/layered/problem.js';
import type { TwoLayerSpace } from '../../src/models/two-layer/instances.js';
import type { AffineKernel } from '../../src/theory/affine.js';
import { byActivation } from '../lib/by-activation.js';
import { symmetricInitialization } from './lib/assumptions.js';
import { convolutionalAffineKernel, onCube, wideEnough } from './lib/convolutional.js';
import { convolutionalTerms } from './lib/convolutional-terms.js';
import { saturatingForm, type TrainedLayeredNetwork, trainedUntilHorizon, trainingConstant } from './lib/layered-training.js';
import { affineNumbers, stepNumber, sumOfTerms } from './lib/terms.js';
import { gapAgainst } from './lib/training-gap.js';

const FRESH_SAMPLES = 64;
const biased = ['relu', 'leaky-relu:0.2', 'gelu'];
const space: TwoLayerSpace = {
  inputDimension: [24, 32],
  samplesFactor: [4, 5],
  widthFactor: [16, 24],
  widthOf: (width) => width,
  alpha: [0, 0],
  activations: ['erf', 'tanh', ...biased],
  relativeStep: [0.1, 0.15],
};
/** Filters from d^{0.6} to d/2. */
const instancesOf = (changes: Partial<TwoLayerSpace> = {}) =>
  lineInstances({
    ...space,
    ...changes,
    filterOf: (fraction, d) => wideEnough(fraction, d, 0.05),
  });

interface ConvolutionalTrainingTheory {
  readonly stepRatio: number;
  readonly affine: (kernel: AffineKernel) => AffineKernel;
}

export const convolutionalTraining = defineClaim<ConvolutionalInstance, ConvolutionalTrainingTheory, TrainedLayeredNetwork>({
  id: 'hu2020/convolutional-training',
  title: 'agreement until T, one convolution',
  profile: 'standard',
  kind: 'bound',
  statement:
    '(1/n) Σ (f_t − f_t^lin)² ≤ C [(w + (B + 2wζ² κ_K) ηt/d)/(1 + 2ζ² ηt/d)]² mean(y²) for T/8 ≤ t ≤ T = d ln d/η, one circular convolution and the readout trained, w = 1/√m, B the terms of the convolutional kernel; on training and on fresh inputs',
  formula: String.raw`\begin{gathered} \frac1n \sum_{i=1}^n \bigl(f_t(x_i) - f^{\mathrm{lin}}_t(x_i)\bigr)^2 \le C\, \biggl[\frac{w + (B + 2 w \zeta^2 \kappa_K)\, \eta t/d}{1 + 2 \zeta^2\, \eta t/d}\biggr]^2 \frac1n \sum_{i=1}^n y_i^2 \quad\text{for}\quad \frac T8 \le t \le T = \frac{d \ln d}\eta \\ w = \frac1{\sqrt m}, \quad B = \sum_k T_k \end{gathered}`,
  source: { paper: 'hu2020', place: 'extension to convolutional networks, early agreement' },
  assumptions: [symmetricInitialization, onCube],
  needs: ['layered.train'],
  instances: byActivation(space.activations, (names) => instancesOf({ activations: names })),
  theory: { stepRatio: 1, affine: (kernel) => kernel },
  numbers: [stepNumber(), ...affineNumbers({ slope: ['2ζ²'], bias: ['the constant'] })],
  passRate: { claimed: 0.99, broken: 0.6 },
  observe: (instance, laboratory) => trainedUntilHorizon(instance, drawConvolutionalProblem(instance, FRESH_SAMPLES), laboratory),
  measure: async (instance, theory, laboratory, { problem, record, step, checked }) => {
    const { width } = instance;
    const affine = convolutionalAffineKernel(instance);
    const kernelError = sumOfTerms(convolutionalTerms(instance));
    // Two copies of `width` channels make m = 2·width.
    const errors = { slope: affine.slope, kernelError, widthError: 1 / Math.sqrt(2 * width) };
    const form = saturatingForm(instance, problem, errors);
    const model = { kernel: theory.affine(affine), step: step * theory.stepRatio };
    return gapAgainst(problem, checked, record, model, form, trainingConstant(instance), laboratory);
  },
  controls: [
    {
      id: 'doubled-step',
      statement: 'the linear model trained with 2η',
      where: instancesOf({ labels: ['teacher', 'linear'] }),
      theory: { stepRatio: 2 },
    },
    {
      id: 'one-layer-slope',
      statement: 'ζ² in place of 2ζ², as if one layer were trained',
      where: instancesOf({ activations: ['erf', 'tanh', 'leaky-relu:0.2'], labels: ['teacher', 'linear'] }),
      theory: { affine: (kernel) => ({ ...kernel, slope: kernel.slope / 2 }) },
    },
    {
      id: 'no-bias-feature',
      statement: 'the linear model without its constant feature, on labels with a mean',
      where: instancesOf({ activations: biased, labels: ['constant', 'biased-teacher'] }),
      theory: { affine: (kernel) => ({ ...kernel, bias: 0 }) },
    },
    {
      id: 'single-network',
      statement: 'one network in place of the difference of two copies, so that f ≠ 0 at step 0',
      where: instancesOf({ initialization: 'independent' }),
    },
  ],
});
