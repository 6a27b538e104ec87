import type { ActivationError, Roundoff } from '../backend/probe.js';
import type { DenseMatrix } from '../math/matrix.js';
import type { FlowProblem, FlowState } from '../models/gradient-flow/problem.js';
import type { LayeredProblem } from '../models/layered/problem.js';
import type { NeuronProblem, NeuronState, NeuronStep } from '../models/relu-neurons/problem.js';
import type { Problem } from '../models/two-layer/problem.js';
import type { StepSizes, TrainedLayers, Trajectory, TwoLayerTrajectory } from '../models/two-layer/tensors.js';
import { MissingCapabilityError } from '../support/errors.js';

/** What a subject may be asked for. */
export type Capability =
  | 'tangentKernel'
  | 'tangentKernelByJacobian'
  | 'tangentKernelProduct'
  | 'predict'
  | 'train'
  | 'trainWeights'
  | 'layeredTangentKernel'
  | 'layeredTrain'
  | 'neuronFlow'
  | 'flow'
  | 'flowKernel'
  | 'flowKernelByJacobian';

export type Vector = Float32Array | Float64Array;

/**
 * What is under test: an implementation of the two-layer network and its tangent kernel. A missing method is a missing
 * capability.
 */
export interface Subject {
  readonly name: string;
  readonly backend: string;
  readonly device: string;
  readonly roundoff: Roundoff;
  /** Largest errors of φ and φ' relative to 1 + |z|, as the subject computes them. */
  activationError(activation: string): Promise<ActivationError>;
  /** Θ of the trained layers on the problem's inputs, n×n. */
  tangentKernel?(problem: Problem, layers: TrainedLayers): Promise<DenseMatrix>;
  /** The same by automatic differentiation. */
  tangentKernelByJacobian?(problem: Problem, layers: TrainedLayers): Promise<DenseMatrix>;
  /** Θ u for u of length n, without forming Θ. */
  tangentKernelProduct?(problem: Problem, layers: TrainedLayers, vector: Float32Array): Promise<Vector>;
  /** f on inputs n'×d. */
  predict?(problem: Problem, inputs: DenseMatrix): Promise<Vector>;
  /** Gradient descent; outputs after each step in `record` (ascending). */
  train?(problem: Problem, steps: StepSizes, record: readonly number[]): Promise<Trajectory<Vector>>;
  /** The same, with the weights after the last step. */
  trainWeights?(problem: Problem, steps: StepSizes, record: readonly number[]): Promise<TwoLayerTrajectory<Vector>>;
  /** Θ of a deep or convolutional network with all layers trained, n×n. */
  layeredTangentKernel?(problem: LayeredProblem): Promise<DenseMatrix>;
  /** Gradient descent on all layers of such a network. */
  layeredTrain?(problem: LayeredProblem, step: number, record: readonly number[]): Promise<Trajectory<Vector>>;
  /** Gradient flow of balanced ReLU neurons through the given steps; the states after each number of steps in `record` (ascending). */
  neuronFlow?(problem: NeuronProblem, steps: readonly NeuronStep[], record: readonly number[]): Promise<NeuronState[]>;
  /** Gradient flow of a network in standard parametrisation through the given Dormand–Prince steps; the weights after each number of steps in `record` (ascending). */
  flow?(problem: FlowProblem, steps: readonly number[], record: readonly number[]): Promise<FlowState[]>;
  /** Its tangent kernel at those weights, on the inputs and then the fresh ones, for every pair of outputs: (C·(P + P')) square, output by output. */
  flowKernel?(problem: FlowProblem, weights: readonly DenseMatrix[]): Promise<DenseMatrix>;
  /** The same by automatic differentiation. */
  flowKernelByJacobian?(problem: FlowProblem, weights: readonly DenseMatrix[]): Promise<DenseMatrix>;
}

/** That method of the subject. @throws MissingCapabilityError when the subject does not have it. */
export function capable<C extends Capability>(subject: Subject, capability: C): NonNullable<Subject[C]> {
  const method = subject[capability];
  if (!method) {
    throw new MissingCapabilityError(capability);
  }
  return method;
}
