import { calibratedConstant } from '../../src/claim/calibration.js';
import { defineClaim } from '../../src/claim/define.js';
import { activation } from '../../src/math/activation.js';
import { checkedTrajectory } from '../../src/models/checked.js';
import { type TwoLayerInstance, type TwoLayerSpace, twoLayerInstances } from '../../src/models/two-layer/instances.js';
import { layerWeights } from '../../src/models/two-layer/model.js';
import { drawProblem } from '../../src/models/two-layer/problem.js';
import { affineKernel } from '../../src/theory/affine.js';
import { firstLayerTerms, momentsOf, sumOfTerms } from './lib/terms.js';
import { gapAgainst, meanSquare } from './lib/training-gap.js';

/** The claim whose constant is used outside its assumptions. */
const CALIBRATED = 'hu2020/first-layer-training';

const STEPS = 8;
const FRESH_SAMPLES = 32;

/** Well above 2d/(ζ² κ_K), where descent of the linear model diverges: about 2.4 d for erf. */
const space: TwoLayerSpace = {
  inputDimension: [24, 48],
  samplesFactor: [2, 4],
  widthFactor: [2, 4],
  alpha: [0.1, 0.24],
  spectra: ['isotropic'],
  labels: ['teacher', 'random', 'linear'],
  relativeStep: [8, 10],
  activations: ['erf', 'tanh'],
};

interface LargeStepTheory {
  /** Step size of the linear model relative to the network's. */
  readonly stepRatio: number;
}

export const scopeLargeStep = defineClaim<TwoLayerInstance, LargeStepTheory>({
  id: 'hu2020/scope-large-step',
  title: 'scope edge: η from 8 d to 10 d',
  kind: 'bound',
  statement: `the first-layer training claim with its constant, at η from 8 d to 10 d after ${STEPS} steps`,
  formula: String.raw`\frac1n \sum_{i=1}^n \bigl(f_t(x_i) - f^{\mathrm{lin}}_t(x_i)\bigr)^2 \le C \Bigl(\frac{\eta t}d\Bigr)^2 (T_1 + \dots + T_6)^2\, \frac1n \sum_{i=1}^n y_i^2 \quad\text{for}\quad 8d \le \eta \le 10d,\; t = ${STEPS}`,
  source: { paper: 'hu2020', place: 'theorem on training the first layer, the condition η = O(d)' },
  needs: ['twoLayer.train'],
  instances: twoLayerInstances(space),
  theory: { stepRatio: 1 },
  passRate: { claimed: 0.99, broken: 0.7 },
  measure: async (instance, { stepRatio }, laboratory) => {
    const { inputDimension: d, relativeStep } = instance;
    const problem = drawProblem(instance, FRESH_SAMPLES);
    const step = relativeStep * d;
    const checked = await checkedTrajectory(problem, { first: step, second: 0 }, [STEPS], laboratory.subject);
    const kernel = affineKernel(activation(instance.activation).constants, momentsOf(instance).second, d, layerWeights.first);
    const scale = sumOfTerms(firstLayerTerms(instance)) ** 2 * meanSquare(problem.labels);
    const constant = (name: string) => calibratedConstant(CALIBRATED, name);
    const model = { kernel, step: step * stepRatio };
    const form = (t: number) => (relativeStep * t) ** 2 * scale;
    const judged = gapAgainst(problem, checked, [STEPS], model, form, 'all', { ...laboratory, constant });
    return { ...judged };
  },
  controls: [
    {
      id: 'doubled-step',
      statement: 'the linear model trained with 2η, which diverges faster still',
      where: twoLayerInstances(space),
      theory: { stepRatio: 2 },
    },
  ],
  expected: {
    verdict: 'refuted',
    reason: 'above η = 2d/(ζ² κ_K) descent of the linear model diverges, while the outputs of a bounded activation do not',
  },
});
