import { defineClaim } from '../../src/claim/define.js';
import { activation } from '../../src/math/activation.js';
import { checkedTrajectory } from '../../src/models/checked.js';
import type { Vector } from '../../src/models/implementation.js';
import { activations, type TwoLayerInstance, twoLayerInstances } from '../../src/models/two-layer/instances.js';
import type { LayerCoefficients } from '../../src/models/two-layer/model.js';
import { drawProblem, type TwoLayerProblem } from '../../src/models/two-layer/problem.js';
import { affineFeatures, affineKernel } from '../../src/theory/affine.js';
import { kernelDescent, linearModelByDescent, linearOutputs } from '../../src/theory/linear-model.js';
import { byActivation } from '../lib/by-activation.js';
import { enoughUnitsForSecondLayer, secondLayerTrainingAssumptions, trainingAssumptions } from './lib/assumptions.js';
import { observedKernel } from './lib/kernel-difference.js';
import { layersOf } from './lib/layers.js';
import { type Instances, inRegimes } from './lib/regimes.js';
import { momentsOf } from './lib/terms.js';
import { comparedSteps, horizon } from './lib/training-gap.js';

interface InitialKernelTheory {
  /** Step size of the kernel model relative to the network's. */
  readonly stepRatio: number;
  /** Whose kernel it is: that of the network at step 0, or of another draw of its weights. */
  readonly kernelOf: (instance: TwoLayerInstance) => TwoLayerInstance;
}

/** A trained network, and the linear model of the paper beside it. */
interface Trained {
  readonly problem: TwoLayerProblem;
  readonly record: readonly number[];
  readonly weights: LayerCoefficients;
  /** η. */
  readonly step: number;
  /** f and f^lin at the recorded steps. */
  readonly outputs: readonly Vector[];
  readonly linear: readonly Float64Array[];
  readonly rounding: number | null;
}

/**
 * How a trained network goes beside gradient descent with its kernel at step 0, over the recorded steps t and all inputs, f^NTK the outputs of that: the factor of
 * time by which the network is ahead, 1 + Σ (f − f^NTK) t ∂_t f^NTK/Σ (t ∂_t f^NTK)²; and the coefficient of f − f^lin on f^NTK − f^lin.
 */
function followsItsKernel(layers: 'first' | 'both', instancesOf: Instances) {
  const both = layers === 'both';
  return defineClaim<TwoLayerInstance, InitialKernelTheory, Trained>({
    id: `hu2020/${both ? 'both-layers' : 'first-layer'}-training-kernel`,
    title: `until T the network follows its kernel at step 0${both ? ', both layers trained' : ''}`,
    kind: 'estimate',
    profile: both ? 'standard' : 'quick',
    statement: `until T = d ln d/η the outputs of the network, ${both ? 'both layers' : 'the first layer'} trained, are those of gradient descent with its tangent kernel at step 0: in the mean they are ahead in time by a factor 1, and f − f^lin is 1 times f^NTK − f^lin, within tolerances, for each activation`,
    formula: String.raw`\begin{gathered} 1 + \frac{\sum_{t, i} (f_t - f^{\mathrm{NTK}}_t)(x_i)\, t\, \partial_t f^{\mathrm{NTK}}_t(x_i)}{\sum_{t, i} (t\, \partial_t f^{\mathrm{NTK}}_t(x_i))^2} = 1, \quad \frac{\sum_{t, i} (f_t - f^{\mathrm{lin}}_t)(x_i)\, (f^{\mathrm{NTK}}_t - f^{\mathrm{lin}}_t)(x_i)}{\sum_{t, i} (f^{\mathrm{NTK}}_t - f^{\mathrm{lin}}_t)(x_i)^2} = 1 \\ f^{\mathrm{NTK}}_{t+1} = f^{\mathrm{NTK}}_t - \tfrac\eta n\, \Theta(W(0))\, (f^{\mathrm{NTK}}_t - y), \quad t \le T = \frac{d \ln d}\eta \end{gathered}`,
    source: {
      paper: 'hu2020',
      place: `theorem on training ${both ? 'both layers' : 'the first layer'}, the lazy half of its proof`,
    },
    assumptions: both ? [...secondLayerTrainingAssumptions, enoughUnitsForSecondLayer] : trainingAssumptions,
    needs: ['twoLayer.tangentKernel', 'twoLayer.train'],
    instances: byActivation(activations, instancesOf),
    theory: { stepRatio: 1, kernelOf: (instance) => instance },
    observe: async (instance, { subject }) => {
      const { activation: name, inputDimension: d, relativeStep } = instance;
      const problem = drawProblem(instance);
      const record = comparedSteps(horizon(instance));
      const weights = layersOf[layers].weightsOf(instance);
      const step = relativeStep * d;
      const steps = { first: weights.first * step, second: weights.second * step };
      const { trajectory, rounding } = await checkedTrajectory(problem, steps, record, subject);
      const features = affineFeatures(
        affineKernel(activation(name).constants, momentsOf(instance).second, d, weights),
        problem.inputs,
      );
      const linear = linearModelByDescent(features, problem.labels, step, record).map((beta) => linearOutputs(features, beta));
      return { problem, record, weights, step, outputs: trajectory.outputs, linear, rounding };
    },
    measure: async (instance, { stepRatio, kernelOf }, laboratory, observed) => {
      const { problem, record, weights, step, outputs: trained, linear, rounding } = observed;
      const { secondLayer, firstLayer } = drawProblem(kernelOf(instance));
      const { kernel } = await observedKernel({ ...problem, firstLayer, secondLayer }, weights, laboratory);
      const predicted = kernelDescent(kernel, problem.labels, step * stepRatio, record);
      const sums = { ahead: 0, motion: 0, product: 0, square: 0 };
      record.forEach((t, k) => {
        const { outputs, velocity } = predicted[k]!;
        outputs.forEach((output, i) => {
          const found = trained[k]![i]!;
          const [motion, beyond] = [t * velocity[i]!, output - linear[k]![i]!];
          sums.ahead += (found - output) * motion;
          sums.motion += motion ** 2;
          sums.product += (found - linear[k]![i]!) * beyond;
          sums.square += beyond ** 2;
        });
      });
      const number = (what: string, estimate: number) => {
        const tolerance = `${what} of ${instance.activation}`;
        return { estimate, predicted: 1, tolerance: laboratory.constant(tolerance), constant: tolerance };
      };
      return {
        numbers: {
          time: number('time', 1 + sums.ahead / sums.motion),
          coefficient: number('coefficient', sums.product / sums.square),
        },
        quantities: { steps: record.at(-1)! },
        rounding,
      };
    },
    controls: [
      {
        id: 'step-10-percent-off',
        statement: 'descent with 1.1 η',
        where: () => true,
        theory: { stepRatio: 1.1 },
      },
      {
        id: 'kernel-of-other-weights',
        statement: 'the kernel of another draw of W',
        profile: 'standard',
        where: () => true,
        theory: { kernelOf: (instance) => ({ ...instance, seed: instance.seed ^ 1 }) },
      },
    ],
  });
}

export const firstLayerTrainingKernel = followsItsKernel('first', (names) =>
  twoLayerInstances({
    inputDimension: [24, 36],
    samplesFactor: [2, 3],
    widthFactor: [6, 9],
    alpha: [0.1, 0.24],
    relativeStep: [0.1, 0.2],
    activations: names,
  }),
);

const isotropic = { samplesFactor: [2, 3], alpha: [0.1, 0.24], spectra: ['isotropic'], logStepRatio: [-2, 2] } as const;

export const bothLayersTrainingKernel = followsItsKernel('both', (names, changes) =>
  inRegimes(
    {
      meanless: { ...isotropic, widthFactor: [4, 6], relativeStep: [0.04, 0.1], inputDimension: [20, 36] },
      mean: { ...isotropic, widthFactor: [2, 3], step: [0.3, 0.6], inputDimension: [10, 18] },
    },
    names,
    changes,
  ),
);
