import { defineClaim } from '../../src/claim/define.js';
import { activation } from '../../src/math/activation.js';
import { checkedTrajectory } from '../../src/models/checked.js';
import {
  activations,
  type TwoLayerInstance,
  type TwoLayerSpace,
  twoLayerInstances,
} from '../../src/models/two-layer/instances.js';
import { layerWeights } from '../../src/models/two-layer/model.js';
import { drawProblem } from '../../src/models/two-layer/problem.js';
import { affineKernel } from '../../src/theory/affine.js';
import { trainingAssumptions } from './lib/assumptions.js';
import { biasedActivations, firstLayerTerms, momentsOf, slopedActivations, sumOfTerms } from './lib/terms.js';
import { comparedSteps, gapAgainst, horizon, meanSquare } from './lib/training-gap.js';

const space: TwoLayerSpace = {
  inputDimension: [24, 64],
  samplesFactor: [2, 4],
  widthFactor: [2, 4],
  alpha: [0.1, 0.24],
  spectra: ['isotropic'],
  relativeStep: [0.05, 0.2],
  activations,
};

const FRESH_SAMPLES = 128;

interface TrainingTheory {
  /** Step size of the linear model relative to the network's. */
  readonly stepRatio: number;
  /** Factor of ν² in the linear model. */
  readonly bias: number;
}

export const firstLayerTraining = defineClaim<TwoLayerInstance, TrainingTheory>({
  id: 'hu2020/first-layer-training',
  title: 'network and linear model agree until T = d ln d/η',
  kind: 'bound',
  statement:
    '(1/n) Σ (f_t − f_t^lin)² ≤ C (ηt/d)² (T1 + … + T6)² mean(y²) for T/8 ≤ t ≤ T = d ln d/η, on training and on fresh inputs',
  formula: String.raw`\frac1n \sum_{i=1}^n \bigl(f_t(x_i) - f^{\mathrm{lin}}_t(x_i)\bigr)^2 \le C \Bigl(\frac{\eta t}d\Bigr)^2 (T_1 + \dots + T_6)^2\, \frac1n \sum_{i=1}^n y_i^2 \quad\text{for}\quad \frac T8 \le t \le T = \frac{d \ln d}\eta`,
  source: { paper: 'hu2020', place: 'theorem on training the first layer' },
  assumptions: trainingAssumptions,
  instances: twoLayerInstances(space),
  theory: { stepRatio: 1, bias: 1 },
  measure: async (instance, theory, laboratory) => {
    const { inputDimension: d, relativeStep } = instance;
    const problem = drawProblem(instance, FRESH_SAMPLES);
    const record = comparedSteps(horizon(instance));
    const step = relativeStep * d;
    const checked = await checkedTrajectory(problem, { first: step, second: 0 }, record, laboratory.subject);
    const affine = affineKernel(activation(instance.activation).constants, momentsOf(instance).second, d, layerWeights.first);
    const kernel = { ...affine, bias: affine.bias * theory.bias };
    const scale = sumOfTerms(firstLayerTerms(instance)) ** 2 * meanSquare(problem.labels);
    const form = (t: number) => (relativeStep * t) ** 2 * scale;
    return gapAgainst(problem, checked, record, { kernel, step: step * theory.stepRatio }, form, 'all', laboratory);
  },
  controls: [
    {
      id: 'doubled-step',
      statement: 'the linear model trained with 2η',
      where: twoLayerInstances({ ...space, activations: slopedActivations }),
      theory: { stepRatio: 2 },
    },
    {
      id: 'unsymmetric-initialization',
      statement: 'all units drawn independently, so that f ≠ 0 at step 0',
      where: twoLayerInstances({ ...space, initialization: 'independent' }),
    },
    {
      id: 'no-bias-feature',
      statement: 'the linear model without its bias feature, on constant labels',
      where: twoLayerInstances({ ...space, activations: biasedActivations, labels: ['constant'] }),
      theory: { bias: 0 },
    },
  ],
});
