import type { DenseMatrix, Matrix32 } from '../../math/matrix.js';

/**
 * A fully connected network in standard parametrisation, f(x) = W_L φ(W_{L−1} … φ(W_1 x)), linear (φ = id) or ReLU, trained by gradient flow on
 * L = (1/2P) Σ ‖f − y‖².
 */
export interface GradientFlowProblem {
  readonly activation: 'linear' | 'relu';
  /** X, P×D. */
  readonly inputs: Matrix32;
  /** Y, P×C. */
  readonly labels: Matrix32;
  /** Further inputs, P'×D, on which kernels and outputs are wanted; P' may be 0. */
  readonly freshInputs: Matrix32;
  /** W_1 N_1×D, …, W_L C×N_{L−1}. */
  readonly weights: readonly Matrix32[];
}

/** The network at one time of its flow. */
export interface FlowState {
  readonly time: number;
  readonly weights: readonly DenseMatrix[];
}

/** Dormand–Prince 5(4): the rows of its tableau, of which the last is the new state, and the weights of its error estimate. */
export const dormandPrince = {
  stages: [
    [1 / 5],
    [3 / 40, 9 / 40],
    [44 / 45, -56 / 15, 32 / 9],
    [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
    [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
    [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
  ],
  error: [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40],
  order: 5,
} as const;
