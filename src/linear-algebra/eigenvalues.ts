import type { Matrix64 } from '../math/matrix.js';
import { MeasurementError } from '../support/errors.js';
import { float64 } from './float64.js';

/** The eigenvalues of a symmetric n×n matrix, ascending. @throws MeasurementError where an entry is not finite. */
export function eigenvalues({ rows: n, data }: Matrix64): Float64Array {
  return float64.run(({ eigenvalues: compute }, stack) => {
    const [matrix, values, scratch] = [stack.put(data), stack.room(n), stack.room(2 * n)];
    if (compute(matrix, n, values, scratch) === 0) {
      throw new MeasurementError({ problem: 'eigenvalues did not converge', hint: 'look for entries that are not finite' });
    }
    return stack.read(values, n).sort();
  });
}
