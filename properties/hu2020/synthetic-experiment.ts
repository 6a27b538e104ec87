import fc from 'fast-check';
import { defineClaim } from '../../src/claim/define.js';
import { activation } from '../../src/math/activation.js';
import { seeds } from '../../src/math/arbitraries.js';
import { checkedTrajectory } from '../../src/models/checked.js';
import type { LabelKind, TwoLayerInstance } from '../../src/models/two-layer/instances.js';
import { layerWeights } from '../../src/models/two-layer/model.js';
import { drawProblem } from '../../src/models/two-layer/problem.js';
import { affineKernel } from '../../src/theory/affine.js';
import { symmetricInitialization } from './lib/assumptions.js';
import { momentsOf } from './lib/terms.js';
import { comparedSteps, horizon, meanSquare, worstGap } from './lib/training-gap.js';

const FRESH_SAMPLES = 2_000;

/** The paper's sizes; η = d/100 = 0.5, so that T = d ln d/η is 392 steps. */
const instancesOf = (changes: Partial<TwoLayerInstance> = {}): fc.Arbitrary<TwoLayerInstance> =>
  fc.record({ labels: fc.constantFrom<LabelKind>('teacher', 'linear'), seed: seeds }).map((drawn) => ({
    inputDimension: 50,
    samples: 20_000,
    width: 256,
    alpha: 0.1,
    activation: 'erf',
    law: 'gaussian',
    spectrum: 'isotropic',
    mean: 0,
    relativeStep: 0.01,
    stepRatio: 1,
    initialization: 'symmetric',
    ...drawn,
    ...changes,
  }));

const LARGEST_GAP = 0.02;

interface ExperimentTheory {
  readonly stepRatio: number;
}

export const syntheticExperiment = defineClaim<TwoLayerInstance, ExperimentTheory>({
  id: 'hu2020/synthetic-experiment',
  title: 'the paper’s experiment at its sizes: 20,000 inputs, agreement until T',
  profile: 'deep',
  kind: 'bound',
  statement: `at the paper's sizes, erf, m = 256, d = 50, 20,000 training and 2,000 fresh inputs, both layers trained with η = 0.5: (1/n) Σ (f_t − f_t^lin)² ≤ ${LARGEST_GAP} mean(y²) for T/8 ≤ t ≤ T = d ln d/η, 392 steps`,
  formula: String.raw`\begin{gathered} \frac1n \sum_{i=1}^n \bigl(f_t(x_i) - f^{\mathrm{lin}}_t(x_i)\bigr)^2 \le ${LARGEST_GAP}\, \frac1n \sum_{i=1}^n y_i^2 \quad\text{for}\quad \frac T8 \le t \le T = \frac{d \ln d}\eta \approx 392 \\ \varphi = \operatorname{erf}, \quad m = 256, \quad d = 50, \quad n = 20\,000, \quad \eta = 0.5 \end{gathered}`,
  source: { paper: 'hu2020', place: 'experiment on synthetic data' },
  assumptions: [symmetricInitialization],
  needs: ['twoLayer.train'],
  instances: instancesOf(),
  theory: { stepRatio: 1 },
  passRate: { claimed: 0.99, broken: 0.5 },
  measure: async (instance, { stepRatio }, { subject }) => {
    const { activation: name, inputDimension: d, relativeStep } = instance;
    const problem = drawProblem(instance, FRESH_SAMPLES);
    const record = comparedSteps(horizon(instance));
    const step = relativeStep * d;
    const checked = await checkedTrajectory(problem, { first: step, second: step }, record, subject);
    const kernel = affineKernel(activation(name).constants, momentsOf(instance).second, d, layerWeights.both);
    const size = meanSquare(problem.labels);
    return worstGap(problem, checked, record, { kernel, step: step * stepRatio }, () => size, LARGEST_GAP);
  },
  controls: [
    {
      id: 'doubled-step',
      statement: 'the linear model trained with 2η',
      where: instancesOf(),
      theory: { stepRatio: 2 },
    },
    {
      id: 'unsymmetric-initialization',
      statement: 'all units drawn independently, so that f ≠ 0 at step 0',
      where: instancesOf({ initialization: 'independent' }),
    },
  ],
});
