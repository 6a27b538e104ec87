import { defineClaim } from '../../src/claim/define.js';
import { activation } from '../../src/math/activation.js';
import { checkedTrajectory, rootMeanSquareDifference } from '../../src/models/checked.js';
import type { TwoLayerInstance, TwoLayerSpace } from '../../src/models/two-layer/instances.js';
import { layerWeights } from '../../src/models/two-layer/model.js';
import { drawProblem } from '../../src/models/two-layer/problem.js';
import { meanSquareRoundoff } from '../../src/models/two-layer/roundoff.js';
import { type AffineKernel, affineFeatures, affineKernel } from '../../src/theory/affine.js';
import { linearModelByDescent, linearOutputs } from '../../src/theory/linear-model.js';
import { byActivation } from '../lib/by-activation.js';
import { enoughUnitsForSecondLayer, secondLayerTrainingAssumptions } from './lib/assumptions.js';
import { inRegimes } from './lib/regimes.js';
import { momentsOf, wrongTheories } from './lib/terms.js';
import { horizon } from './lib/training-gap.js';

const FRESH_SAMPLES = 128;
const space: Omit<TwoLayerSpace, 'activations'> = {
  inputDimension: [12, 20],
  samplesFactor: [3, 4],
  widthFactor: [2, 3],
  alpha: [0.1, 0.24],
  spectra: ['isotropic'],
  laws: ['gaussian'],
  labels: ['norm'],
  step: [0.4, 0.8],
};
const instancesOf = (changes: Partial<TwoLayerSpace> = {}) =>
  byActivation(['relu', 'leaky-relu:0.2', 'gelu'], (names) => inRegimes({ meanless: space, mean: space }, names, changes));

type Affine = (kernel: AffineKernel) => AffineKernel;
interface NormTheory {
  readonly affine: Affine;
}
const frozen: Affine = wrongTheories.noNormFeature.theory.affine;

/** Σ(f − f^lin)² and Σf² at T on training and on fresh inputs, second layer trained, for the given linear models; and the rounding of each mean square. */
async function compare(instance: TwoLayerInstance, models: readonly Affine[], subject: Parameters<typeof checkedTrajectory>[3]) {
  const d = instance.inputDimension;
  const problem = drawProblem(instance, FRESH_SAMPLES);
  const step = instance.relativeStep * d;
  const record = [horizon(instance)];
  const { trajectory, roundoff, rounding } = await checkedTrajectory(problem, { first: 0, second: step }, record, subject);
  const { constants } = activation(instance.activation);
  const affine = affineKernel(constants, momentsOf(instance).second, d, layerWeights.second);
  const parts = [
    { outputs: trajectory.outputs[0]!, inputs: problem.inputs, error: roundoff.outputs[0]! },
    { outputs: trajectory.freshOutputs[0]!, inputs: problem.freshInputs, error: roundoff.freshOutputs[0]! },
  ];
  return {
    rounding,
    parts: parts.map(({ outputs, inputs, error }) => ({
      size: rootMeanSquareDifference(outputs, new Float64Array(outputs.length)) ** 2,
      error,
      gaps: models.map((model) => {
        const kernel = model(affine);
        const beta = linearModelByDescent(affineFeatures(kernel, problem.inputs), problem.labels, step, record)[0]!;
        return rootMeanSquareDifference(outputs, linearOutputs(affineFeatures(kernel, inputs), beta)) ** 2;
      }),
    })),
  };
}

const common = {
  kind: 'bound',
  source: { paper: 'hu2020', place: 'second layer: a target that depends on the norm' },
  assumptions: [...secondLayerTrainingAssumptions, enoughUnitsForSecondLayer],
  instances: instancesOf(),
  passRate: { claimed: 0.99, broken: 0.8 },
} as const;

export const normFeature = defineClaim<TwoLayerInstance, NormTheory>({
  ...common,
  id: 'hu2020/norm-feature',
  title: 'norm-dependent target: the model with the norm feature tracks the network',
  statement:
    'second layer, y = tanh(√(2d)(‖x‖/√d − 1)): Σ(f_T − f_T^lin)² ≤ C Σ f_T² for the linear model with the feature ϑ₀ + ϑ₁(‖x‖/√d − 1) + ϑ₂(‖x‖/√d − 1)², on training and on fresh inputs',
  formula: String.raw`\begin{gathered} \sum_i \bigl(f_T(x_i) - f^{\mathrm{lin}}_T(x_i)\bigr)^2 \le C \sum_i f_T(x_i)^2 \quad\text{for}\quad y = \tanh\bigl(\sqrt{2d}\, \rho(x)\bigr), \quad \rho(x) = \frac{\lVert x \rVert}{\sqrt d} - 1 \\ \text{with the feature}\quad \vartheta_0 + \vartheta_1\, \rho(x) + \vartheta_2\, \rho(x)^2 \end{gathered}`,
  needs: ['twoLayer.train'],
  theory: { affine: (kernel) => kernel },
  measure: async (instance, { affine }, laboratory) => {
    const { parts, rounding } = await compare(instance, [affine], laboratory.subject);
    return {
      observed: Math.max(...parts.map(({ size, gaps }) => gaps[0]! / size)),
      bound: laboratory.constant('all'),
      roundoff: Math.max(...parts.map(({ size, gaps, error }) => (2 * meanSquareRoundoff(gaps[0]! + size, error)) / size)),
      constant: 'all',
      quantities: { trainingGap: parts[0]!.gaps[0]!, freshGap: parts[1]!.gaps[0]!, meanSquare: parts[0]!.size },
      rounding,
    };
  },
  controls: [{ ...wrongTheories.noNormFeature, where: instancesOf() }],
});

export const normFeatureNeeded = defineClaim({
  ...common,
  id: 'hu2020/norm-feature-needed',
  title: 'norm-dependent target: the model without the norm feature does not track it',
  statement:
    'on the same targets the linear model with the norm feature is closer to the network than the one with ϑ₀ in its place: the ratio of their mean-square gaps at T is at most C',
  formula: String.raw`\frac{\sum_i \bigl(f_T(x_i) - f^{\mathrm{lin}}_T(x_i)\bigr)^2}{\sum_i \bigl(f_T(x_i) - f^{\mathrm{lin}, \vartheta_0}_T(x_i)\bigr)^2} \le C < 1`,
  needs: ['twoLayer.train'],
  measure: async (instance, _theory, laboratory) => {
    const { parts, rounding } = await compare(instance, [(kernel) => kernel, frozen], laboratory.subject);
    return {
      observed: Math.max(...parts.map(({ gaps }) => gaps[0]! / gaps[1]!)),
      bound: laboratory.constant('all'),
      roundoff: Math.max(...parts.map(({ gaps, error }) => (2 * meanSquareRoundoff(gaps[0]! + gaps[1]!, error)) / gaps[1]!)),
      constant: 'all',
      quantities: { withFeature: parts[0]!.gaps[0]!, without: parts[0]!.gaps[1]! },
      rounding,
    };
  },
  controls: [
    {
      id: 'odd-teacher',
      statement: 'labels of an odd teacher, which do not depend on the norm',
      where: instancesOf({ labels: ['teacher'] }),
    },
  ],
});
