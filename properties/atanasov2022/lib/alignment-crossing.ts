import type { LinearInstance, LinearProblem } from '../../../src/models/gradient-flow/instances.js';
import type { FlowState } from '../../../src/models/gradient-flow/problem.js';
import { alignment, kernelMatrix, largestAlignment } from '../../lib/linear-networks.js';

/** frac at which the kernel counts as aligned. */
export const ALIGNED = 0.9;

/**
 * When frac = (A − A_0)/(A_max − A_0) of a linear flow first is `level`: the indices of the states that tell, and the time from these states; null where it never is.
 */
export function alignmentCrossing(
  states: readonly FlowState[],
  drawn: LinearProblem,
  { depth, samples }: Pick<LinearInstance, 'depth' | 'samples'>,
  level: number,
): { readonly record: readonly number[]; readonly timeOf: (recorded: readonly FlowState[]) => number } | null {
  const fraction = (state: FlowState, start: FlowState) => {
    const before = alignment(kernelMatrix(start), drawn);
    return (alignment(kernelMatrix(state), drawn) - before) / (largestAlignment(depth, samples) - before);
  };
  const after = states.findIndex((state) => fraction(state, states[0]!) >= level);
  if (after < 1) return null;
  return {
    record: [0, after - 1, after],
    // Between two steps the logarithm of what is missing falls evenly.
    timeOf: ([start, low, high]) => {
      const missing = [low!, high!].map((state) => Math.log(1 - fraction(state, start!))) as [number, number];
      const part = (Math.log(1 - level) - missing[0]) / (missing[1] - missing[0]);
      return low!.time + part * (high!.time - low!.time);
    },
  };
}
