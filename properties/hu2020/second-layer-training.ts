import { defineClaim } from '../../src/claim/define.js';
import { activation } from '../../src/math/activation.js';
import { checkedTrajectory } from '../../src/models/checked.js';
import { activations, type TwoLayerInstance, type TwoLayerSpace } from '../../src/models/two-layer/instances.js';
import { type LayerCoefficients, layerWeights } from '../../src/models/two-layer/model.js';
import { drawProblem } from '../../src/models/two-layer/problem.js';
import { type AffineKernel, affineKernel } from '../../src/theory/affine.js';
import { enoughUnitsForSecondLayer, secondLayerTrainingAssumptions } from './lib/assumptions.js';
import { inRegimes, type Regimes, weightsOf } from './lib/regimes.js';
import {
  type ErrorTerms,
  firstLayerTerms,
  meanActivations,
  momentsOf,
  secondLayerConstant,
  secondLayerTerms,
  slopedActivations,
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

const theory: TrainingTheory = { stepRatio: 1, affine: (kernel) => kernel };

const data = { samplesFactor: [2, 3], alpha: [0.1, 0.24], spectra: ['isotropic'] } as const;
const meanless = { ...data, widthFactor: [4, 6] } as const;
const mean = { ...data, widthFactor: [2, 3] } as const;
const secondOnly: Regimes = {
  meanless: { ...meanless, inputDimension: [20, 40], relativeStep: [0.04, 0.1] },
  mean: { ...mean, inputDimension: [10, 20], step: [0.3, 0.6] },
};
const both: Regimes = {
  meanless: { ...meanless, inputDimension: [20, 36], relativeStep: [0.04, 0.1], logStepRatio: [-2, 2] },
  mean: { ...mean, inputDimension: [10, 18], step: [0.3, 0.6], logStepRatio: [-2, 2] },
};

/**
 * (ηt/d)² B² + 3 Var φ/(k ϑ₀²) where ϑ₀ ≠ 0: B, `kernelError`, sums the errors of the kernel but the one of its mean feature ϑ₀, whose direction is learned within a few
 * steps and then leaves a residual of the size of that feature's own fluctuation.
 */
function gapForm(instance: TwoLayerInstance, kernelError: number): (step: number) => number {
  const { theta0, secondMoment } = activation(instance.activation).constants;
  const settled = theta0 === 0 ? 0 : (3 * (secondMoment - theta0 ** 2)) / ((instance.width / 2) * theta0 ** 2);
  return (t) => (instance.relativeStep * t * kernelError) ** 2 + settled;
}

function withoutMean({ meanAgainstWidth: _, ...terms }: ErrorTerms): ErrorTerms {
  return terms;
}

/** What sets the two claims apart. */
interface Training {
  readonly id: string;
  readonly title: string;
  readonly place: string;
  readonly model: string;
  /** B, the sum of the kernel's terms but ϑ₀'s, in LaTeX. */
  readonly kernelError: string;
  readonly regimes: Regimes;
  readonly weightsOf: (instance: TwoLayerInstance) => LayerCoefficients;
  readonly names: readonly string[];
}

function constantOf(name: string): string {
  return name === 'abs' ? 'flat' : secondLayerConstant(name);
}

function trainingClaim({ id, title, place, model: trained, kernelError: sum, regimes, weightsOf: weightsAt, names }: Training) {
  const instancesOf = (chosen: readonly string[], changes: Partial<TwoLayerSpace> = {}) => inRegimes(regimes, chosen, changes);
  const sloped = names.filter((name) => name !== 'abs');
  return defineClaim<TwoLayerInstance, TrainingTheory>({
    id,
    title,
    kind: 'bound',
    statement: `(1/n) Σ (f_t − f_t^lin)² ≤ C [(ηt/d)² (sum of the kernel's terms but ϑ₀'s)² + 3 Var φ/(k ϑ₀²)] mean(y²) for T/8 ≤ t ≤ T = d ln d/η, ${trained}, on training and on fresh inputs; without the last term where ϑ₀ = 0`,
    formula: String.raw`\begin{gathered} \frac1n \sum_{i=1}^n \bigl(f_t(x_i) - f^{\mathrm{lin}}_t(x_i)\bigr)^2 \le C \biggl[\Bigl(\frac{\eta t}d\Bigr)^2 B^2 + \frac{3 \operatorname{Var} \varphi}{k\, \vartheta_0^2}\biggr] \frac1n \sum_{i=1}^n y_i^2 \quad\text{for}\quad \frac T8 \le t \le T = \frac{d \ln d}\eta \\ ${sum}, \quad\text{without the last term where } \vartheta_0 = 0 \end{gathered}`,
    source: { paper: 'hu2020', place },
    assumptions: [...secondLayerTrainingAssumptions, enoughUnitsForSecondLayer],
    instances: instancesOf(names),
    theory,
    measure: async (instance, { stepRatio, affine }, laboratory) => {
      const { inputDimension: d, relativeStep } = instance;
      const problem = drawProblem(instance, FRESH_SAMPLES);
      const record = comparedSteps(horizon(instance));
      const weights = weightsAt(instance);
      const step = relativeStep * d;
      const steps = { first: weights.first * step, second: weights.second * step };
      const checked = await checkedTrajectory(problem, steps, record, laboratory.subject);
      const { constants } = activation(instance.activation);
      const kernel = affine(affineKernel(constants, momentsOf(instance).second, d, weights));
      const kernelError =
        weights.first * sumOfTerms(firstLayerTerms(instance)) +
        weights.second * sumOfTerms(withoutMean(secondLayerTerms(instance)));
      const size = meanSquare(problem.labels);
      const form = gapForm(instance, kernelError);
      const model = { kernel, step: step * stepRatio };
      return gapAgainst(problem, checked, record, model, (t) => form(t) * size, constantOf(instance.activation), laboratory);
    },
    controls: [
      {
        id: 'doubled-step',
        statement: 'the linear model trained with 2η',
        where: instancesOf(sloped, { labels: ['teacher', 'linear'] }),
        theory: { stepRatio: 2 },
      },
      {
        id: 'unsymmetric-initialization',
        statement: 'all units drawn independently, so that f ≠ 0 at step 0',
        where: instancesOf(names, { initialization: 'independent' }),
      },
      {
        id: 'no-mean-feature',
        statement: 'the linear model without the feature ϑ₀ + ϑ₁(‖x‖/√d − 1) + ϑ₂(‖x‖/√d − 1)²',
        where: instancesOf(
          meanActivations.filter((name) => names.includes(name)),
          { labels: ['constant', 'biased-teacher'] },
        ),
        theory: { affine: (kernel) => ({ ...kernel, norm: null }) },
      },
    ],
  });
}

export const secondLayerTraining = trainingClaim({
  id: 'hu2020/second-layer-training',
  title: 'agreement until T, second layer trained',
  place: 'theorem on training the second layer',
  model: 'the second layer trained',
  kernelError: String.raw`B = \sum_{k \ne \vartheta_0} T^{(2)}_k`,
  regimes: secondOnly,
  weightsOf: () => layerWeights.second,
  names: activations,
});

/** Without abs, whose network leaves any linear model by T at affordable widths. */
export const bothLayersTraining = trainingClaim({
  id: 'hu2020/both-layers-training',
  title: 'agreement until T, both layers trained, η₁ ≠ η₂',
  place: 'theorem on training both layers',
  model: 'both layers trained, η₁/η₂ from 1/4 to 4',
  kernelError: String.raw`B = \frac{\eta_1}\eta \sum_k T_k + \frac{\eta_2}\eta \sum_{k \ne \vartheta_0} T^{(2)}_k, \quad \eta = \frac{\eta_1 + \eta_2}2, \quad \frac14 \le \frac{\eta_1}{\eta_2} \le 4`,
  regimes: both,
  weightsOf,
  names: slopedActivations,
});
