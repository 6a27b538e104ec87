import type { DenseMatrix } from '../../math/matrix.js';
import type { Trajectory, Vector } from '../implementation.js';
import type { LayeredProblem } from './problem.js';

/** What an implementation of deep and convolutional networks may compute. A missing method is a missing capability. */
export interface LayeredModel {
  /** Θ with all layers trained, n×n. */
  tangentKernel?(problem: LayeredProblem): Promise<DenseMatrix>;
  /** Gradient descent on all layers; outputs after each step in `record` (ascending). */
  train?(problem: LayeredProblem, step: number, record: readonly number[]): Promise<Trajectory<Vector>>;
}
