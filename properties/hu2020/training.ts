import type { Laboratory } from '../../src/claim/claim.js';
import { type Assumption, type Control, defineClaim } from '../../src/claim/define.js';
import type { ProfileName } from '../../src/claim/profile.js';
import { activation } from '../../src/math/activation.js';
import { dot, squaredNorm } from '../../src/math/matrix.js';
import { stream } from '../../src/math/random.js';
import { type CheckedTrajectory, checkedTrajectory } from '../../src/models/checked.js';
import { activations, type TwoLayerInstance, twoLayerInstances } from '../../src/models/two-layer/instances.js';
import { type LayerCoefficients, layerWeights, type TrainedLayers } from '../../src/models/two-layer/model.js';
import { drawProblem, type TwoLayerProblem } from '../../src/models/two-layer/problem.js';
import { type AffineKernel, affineKernel } from '../../src/theory/affine.js';
import { byActivation, withActivation } from '../lib/by-activation.js';
import { enoughUnitsForSecondLayer, secondLayerTrainingAssumptions, trainingAssumptions } from './lib/assumptions.js';
import { differenceFromAffine, observedKernel } from './lib/kernel-difference.js';
import { layersOf } from './lib/layers.js';
import { type Instances, inRegimes, type Regimes } from './lib/regimes.js';
import {
  affineNumbers,
  biasedActivations,
  type ErrorTerms,
  firstLayerTerms,
  kernelTheory,
  meanActivations,
  momentsOf,
  secondLayerConstant,
  secondLayerTerms,
  slopedActivations,
  stepNumber,
  sumOfTerms,
} from './lib/terms.js';
import { comparedSteps, gapAgainst, horizon, meanSquare } from './lib/training-gap.js';

const FRESH_SAMPLES = 128;

interface TrainingTheory {
  /** Step size of the linear model relative to the network's. */
  readonly stepRatio: number;
  /** What becomes of the linear model's kernel. */
  readonly affine: (kernel: AffineKernel) => AffineKernel;
}

type TrainingControl = Control<TwoLayerInstance, TrainingTheory>;

/** What sets the theorems on training the first, the second and both layers apart. */
interface Training {
  readonly layers: TrainedLayers;
  readonly id: string;
  readonly title: string;
  readonly statement: string;
  readonly formula: string;
  readonly place: string;
  readonly assumptions: readonly Assumption<TwoLayerInstance>[];
  readonly instancesOf: Instances;
  readonly names: readonly string[];
  /** What the mean-square gap may be at each step, but for C; `size` is mean(y²). */
  readonly formOf: (instance: TwoLayerInstance, size: number) => (step: number) => number;
  readonly constantOf: (activation: string) => string;
  /** Factor of a step that is just noticed. */
  readonly nearestStep: number;
  /** Where twice the step shows. */
  readonly doubledStep: (instance: TwoLayerInstance) => boolean;
  readonly withoutFeature?: TrainingControl;
  /** What takes the place of the labels that were drawn. */
  readonly labelsOf?: (problem: TwoLayerProblem, instance: TwoLayerInstance, at: Laboratory) => Promise<Float32Array>;
  readonly lawTestedBy?: readonly string[];
  readonly profile?: ProfileName;
}

/** A network trained with the step η, and the weights of its layers in it. */
interface Trained {
  readonly problem: TwoLayerProblem;
  readonly record: readonly number[];
  readonly weights: LayerCoefficients;
  readonly step: number;
  readonly checked: CheckedTrajectory;
}

function trainingClaim({
  layers,
  place,
  instancesOf,
  names,
  formOf,
  constantOf,
  nearestStep,
  doubledStep,
  withoutFeature,
  labelsOf,
  ...said
}: Training) {
  return defineClaim<TwoLayerInstance, TrainingTheory, Trained>({
    ...said,
    kind: 'bound',
    source: { paper: 'hu2020', place },
    needs: labelsOf ? ['twoLayer.tangentKernel', 'twoLayer.train'] : ['twoLayer.train'],
    instances: byActivation(names, instancesOf),
    theory: { stepRatio: 1, affine: (kernel) => kernel },
    numbers: [
      stepNumber(nearestStep),
      ...affineNumbers({ slope: ['ζ²'], bias: ['ν²'], ...(layers !== 'first' && { norm: ['qqᵀ'] as const }) }),
    ],
    observe: async (instance, laboratory) => {
      const drawn = drawProblem(instance, FRESH_SAMPLES);
      const problem = labelsOf ? { ...drawn, labels: await labelsOf(drawn, instance, laboratory) } : drawn;
      const record = comparedSteps(horizon(instance));
      const weights = layersOf[layers].weightsOf(instance);
      const step = instance.relativeStep * instance.inputDimension;
      const steps = { first: weights.first * step, second: weights.second * step };
      return { problem, record, weights, step, checked: await checkedTrajectory(problem, steps, record, laboratory.subject) };
    },
    measure: async (instance, { stepRatio, affine }, laboratory, { problem, record, weights, step, checked }) => {
      const { constants } = activation(instance.activation);
      const kernel = affine(affineKernel(constants, momentsOf(instance).second, instance.inputDimension, weights));
      const form = formOf(instance, meanSquare(problem.labels));
      const model = { kernel, step: step * stepRatio };
      return gapAgainst(problem, checked, record, model, form, constantOf(instance.activation), laboratory);
    },
    controls: [
      {
        id: 'doubled-step',
        statement: 'the linear model trained with 2η, Σ = I',
        where: (instance) => isotropic(instance) && doubledStep(instance),
        theory: { stepRatio: 2 },
      },
      {
        id: 'unsymmetric-initialization',
        statement: 'all units drawn independently, so that f ≠ 0 at step 0, Σ = I',
        where: instancesOf(names, { initialization: 'independent', spectra: ['isotropic'] }),
      },
      ...(withoutFeature ? [withoutFeature] : []),
    ],
  });
}

/** Half of the cases isotropic: there the gap comes nearest to the bound, and wrong theories furthest beyond it. */
const trainingSpectra = ['isotropic', 'isotropic', 'uniform', 'two-level'] as const;
const isotropic = ({ spectrum }: TwoLayerInstance) => spectrum === 'isotropic';

const first: Instances = (names, changes) =>
  twoLayerInstances({
    inputDimension: [24, 64],
    samplesFactor: [2, 4],
    widthFactor: [2, 4],
    alpha: [0.1, 0.24],
    spectra: trainingSpectra,
    relativeStep: [0.05, 0.2],
    activations: names,
    ...changes,
  });

const firstLayerForm: Training['formOf'] = (instance, size) => {
  const scale = sumOfTerms(firstLayerTerms(instance)) ** 2 * size;
  return (t) => (instance.relativeStep * t) ** 2 * scale;
};

export const firstLayerTraining = trainingClaim({
  layers: 'first',
  id: 'hu2020/first-layer-training',
  title: 'network and linear model agree until T = d ln d/η',
  statement:
    '(1/n) Σ (f_t − f_t^lin)² ≤ C (ηt/d)² (T1 + … + T6)² mean(y²) for T/8 ≤ t ≤ T = d ln d/η, on training and on fresh inputs',
  formula: String.raw`\frac1n \sum_{i=1}^n \bigl(f_t(x_i) - f^{\mathrm{lin}}_t(x_i)\bigr)^2 \le C \Bigl(\frac{\eta t}d\Bigr)^2 (T_1 + \dots + T_6)^2\, \frac1n \sum_{i=1}^n y_i^2 \quad\text{for}\quad \frac T8 \le t \le T = \frac{d \ln d}\eta`,
  place: 'theorem on training the first layer',
  lawTestedBy: ['hu2020/first-layer-training-kernel', 'hu2020/first-layer-training-rate'],
  assumptions: trainingAssumptions,
  instancesOf: first,
  names: activations,
  formOf: firstLayerForm,
  constantOf: () => 'all',
  nearestStep: 1.15,
  doubledStep: withActivation(slopedActivations),
  withoutFeature: {
    id: 'no-bias-feature',
    statement: 'the linear model without its bias feature, on constant labels',
    where: (instance) => instance.labels === 'constant' && withActivation(biasedActivations)(instance),
    theory: { affine: (kernel) => ({ ...kernel, bias: 0 }) },
  },
});

/** Power iterations on E: labels need its leading eigenvector no more exactly than in sign. */
const ITERATIONS = 60;

/** The signs of the leading eigenvector of E = Θ₁ − Θ₁^lin: labels on which the kernels differ most. */
async function adversarialLabels(problem: TwoLayerProblem, instance: TwoLayerInstance, laboratory: Laboratory) {
  const observed = await observedKernel(problem, layerWeights.first, laboratory);
  const difference = differenceFromAffine(observed, instance, layerWeights.first, kernelTheory);
  const n = difference.rows;
  const random = stream(instance.seed, 'adversarial labels');
  let vector = Float64Array.from({ length: n }, () => random.gaussian());
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const image = vector.map((_, i) => dot(difference.data, i * n, vector, 0, n));
    const length = Math.sqrt(squaredNorm(image));
    vector = image.map((entry) => entry / length);
  }
  return Float32Array.from(vector, (entry) => (entry < 0 ? -1 : 1));
}

export const firstLayerTrainingAdversarial = trainingClaim({
  layers: 'first',
  id: 'hu2020/first-layer-training-adversarial',
  title: 'agreement until T on labels on which the kernels differ most',
  profile: 'standard',
  statement:
    'the first-layer training claim, with a constant of its own, for the labels y = sign of the leading eigenvector of Θ₁ − Θ₁^lin, which the theorem allows as any others; without sigmoid, which needs a larger one',
  formula: String.raw`\frac1n \sum_{i=1}^n \bigl(f_t(x_i) - f^{\mathrm{lin}}_t(x_i)\bigr)^2 \le C \Bigl(\frac{\eta t}d\Bigr)^2 (T_1 + \dots + T_6)^2 \quad\text{for}\quad y = \operatorname{sign} u, \quad (\Theta_1 - \Theta^{\mathrm{lin}}_1)\, u = \pm \lVert \Theta_1 - \Theta^{\mathrm{lin}}_1 \rVert\, u`,
  place: 'theorem on training the first layer, for any bounded labels',
  lawTestedBy: ['hu2020/first-layer-training-kernel'],
  assumptions: trainingAssumptions,
  instancesOf: (names, changes) => first(names, { labels: ['random'], spectra: ['isotropic'], ...changes }),
  names: activations.filter((name) => name !== 'sigmoid'),
  formOf: firstLayerForm,
  constantOf: () => 'all',
  nearestStep: 1.35,
  doubledStep: withActivation(['erf', 'tanh', 'leaky-relu:0.2', 'softplus']),
  labelsOf: adversarialLabels,
});

const data = { samplesFactor: [2, 3], alpha: [0.1, 0.24], spectra: trainingSpectra } as const;
const meanless = { ...data, widthFactor: [4, 6], relativeStep: [0.04, 0.1] } as const;
const mean = { ...data, widthFactor: [2, 3], step: [0.3, 0.6] } as const;
const regimesOf: Readonly<Record<'second' | 'both', Regimes>> = {
  second: { meanless: { ...meanless, inputDimension: [20, 40] }, mean: { ...mean, inputDimension: [10, 20] } },
  both: {
    meanless: { ...meanless, inputDimension: [20, 36], logStepRatio: [-2, 2] },
    mean: { ...mean, inputDimension: [10, 18], logStepRatio: [-2, 2] },
  },
};

function withoutMean({ meanAgainstWidth: _, ...terms }: ErrorTerms): ErrorTerms {
  return terms;
}

/**
 * (ηt/d)² B² + 3 Var φ/(k ϑ₀²) where ϑ₀ ≠ 0: B sums the errors of the kernel but the one of its mean feature ϑ₀, whose direction is learned within a few
 * steps and then leaves a residual of the size of that feature's own fluctuation.
 */
function settledForm(layers: TrainedLayers): Training['formOf'] {
  return (instance, size) => {
    const { theta0, secondMoment } = activation(instance.activation).constants;
    const settled = theta0 === 0 ? 0 : (3 * (secondMoment - theta0 ** 2)) / ((instance.width / 2) * theta0 ** 2);
    const weights = layersOf[layers].weightsOf(instance);
    const kernelError =
      weights.first * sumOfTerms(firstLayerTerms(instance)) +
      weights.second * sumOfTerms(withoutMean(secondLayerTerms(instance)));
    return (t) => ((instance.relativeStep * t * kernelError) ** 2 + settled) * size;
  };
}

/** The theorems on the second layer and on both, for B in LaTeX. */
function withSecondLayer(
  layers: 'second' | 'both',
  {
    kernelError,
    trained,
    names,
    ...said
  }: Pick<Training, 'title' | 'names'> & { readonly kernelError: string; readonly trained: string },
) {
  const instancesOf: Instances = (chosen, changes) => inRegimes(regimesOf[layers], chosen, changes);
  return trainingClaim({
    ...said,
    layers,
    lawTestedBy: layers === 'both' ? ['hu2020/both-layers-training-kernel'] : [],
    id: layers === 'both' ? 'hu2020/both-layers-training' : 'hu2020/second-layer-training',
    statement: `(1/n) Σ (f_t − f_t^lin)² ≤ C [(ηt/d)² (sum of the kernel's terms but ϑ₀'s)² + 3 Var φ/(k ϑ₀²)] mean(y²) for T/8 ≤ t ≤ T = d ln d/η, ${trained}, on training and on fresh inputs; without the last term where ϑ₀ = 0`,
    formula: String.raw`\begin{gathered} \frac1n \sum_{i=1}^n \bigl(f_t(x_i) - f^{\mathrm{lin}}_t(x_i)\bigr)^2 \le C \biggl[\Bigl(\frac{\eta t}d\Bigr)^2 B^2 + \frac{3 \operatorname{Var} \varphi}{k\, \vartheta_0^2}\biggr] \frac1n \sum_{i=1}^n y_i^2 \quad\text{for}\quad \frac T8 \le t \le T = \frac{d \ln d}\eta \\ ${kernelError}, \quad\text{without the last term where } \vartheta_0 = 0 \end{gathered}`,
    place: `theorem on training ${layers === 'both' ? 'both layers' : 'the second layer'}`,
    assumptions: [...secondLayerTrainingAssumptions, enoughUnitsForSecondLayer],
    instancesOf,
    names,
    formOf: settledForm(layers),
    constantOf: (name) => (name === 'abs' ? 'flat' : secondLayerConstant(name)),
    nearestStep: 1.15,
    doubledStep: ({ labels, activation: name }) => name !== 'abs' && (labels === 'teacher' || labels === 'linear'),
    withoutFeature: {
      id: 'no-mean-feature',
      statement: 'the linear model without the feature ϑ₀ + ϑ₁(‖x‖/√d − 1) + ϑ₂(‖x‖/√d − 1)²',
      where: (instance) => withActivation(meanActivations)(instance) && ['constant', 'biased-teacher'].includes(instance.labels),
      theory: { affine: (kernel) => ({ ...kernel, norm: null }) },
    },
  });
}

export const secondLayerTraining = withSecondLayer('second', {
  title: 'agreement until T, second layer trained',
  trained: 'the second layer trained',
  kernelError: String.raw`B = \sum_{k \ne \vartheta_0} T^{(2)}_k`,
  names: activations,
});

/** Without abs, whose network leaves any linear model by T at affordable widths. */
export const bothLayersTraining = withSecondLayer('both', {
  title: 'agreement until T, both layers trained, η₁ ≠ η₂',
  trained: 'both layers trained, η₁/η₂ from 1/4 to 4',
  kernelError: String.raw`B = \frac{\eta_1}\eta \sum_k T_k + \frac{\eta_2}\eta \sum_{k \ne \vartheta_0} T^{(2)}_k, \quad \eta = \frac{\eta_1 + \eta_2}2, \quad \frac14 \le \frac{\eta_1}{\eta_2} \le 4`,
  names: slopedActivations,
});
