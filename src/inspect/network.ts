import { activation } from '../math/activation.js';
import { type DenseMatrix, squaredNorm } from '../math/matrix.js';
import { capable } from '../models/capability.js';
import type { Vector } from '../models/implementation.js';
import type { LayeredProblem } from '../models/layered/problem.js';
import { layerWeights, type TrainedLayers } from '../models/two-layer/model.js';
import type { TwoLayerProblem } from '../models/two-layer/problem.js';
import type { Subject } from '../subject/subject.js';
import { type AffineKernel, affineKernel } from '../theory/affine.js';
import { deepAffineKernel, kernelExpansion } from '../theory/deep.js';

/** A network as `inspect` sees it. */
export interface InspectedNetwork {
  /** m, of every hidden layer. */
  readonly width: number;
  /** f, as a formula. */
  readonly parametrisation: string;
  /** The range in which the theory takes η. */
  readonly stepRange: number;
  readonly affine: (spectralMoment: number) => AffineKernel;
  readonly tangentKernel: () => Promise<DenseMatrix>;
  /** Θ u without forming Θ; null where its implementation cannot. */
  readonly tangentKernelProduct: ((vector: Float32Array) => Promise<Vector>) | null;
  /** Outputs on the inputs after each recorded step. */
  readonly train: (step: number, record: readonly number[]) => Promise<readonly Vector[]>;
  /** What of its weights the theory does not cover. */
  readonly warnings: () => Promise<string[]>;
}

/** η ≪ d for the first layer; for the second d/ln n where ϑ₀ = 0, else 1. */
export function twoLayerNetwork(problem: TwoLayerProblem, layers: TrainedLayers, subject: Subject): InspectedNetwork {
  const { inputs, firstLayer, secondLayer } = problem;
  const [n, d] = [inputs.rows, inputs.columns];
  const { constants } = activation(problem.activation);
  const secondRange = constants.theta0 === 0 ? d / Math.log(Math.max(3, n)) : 1;
  return {
    width: secondLayer.length,
    parametrisation: 'f(x) = (1/√m) vᵀ φ(W x/√d)',
    stepRange: layers === 'first' ? d : secondRange,
    affine: (spectralMoment) => affineKernel(constants, spectralMoment, d, layerWeights[layers]),
    tangentKernel: () => capable(subject, 'twoLayer', 'tangentKernel')(problem, layers),
    tangentKernelProduct: (vector) => capable(subject, 'twoLayer', 'tangentKernelProduct')(problem, layers, vector),
    train: async (step, record) => {
      const sizes = { first: layers === 'second' ? 0 : step, second: layers === 'first' ? 0 : step };
      return (await capable(subject, 'twoLayer', 'train')(problem, sizes, record)).outputs;
    },
    warnings: async () => {
      const warnings: string[] = [];
      const start = await capable(subject, 'twoLayer', 'predict')(problem, inputs);
      const outputs = squaredNorm(start) / start.length;
      if (outputs > 1e-8) {
        warnings.push(
          `f is not 0 at the start (root mean square ${Math.sqrt(outputs).toPrecision(3)}), and the linear model is: the gap includes it; pair the units with opposite signs, or subtract f_0`,
        );
      }
      const weight = squaredNorm(secondLayer) / secondLayer.length;
      if (Math.abs(weight - 1) > 0.01) {
        warnings.push(
          `the mean of v² is ${weight.toPrecision(3)}; the theorem takes v = ±1: scale the second layer by ${(1 / Math.sqrt(weight)).toPrecision(3)}`,
        );
      }
      const first = squaredNorm(firstLayer.data) / firstLayer.data.length;
      // Five standard deviations of what N(0, 1) gives.
      if (Math.abs(first - 1) > Math.max(0.1, 5 * Math.sqrt(2 / firstLayer.data.length))) {
        warnings.push(
          `the mean of W² is ${first.toPrecision(3)}; the theorem takes W ~ N(0, 1): layers of f = aᵀφ(Bx), as of nn.Linear, are W = √d B and v = √m a here`,
        );
      }
      return warnings;
    },
  };
}

/** A drawn fully connected network, all layers trained; η ≪ d where θ(0) = 0, else 1. */
export function deepNetwork(problem: LayeredProblem, subject: Subject): InspectedNetwork {
  const { activation: name, inputs, layers } = problem;
  const depth = layers.length;
  const d = inputs.columns;
  return {
    width: layers[0]!.weights.rows,
    parametrisation: 'f(x) = (1/√m) vᵀ h_L, h_l = φ(W_l h_{l−1}/√m_{l−1}), h_0 = x',
    stepRange: Math.abs(kernelExpansion(name, depth).value) < 1e-9 ? d : 1,
    affine: (spectralMoment) => deepAffineKernel(name, depth, spectralMoment, d),
    tangentKernel: () => capable(subject, 'layered', 'tangentKernel')(problem),
    tangentKernelProduct: null,
    train: async (step, record) => (await capable(subject, 'layered', 'train')(problem, step, record)).outputs,
    warnings: async () => [],
  };
}
