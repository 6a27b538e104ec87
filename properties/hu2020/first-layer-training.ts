import { activation } from '../../src/activation.js';
import { defineClaim } from '../../src/claim.js';
import { activations, type TwoLayerInstance, type TwoLayerSpace, twoLayerInstances } from '../../src/instance.js';
import { affineFeatures, affineKernel } from '../../src/kernel/affine.js';
import { layerWeights } from '../../src/network/two-layer.js';
import { materialise } from '../../src/problem.js';
import { linearModelByDescent, linearOutputs } from '../../src/reference/linear-model.js';
import { checkedTrajectory, rootMeanSquareDifference } from '../../src/roundoff/check.js';
import { meanSquareRoundoff } from '../../src/roundoff/trajectory.js';
import { trainingAssumptions } from './assumptions.js';
import { biasedActivations, firstLayerTerms, momentsOf, sumOfTerms } from './terms.js';

const space: TwoLayerSpace = {
  inputDimension: [24, 64],
  samplesFactor: [2, 4],
  widthFactor: [2, 4],
  alpha: [0.1, 0.24],
  spectra: ['isotropic'],
  relativeStep: [0.05, 0.2],
  activations,
};

const RECORDED_STEPS = 10;
const FRESH_SAMPLES = 128;

interface TrainingTheory {
  /** Step size of the linear model relative to the network's. */
  readonly stepRatio: number;
  /** Factor of ν² in the linear model. */
  readonly bias: number;
}

/** T = d ln d/η (c = 1), and the steps from T/8 to T at which the two models are compared. */
function schedule({ inputDimension: d, relativeStep }: TwoLayerInstance): number[] {
  const last = Math.ceil(Math.log(d) / relativeStep);
  const first = last / 8;
  const steps = Array.from({ length: RECORDED_STEPS }, (_, k) => Math.round(first + ((last - first) * k) / (RECORDED_STEPS - 1)));
  return [...new Set(steps.map((step) => Math.max(1, step)))];
}

export const firstLayerTraining = defineClaim<TwoLayerInstance, TrainingTheory>({
  id: 'hu2020/first-layer-training',
  kind: 'bound',
  statement:
    '(1/n) Σ (f_t − f_t^lin)² ≤ C (ηt/d)² (T1 + … + T6)² mean(y²) for T/8 ≤ t ≤ T = d ln d/η, on training and on fresh inputs',
  source: { paper: 'hu2020', place: 'theorem on training the first layer' },
  assumptions: trainingAssumptions,
  instances: twoLayerInstances(space),
  theory: { stepRatio: 1, bias: 1 },
  passRate: { claimed: 0.99, broken: 0.9 },
  measure: async (instance, theory, laboratory) => {
    const { inputDimension: d, samples: n } = instance;
    const problem = materialise(instance, FRESH_SAMPLES);
    const record = schedule(instance);
    const step = instance.relativeStep * d;
    const steps = { first: step, second: 0 };
    const { trajectory, roundoff, rounding } = await checkedTrajectory(problem, steps, record, laboratory.subject);

    const affine = affineKernel(activation(instance.activation).constants, momentsOf(instance).second, d, layerWeights.first);
    const kernel = { ...affine, bias: affine.bias * theory.bias };
    const features = affineFeatures(kernel, problem.inputs);
    const freshFeatures = affineFeatures(kernel, problem.freshInputs);
    const betas = linearModelByDescent(features, problem.labels, step * theory.stepRatio, record);

    const meanSquareLabel = problem.labels.reduce((sum, label) => sum + label ** 2, 0) / n;
    const scale = sumOfTerms(firstLayerTerms(instance)) ** 2 * meanSquareLabel;
    let worst = { observed: 0, roundoff: 0, gap: 0, freshGap: 0, step: 0 };
    record.forEach((t, k) => {
      const gap = rootMeanSquareDifference(trajectory.outputs[k]!, linearOutputs(features, betas[k]!)) ** 2;
      const freshGap = rootMeanSquareDifference(trajectory.freshOutputs[k]!, linearOutputs(freshFeatures, betas[k]!)) ** 2;
      const form = ((step * t) / d) ** 2 * scale;
      const observed = Math.max(gap, freshGap) / form;
      const budget =
        Math.max(meanSquareRoundoff(gap, roundoff.outputs[k]!), meanSquareRoundoff(freshGap, roundoff.freshOutputs[k]!)) / form;
      if (observed + budget < worst.observed + worst.roundoff) return;
      worst = { observed, roundoff: budget, gap, freshGap, step: t };
    });
    return {
      kind: 'bound',
      observed: worst.observed,
      bound: laboratory.constant('all'),
      roundoff: worst.roundoff,
      constant: 'all',
      quantities: { worstStep: worst.step, meanSquareGap: worst.gap, freshMeanSquareGap: worst.freshGap, steps: record.at(-1)! },
      rounding,
    };
  },
  controls: [
    {
      id: 'doubled-step',
      statement: 'the linear model trained with 2η',
      where: twoLayerInstances({ ...space, activations: activations.filter((name) => name !== 'abs') }),
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
