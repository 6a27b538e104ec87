import type { DenseMatrix } from '../../math/matrix.js';
import type { Implementation } from '../implementation.js';
import type { FlowState, GradientFlowProblem } from './problem.js';

/** What an implementation of gradient flow of networks in standard parametrisation may compute. A missing method is a missing capability. */
export interface FlowModel {
  /** The flow through the given Dormand–Prince steps; the weights after each number of steps in `record` (ascending). */
  integrate?(problem: GradientFlowProblem, steps: readonly number[], record: readonly number[]): Promise<FlowState[]>;
  /** The same in another way, where an implementation has two. */
  integrateByOperations?(problem: GradientFlowProblem, steps: readonly number[], record: readonly number[]): Promise<FlowState[]>;
  /** Θ at those weights, on the inputs and then the fresh ones, for every pair of outputs: (C·(P + P')) square, output by output. */
  tangentKernel?(problem: GradientFlowProblem, weights: readonly DenseMatrix[]): Promise<DenseMatrix>;
  /** The same by automatic differentiation. */
  tangentKernelByJacobian?(problem: GradientFlowProblem, weights: readonly DenseMatrix[]): Promise<DenseMatrix>;
}

/** An implementation that may have this family. */
export type FlowImplementation = Implementation & { readonly flow?: FlowModel };
