import type { DenseMatrix } from '../../math/matrix.js';
import type { Trajectory, Vector } from '../implementation.js';
import type { TwoLayerProblem } from './problem.js';

/** Which layers are trained. */
export type TrainedLayers = 'first' | 'second' | 'both';
export const trainedLayers: readonly TrainedLayers[] = ['first', 'second', 'both'];

/** A number for W and one for v. */
export interface LayerCoefficients {
  readonly first: number;
  readonly second: number;
}

/** Step sizes η₁ on W and η₂ on v; 0 leaves a layer as it is. */
export type StepSizes = LayerCoefficients;

/** The weights with which Θ₁ and Θ₂ make the tangent kernel of the trained layers. */
export const layerWeights: Readonly<Record<TrainedLayers, LayerCoefficients>> = {
  first: { first: 1, second: 0 },
  second: { first: 0, second: 1 },
  both: { first: 1, second: 1 },
};

/** A trajectory and the weights at its end, W m×d and v m, where they are known. */
export interface TwoLayerTrajectory<T> extends Trajectory<T> {
  readonly firstLayer?: T;
  readonly secondLayer?: T;
}

/** A trajectory of which the weights at its end are known. */
export type WeighedTrajectory<T> = Required<TwoLayerTrajectory<T>>;

/** What an implementation of the two-layer network may compute. A missing method is a missing capability. */
export interface TwoLayerModel {
  /** Θ of the trained layers on the problem's inputs, n×n. */
  tangentKernel?(problem: TwoLayerProblem, layers: TrainedLayers): Promise<DenseMatrix>;
  /** The same by automatic differentiation. */
  tangentKernelByJacobian?(problem: TwoLayerProblem, layers: TrainedLayers): Promise<DenseMatrix>;
  /** `tangentKernel` and `train` in another way, where an implementation has two: one kernel for all, and operation by operation. */
  tangentKernelByOperations?(problem: TwoLayerProblem, layers: TrainedLayers): Promise<DenseMatrix>;
  trainByOperations?(problem: TwoLayerProblem, steps: StepSizes, record: readonly number[]): Promise<TwoLayerTrajectory<Vector>>;
  /** Θ u for u of length n, without forming Θ. */
  tangentKernelProduct?(problem: TwoLayerProblem, layers: TrainedLayers, vector: Float32Array): Promise<Vector>;
  /** f on inputs n'×d. */
  predict?(problem: TwoLayerProblem, inputs: DenseMatrix): Promise<Vector>;
  /** Gradient descent; outputs after each step in `record` (ascending). */
  train?(problem: TwoLayerProblem, steps: StepSizes, record: readonly number[]): Promise<TwoLayerTrajectory<Vector>>;
}
