import { spectralNorm } from '../../linear-algebra/spectral-norm.js';
import { activation } from '../../math/activation.js';
import { type DenseMatrix, gram, squaredNorm, toFloat64, transposed } from '../../math/matrix.js';
import type { Arithmetic } from '../implementation.js';
import type { StepSizes } from './model.js';
import type { TwoLayerProblem } from './problem.js';
import { frobenius } from './roundoff.js';

/** Standard deviations of a sum of independent roundings that the budget covers: exceeded with probability 2 exp(−λ²/2) = 3·10⁻¹⁴. */
export const CONFIDENCE = 8;
/** Slack for the density of preactivations at a kink while the weights move. */
export const KINK_SLACK = 2;

/** Bounds on the root-mean-square error of outputs, one per recorded step. */
export interface TrajectoryRoundoff {
  readonly outputs: readonly number[];
  readonly freshOutputs: readonly number[];
}

/**
 * Bound on the root-mean-square error of a subject's outputs after each recorded step of gradient descent, in the probabilistic
 * rounding model (Higham and Mary 2019: sums of k terms err by √k u), to first order.
 *
 * In function space f_{t+1} = f_t − (η/n) Θ_t (f_t − y). An error of the forward pass, λ ε_f, enters through (η/n)Θ, whose powers
 * (η/n)Θ(I − (η/n)Θ)^s have norm at most 1/(s + 1): in all λ ε_f (2 + ln t); on fresh inputs only Θ^{1/2} contracts, 1/√(s + 1): λ ε_f (2 + 2√t). Each
 * step adds (η/n)‖δΘ‖ ‖f − y‖ from the errors of φ' and φ, and the rounding of the stored weights; δΘ is an average over m units of which all
 * are taken to err alike, which covers λ standard deviations of independent ones where √m ≥ λ. A kink adds the units whose slope flips
 * because |z| is below its own error. The factor (1 + η h)^t bounds what the curvature of the network makes of these,
 * h = sup|φ''| max|v| r ‖X‖²/(n d √m) with `residual` r the root mean square of f − y (for a kink: its jump times the density of preactivations
 * there), and for two layers their coupling.
 */
export async function trajectoryRoundoff(
  problem: TwoLayerProblem,
  subject: Arithmetic,
  steps: StepSizes,
  record: readonly number[],
  residual: number,
): Promise<TrajectoryRoundoff> {
  const errors = await subject.activationError(problem.activation);
  const { inputs: u_in, accumulator: u } = subject.roundoff;
  const phi = activation(problem.activation);
  const [n, d, m] = [problem.inputs.rows, problem.inputs.columns, problem.secondLayer.length];
  const largestV = problem.secondLayer.reduce((largest, v) => Math.max(largest, Math.abs(v)), 0);
  const { sigma, meanKernel } = inputScales(problem.inputs);
  const weightNorm = Math.sqrt(squaredNorm(problem.firstLayer.data));
  const slopeBound = phi.slopeBound * largestV;

  const z = (sigma * weightNorm) / Math.sqrt(m);
  const dz =
    (Math.SQRT2 * u_in + Math.sqrt(d) * u) * Math.sqrt(squaredNorm(problem.inputs.data) / (n * d)) * (weightNorm / Math.sqrt(m));
  const hidden = Math.min(phi.valueBound, Math.abs(phi.value(0)) + phi.slopeBound * z);
  const hiddenError = phi.slopeBound * dz + errors.value * (1 + z);
  const forwardError = largestV * (hiddenError + (Math.SQRT2 * u_in + Math.sqrt(m) * u) * hidden);
  const jump = phi.negativeSlope === null ? 0 : 1 - phi.negativeSlope;
  const density = 1 / Math.sqrt(2 * Math.PI);
  const curvature = phi.negativeSlope === null ? phi.curvatureBound : jump * density;
  const growth =
    1 +
    (steps.first * curvature * largestV * residual * sigma ** 2) / Math.sqrt(m) +
    (Math.sqrt(steps.first * steps.second) * phi.slopeBound * sigma * residual) / Math.sqrt(m);
  const stored = slopeBound * sigma * u * weightNorm + (steps.second > 0 ? hidden * u * Math.sqrt(m) * largestV : 0);
  const sums = 2 * u_in + (Math.sqrt(n) + 4) * u;

  const coherence = Math.max(1, CONFIDENCE / Math.sqrt(m));

  const after = (t: number, forwardErrors: number) => {
    const drift = t * steps.first * sigma * (residual * (errors.slope * (1 + z) + curvature * dz) + slopeBound * forwardError);
    const flipped = jump * KINK_SLACK * 2 * density * (dz + (sigma * drift) / Math.sqrt(m));
    const slopeError = errors.slope * (1 + z) + phi.curvatureBound * dz + sums * phi.slopeBound + flipped;
    const perStep =
      steps.first * meanKernel * 2 * slopeBound * largestV * slopeError * residual +
      steps.second * 2 * hidden * (hiddenError + sums * hidden) * residual +
      stored;
    return growth ** t * (t * coherence * perStep + CONFIDENCE * forwardErrors * forwardError);
  };
  return {
    outputs: record.map((t) => after(t, 2 + Math.log(Math.max(1, t)))),
    freshOutputs: record.map((t) => after(t, 2 + 2 * Math.sqrt(t))),
  };
}

/** Rounding of (1/n) Σ (f − g)² when the root-mean-square error of f is at most `rms`. */
export function meanSquareRoundoff(meanSquare: number, rms: number): number {
  return 2 * Math.sqrt(meanSquare) * rms + rms * rms;
}

/** ‖X‖/√(nd) and ‖XXᵀ/d‖_F/n, both from the d×d Gram matrix. */
export function inputScales(inputs: DenseMatrix): { sigma: number; meanKernel: number } {
  const x = transposed({ ...inputs, data: toFloat64(inputs.data) });
  const inner = gram(x);
  const scale = inputs.rows * inputs.columns;
  return { sigma: Math.sqrt(spectralNorm(inner).norm / scale), meanKernel: frobenius(inner) / scale };
}
