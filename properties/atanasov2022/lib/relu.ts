import type { Laboratory } from '../../../src/claim/claim.js';
import type { DenseMatrix, Matrix32 } from '../../../src/math/matrix.js';
import { stream } from '../../../src/math/random.js';
import { capable } from '../../../src/models/capability.js';
import { gaussianLayer } from '../../../src/models/gradient-flow/instances.js';
import { regressionError } from '../../../src/models/gradient-flow/kernel-regression.js';
import type { FlowState, GradientFlowProblem } from '../../../src/models/gradient-flow/problem.js';
import { integrate, referenceFlowKernel } from '../../../src/models/gradient-flow/reference.js';
import { checkedFlow } from '../../../src/models/gradient-flow/roundoff.js';

export const FRESH = 64;
export const END = 1e-4;

export function twoLayers(d: number, width: number, sigma: number, seed: number): Matrix32[] {
  const random = stream(seed, 'weights');
  return [gaussianLayer(width, d, sigma / Math.sqrt(d), random), gaussianLayer(1, width, sigma / Math.sqrt(width), random)];
}

/** The larger of err_∞/.05 and 5 err_∞/err_0: below 1, the final kernel predicts the network and the initial one does not. */
export async function measureRelu(
  problem: GradientFlowProblem,
  rate: number,
  kernel: 'final' | 'initial',
  { subject }: Laboratory,
  edge = false,
) {
  const planned = integrate(problem, { tolerance: 1e-3, end: END, rate: 2 * rate });
  const record = [0, planned.steps.length];
  const flow = await checkedFlow(problem, planned, record, subject);
  const errorOf = (states: readonly FlowState[], at: 0 | 1, of: (weights: readonly DenseMatrix[]) => DenseMatrix) =>
    regressionError(problem, states[0]!, states[1]!, of(states[at]!.weights));
  const inFloat64 = (weights: readonly DenseMatrix[]) => referenceFlowKernel(problem, weights);
  const measured = (states: readonly FlowState[], of: (weights: readonly DenseMatrix[]) => DenseMatrix) => {
    const initial = errorOf(states, 0, of);
    const predicted = kernel === 'final' ? errorOf(states, 1, of) : initial;
    return { predicted, initial, observed: Math.max(predicted / 0.05, (5 * predicted) / initial) };
  };
  const quantity = (states: readonly FlowState[]) => measured(states, inFloat64).observed;
  // At a scope edge units switch while the network learns, and rounding may switch others: another network then, which the violation must hold for as well.
  const { observed, roundoff, rounding } = edge
    ? { observed: quantity(flow.states), roundoff: 0, rounding: null }
    : flow.carried(quantity, 1, 20);
  // The subject's own kernels at its final weights must give the same prediction.
  const own = await capable(subject, 'flow', 'tangentKernel')(problem, flow.states[1]!.weights);
  const { predicted, initial } = measured(flow.states, inFloat64);
  return {
    observed,
    bound: 1,
    roundoff,
    quantities: {
      ...(kernel === 'final' && { finalKernelError: predicted }),
      initialKernelError: initial,
      bySubjectsKernel: regressionError(problem, flow.states[0]!, flow.states[1]!, own),
      steps: planned.steps.length,
    },
    rounding,
  } as const;
}

export interface ReluTheory {
  readonly kernel: 'final' | 'initial';
}

export const statement =
  'two-layer ReLU network: regression with the final kernel predicts f_∞ − f_0 on fresh inputs within 5 %, with at most a fifth of the error that the initial kernel makes';

export const formula = String.raw`\operatorname{err}(K_\infty) \le \min\bigl\{0.05,\, \tfrac15 \operatorname{err}(K_0)\bigr\}, \quad \operatorname{err}(K) = \frac{\left\lVert f_\infty - f_0 - k^{\mathsf T} K^{-1} \bigl(f_\infty(X) - f_0(X)\bigr) \right\rVert}{\lVert f_\infty \rVert}`;
