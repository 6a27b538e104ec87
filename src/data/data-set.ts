import type { Matrix32 } from '../math/matrix.js';

/** A user's inputs n×d, with labels where there are any. */
export interface DataSet {
  readonly inputs: Matrix32;
  readonly labels: Float32Array | null;
}
