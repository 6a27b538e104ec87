import { defineClaim } from '../../src/claim/define.js';
import { activation } from '../../src/math/activation.js';
import { type DenseMatrix, matrix64, rowNorms, squaredNorm } from '../../src/math/matrix.js';
import { capable } from '../../src/models/capability.js';
import { checkedWeights, rootMeanSquareDifference } from '../../src/models/checked.js';
import { type TwoLayerInstance, type TwoLayerSpace, twoLayerInstances } from '../../src/models/two-layer/instances.js';
import { layerWeights, type TrainedLayers } from '../../src/models/two-layer/model.js';
import { drawProblem } from '../../src/models/two-layer/problem.js';
import { affineFeatures, affineKernel } from '../../src/theory/affine.js';
import { leastSquares, linearModelByDescent, linearOutputs } from '../../src/theory/linear-model.js';
import { symmetricInitialization } from './lib/assumptions.js';
import { momentsOf } from './lib/terms.js';
import { horizon } from './lib/training-gap.js';

/** After so many T the three signs of escape are looked at. */
const AFTER = 30;

const space: TwoLayerSpace = {
  inputDimension: [8, 16],
  samplesFactor: [5, 8],
  widthFactor: [64, 128],
  widthOf: (width) => width,
  alpha: [0, 0],
  spectra: ['isotropic'],
  labels: ['teacher', 'random', 'product'],
  relativeStep: [0.1, 0.3],
  activations: ['erf', 'tanh'],
};

/** Thresholds, from simulations on seeds of their own: loss against the best linear model's, movement of the kernel, growth of the gap. */
interface Signs {
  readonly loss: number;
  readonly movement: number;
  readonly growth: number;
}

interface EscapeTheory {
  readonly after: number;
}

/** mean (f − y)² of least squares in [x, 1, ‖x‖, ‖x‖²]. */
function bestLoss(inputs: DenseMatrix, labels: Float32Array): number {
  const { rows, columns, data } = inputs;
  const features = matrix64(rows, columns + 3);
  const lengths = rowNorms(inputs);
  for (let i = 0; i < rows; i++) {
    features.data.set(data.subarray(i * columns, (i + 1) * columns), i * (columns + 3));
    features.data.set([1, lengths[i]!, lengths[i]! ** 2], i * (columns + 3) + columns);
  }
  return rootMeanSquareDifference(linearOutputs(features, leastSquares(features, labels)), labels) ** 2;
}

function escapeClaim(
  id: string,
  title: string,
  layers: TrainedLayers,
  described: string,
  names: readonly string[],
  signs: Signs,
) {
  const instancesOf = (changes: Partial<TwoLayerSpace> = {}) => twoLayerInstances({ ...space, activations: names, ...changes });
  const kernel = layers === 'first' ? String.raw`\Theta_1` : String.raw`\Theta`;
  return defineClaim<TwoLayerInstance, EscapeTheory>({
    id,
    title,
    profile: layers === 'both' ? 'standard' : 'quick',
    kind: 'bound',
    statement: `after T the network leaves the linear model (${described}): at ${AFTER} T its loss is below ${signs.loss} of the best linear model's, its kernel has moved by ${signs.movement} of its size, and its gap to the linear model is ${signs.growth} times that at T`,
    formula: String.raw`\begin{gathered} \frac{\mathcal L(f_{${AFTER}T})}{\min_\beta \mathcal L(f^\beta)} \le ${signs.loss}, \quad \frac{\lVert ${kernel}(${AFTER}T) - ${kernel}(0) \rVert_F}{\lVert ${kernel}(0) \rVert_F} \ge ${signs.movement}, \quad \frac{\sum_i \bigl(f_{${AFTER}T}(x_i) - f^{\mathrm{lin}}_{${AFTER}T}(x_i)\bigr)^2}{\sum_i \bigl(f_T(x_i) - f^{\mathrm{lin}}_T(x_i)\bigr)^2} \ge ${signs.growth} \\ f^\beta(x) = \bigl\langle \beta, (x, 1, \lVert x \rVert, \lVert x \rVert^2) \bigr\rangle, \quad T = \frac{d \ln d}\eta \end{gathered}`,
    source: { paper: 'hu2020', place: 'beyond the early phase' },
    assumptions: [symmetricInitialization],
    needs: ['twoLayer.tangentKernel', 'twoLayer.train'],
    instances: instancesOf(),
    theory: { after: AFTER },
    passRate: { claimed: 0.99, broken: 0.7 },
    measure: async (instance, { after }, { subject }) => {
      const d = instance.inputDimension;
      const problem = drawProblem(instance);
      const early = horizon(instance);
      const record = [...new Set([early, after * early])];
      const step = instance.relativeStep * d;
      const weights = layerWeights[layers];
      const steps = { first: weights.first * step, second: weights.second * step };
      const { trajectory, rounding } = await checkedWeights(problem, steps, record, subject);
      const kernelOf = capable(subject, 'twoLayer', 'tangentKernel');
      const start = await kernelOf(problem, layers);
      const moved = {
        ...problem,
        firstLayer: { ...problem.firstLayer, data: Float32Array.from(trajectory.firstLayer) },
        secondLayer: Float32Array.from(trajectory.secondLayer),
      };
      const end = await kernelOf(moved, layers);
      const change = Float64Array.from(end.data, (entry, k) => entry - start.data[k]!);
      const movement = Math.sqrt(squaredNorm(change) / squaredNorm(start.data));
      const { constants } = activation(instance.activation);
      const features = affineFeatures(affineKernel(constants, momentsOf(instance).second, d, weights), problem.inputs);
      const betas = linearModelByDescent(features, problem.labels, step, record);
      const gaps = betas.map((beta, k) => rootMeanSquareDifference(trajectory.outputs[k]!, linearOutputs(features, beta)) ** 2);
      const growth = gaps.at(-1)! / gaps[0]!;
      const loss =
        rootMeanSquareDifference(trajectory.outputs.at(-1)!, problem.labels) ** 2 / bestLoss(problem.inputs, problem.labels);
      return {
        observed: Math.max(loss / signs.loss, signs.movement / movement, signs.growth / growth),
        bound: 1,
        // No budget says anything after so many steps; the thresholds are of the order of 1, and rounding changes a trajectory, not its kind.
        quantities: { loss, movement, growth },
        rounding,
      };
    },
    controls: [
      { id: 'at-T', statement: 'looked at already at T', where: instancesOf(), theory: { after: 1 } },
      {
        id: 'linear-labels',
        statement: 'linear labels, which leave nothing to escape to',
        where: instancesOf({ labels: ['linear'] }),
      },
      {
        id: 'wide',
        statement: 'networks of width 1024, whose kernel hardly moves',
        where: instancesOf({ widthOf: () => 1024, inputDimension: [8, 10] }),
      },
    ],
  });
}

export const escapeFirstLayer = escapeClaim(
  'hu2020/escape',
  'at 30 T, first layer: loss below the best linear model’s, kernel moved',
  'first',
  'first layer trained',
  ['erf', 'tanh', 'relu', 'leaky-relu:0.2', 'gelu'],
  { loss: 0.692, movement: 0.029, growth: 8.3 },
);
export const escapeBothLayers = escapeClaim(
  'hu2020/escape-both-layers',
  'at 30 T, both layers: loss below the best linear model’s, kernel moved',
  'both',
  'both layers trained',
  ['erf', 'tanh'],
  {
    loss: 0.468,
    movement: 0.126,
    growth: 8.63,
  },
);
