import { defineClaim } from '../../src/claim/define.js';
import { activation } from '../../src/math/activation.js';
import type { Matrix64 } from '../../src/math/matrix.js';
import { type CheckedTrajectory, checkedTrajectory, rootMeanSquareDifference } from '../../src/models/checked.js';
import type { Vector } from '../../src/models/implementation.js';
import { activations, type TwoLayerInstance } from '../../src/models/two-layer/instances.js';
import { layerWeights } from '../../src/models/two-layer/model.js';
import { drawProblem, type TwoLayerProblem } from '../../src/models/two-layer/problem.js';
import { type AffineKernel, affineFeatures, affineKernel } from '../../src/theory/affine.js';
import { linearModelByDescent, linearOutputs } from '../../src/theory/linear-model.js';
import { byActivation, withActivation } from '../lib/by-activation.js';
import { centred } from './lib/assumptions.js';
import { climbInstances, type Ladder, type LadderInstance, ladderInstances, rungsOf } from './lib/ladder.js';
import { biasedActivations, slopedActivations, stepNumber } from './lib/terms.js';

const ALPHA = 0.24;
const FRESH_SAMPLES = 128;
/** η/d; ηt/d = 1 after STEPS. */
const RELATIVE_STEP = 0.2;
const STEPS = 5;
const ladder: Ladder = {
  dimensions: [16, 24, 36, 54],
  draws: [6, 5, 4, 3],
  alpha: ALPHA,
  samplesFactor: 6,
  widthFactor: 2,
  widthExponent: 1 + ALPHA,
};
type TrainedLadder = LadderInstance & Pick<TwoLayerInstance, 'labels'>;

/** The labels of a biased teacher have a mean and a linear part, so that each coefficient of the linear model shows. */
const laddersWith = (names: readonly string[], labels: TwoLayerInstance['labels'] = 'biased-teacher') =>
  byActivation(names, (chosen) => ladderInstances(chosen).map((instance): TrainedLadder => ({ ...instance, labels })));

interface TrainingTheory {
  /** Step size of the linear model relative to the network's. */
  readonly stepRatio: number;
  /** What becomes of the linear model's kernel. */
  readonly affine: (kernel: AffineKernel) => AffineKernel;
}

interface Trained {
  readonly problem: TwoLayerProblem;
  readonly checked: CheckedTrajectory;
}

const rungsOfTrained = (instance: TrainedLadder) =>
  rungsOf(instance, ladder, { initialization: 'symmetric', relativeStep: RELATIVE_STEP });

/** The paper's exponent, on training and on fresh inputs; or the one on fresh inputs alone, where the diagonal of E Θ₁ − Θ₁^lin has no part in the gap. */
function trainingRate(inputs: 'all' | 'fresh', slope: number) {
  const fresh = inputs === 'fresh';
  const { dimensions, samplesFactor, widthFactor } = ladder;
  return defineClaim<TrainedLadder, TrainingTheory, ReadonlyMap<number, Trained>>({
    id: `hu2020/first-layer-training-rate${fresh ? '-fresh' : ''}`,
    title: `slope of the gap of network and linear model in d at most ${slope}${fresh ? ', fresh inputs' : ''}`,
    kind: 'rate',
    profile: 'standard',
    statement: `at ηt/d = 1 the root-mean-square gap of network and linear model on ${fresh ? 'fresh inputs' : 'training or on fresh inputs, the larger,'} has a slope of at most ${fresh ? slope : '−α'} in ln d on d = ${dimensions.join(', ')} with α = ${ALPHA}, n = ${samplesFactor}d^{1+α}, m = ${widthFactor}d^{1+α}, labels of a biased teacher`,
    formula: String.raw`\operatorname{slope}_{\ln d} \tfrac12 \ln \frac1n \sum_i \bigl(f_t(x_i) - f^{\mathrm{lin}}_t(x_i)\bigr)^2 \le ${fresh ? slope : String.raw`-\alpha`} \quad\text{for}\quad \frac{\eta t}d = 1`,
    source: { paper: 'hu2020', place: 'theorem on training the first layer, the exponent' },
    assumptions: [centred],
    needs: ['twoLayer.train'],
    instances: laddersWith(activations),
    theory: { stepRatio: 1, affine: (kernel) => kernel },
    slope,
    ladder: dimensions,
    numbers: [stepNumber(fresh ? 1.1 : 1.3)],
    observe: async (instance, { subject }) => {
      const networks = new Map<number, Trained>();
      for (const rung of rungsOfTrained(instance).flat()) {
        const problem = drawProblem(rung, FRESH_SAMPLES);
        const steps = { first: RELATIVE_STEP * rung.inputDimension, second: 0 };
        networks.set(rung.seed, { problem, checked: await checkedTrajectory(problem, steps, [STEPS], subject) });
      }
      return networks;
    },
    measure: (instance, { stepRatio, affine }, _, networks) =>
      climbInstances(rungsOfTrained(instance), async ({ seed, inputDimension: d, activation: name }) => {
        const { problem, checked } = networks.get(seed)!;
        const kernel = affine(affineKernel(activation(name).constants, 1, d, layerWeights.first));
        const features = affineFeatures(kernel, problem.inputs);
        const [beta] = linearModelByDescent(features, problem.labels, stepRatio * RELATIVE_STEP * d, [STEPS]);
        const gap = (outputs: Vector, at: Matrix64) => rootMeanSquareDifference(outputs, linearOutputs(at, beta!));
        const { outputs, freshOutputs } = checked.trajectory;
        const freshGap = gap(freshOutputs[0]!, affineFeatures(kernel, problem.freshInputs));
        return { value: fresh ? freshGap : Math.max(freshGap, gap(outputs[0]!, features)), rounding: checked.rounding };
      }),
    controls: [
      {
        id: 'doubled-step',
        statement: 'the linear model trained with 2η',
        where: withActivation(slopedActivations),
        theory: { stepRatio: 2 },
      },
      {
        id: 'no-bias-feature',
        statement: 'the linear model without its bias feature, on constant labels',
        where: laddersWith(biasedActivations, 'constant'),
        theory: { affine: (kernel) => ({ ...kernel, bias: 0 }) },
      },
    ],
  });
}

export const firstLayerTrainingRate = trainingRate('all', -ALPHA);
export const firstLayerTrainingRateFresh = trainingRate('fresh', -0.4);
