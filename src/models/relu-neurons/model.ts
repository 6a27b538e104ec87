import type { Implementation } from '../implementation.js';
import type { NeuronProblem, NeuronState, NeuronStep } from './problem.js';

/** What an implementation of balanced ReLU neurons may compute. A missing method is a missing capability. */
export interface NeuronModel {
  /** Gradient flow through the given steps; the states after each number of steps in `record` (ascending). */
  integrate?(problem: NeuronProblem, steps: readonly NeuronStep[], record: readonly number[]): Promise<NeuronState[]>;
  /** The same in another way, where an implementation has two. */
  integrateByOperations?(problem: NeuronProblem, steps: readonly NeuronStep[], record: readonly number[]): Promise<NeuronState[]>;
}

/** An implementation that may have this family. */
export type NeuronImplementation = Implementation & { readonly neurons?: NeuronModel };
