/** A symmetric tridiagonal matrix T: its diagonal, and the numbers beside it, of which there are one fewer or more. */
export interface Tridiagonal {
  readonly diagonal: readonly number[];
  readonly beside: readonly number[];
}

/** The outer eigenvalues of T, by bisection to the last bits. */
export interface Ends {
  readonly smallest: number;
  readonly largest: number;
  /** The larger of their sizes. */
  readonly norm: number;
  /** Size of the last entry of the unit eigenvector of the one that is larger in size. */
  readonly last: number;
}

export function tridiagonalEnds(t: Tridiagonal): Ends {
  const { diagonal, beside } = t;
  const size = diagonal.length;
  const radius = diagonal.map((_, k) => Math.abs(beside[k - 1] ?? 0) + (k + 1 < size ? Math.abs(beside[k]!) : 0));
  const low = Math.min(...diagonal.map((entry, k) => entry - radius[k]!));
  const high = Math.max(...diagonal.map((entry, k) => entry + radius[k]!));
  const smallest = bisected(t, low, high, 1);
  const largest = bisected(t, low, high, size);
  const outer = Math.abs(smallest) > Math.abs(largest) ? smallest : largest;
  return { smallest, largest, norm: Math.abs(outer), last: lastEntry(t, outer) };
}

/** The k-th eigenvalue, which is in the range. */
function bisected(t: Tridiagonal, low: number, high: number, k: number): number {
  const resolution = Number.EPSILON * Math.max(Math.abs(low), Math.abs(high));
  let [from, to] = [low, high];
  while (to - from > resolution) {
    const middle = from + (to - from) / 2;
    if (countBelow(t, middle) >= k) to = middle;
    else from = middle;
  }
  return k === 1 ? from : to;
}

/** Eigenvalues below x: the negative pivots of T − xI (Sturm; Golub and Van Loan 2013, §8.4). */
function countBelow({ diagonal, beside }: Tridiagonal, x: number): number {
  let count = 0;
  let pivot = 1;
  for (let k = 0; k < diagonal.length; k++) {
    pivot = diagonal[k]! - x - (k === 0 ? 0 : beside[k - 1]! ** 2 / pivot);
    if (pivot === 0) pivot = -Number.MIN_VALUE;
    if (pivot < 0) count++;
  }
  return count;
}

/** From the end upwards, where the eigenvector of an outer eigenvalue grows. */
function lastEntry({ diagonal, beside }: Tridiagonal, eigenvalue: number): number {
  let last = 1;
  let [below, entry] = [0, 1];
  let sum = 1;
  for (let k = diagonal.length - 1; k > 0; k--) {
    const next = ((eigenvalue - diagonal[k]!) * entry - (k + 1 < diagonal.length ? beside[k]! : 0) * below) / beside[k - 1]!;
    [below, entry] = [entry, next];
    sum += next * next;
    if (sum > 1e200) {
      last /= 1e100;
      below /= 1e100;
      entry /= 1e100;
      sum /= 1e200;
    }
  }
  return last / Math.sqrt(sum);
}

/** Whether shift·I − T² − β² e eᵀ, with e the last unit vector, is positive definite: all pivots of a matrix with two diagonals beside its own are. */
export function positiveDefinite(shift: number, { diagonal, beside }: Tridiagonal, beta: number): boolean {
  const size = diagonal.length;
  let [before, beforeThat] = [1, 1];
  let carried = 0;
  for (let k = 0; k < size; k++) {
    const [above, right] = [k > 0 ? beside[k - 1]! : 0, k + 1 < size ? beside[k]! : beta];
    // Row k of the matrix is (…, far, near, own).
    const own = shift - diagonal[k]! ** 2 - above ** 2 - right ** 2;
    const near = k > 0 ? -above * (diagonal[k - 1]! + diagonal[k]!) : 0;
    const far = k > 1 ? -beside[k - 2]! * above : 0;
    const eliminated = near - far * carried;
    const pivot = own - (k > 1 ? far ** 2 / beforeThat : 0) - (k > 0 ? eliminated ** 2 / before : 0);
    if (!(pivot > 0)) return false;
    // L_{k,k−1}: what the next row's far entry meets.
    carried = k > 0 ? eliminated / before : 0;
    [beforeThat, before] = [before, pivot];
  }
  return true;
}
