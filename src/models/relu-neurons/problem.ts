import { eigenvalues } from '../../linear-algebra/eigenvalues.js';
import { lossValue, type MarginLoss } from '../../math/margin-loss.js';
import { type DenseMatrix, type Matrix32, squaredNorm } from '../../math/matrix.js';
import type { Stream } from '../../math/random.js';

/**
 * A two-layer ReLU network f(x) = Σ_j v_j relu(w_j·x) under gradient flow on L = Σ_i ℓ(y_i f(x_i)), balanced: v_j = s_j ‖w_j‖. Kept in polar form, w_j = ε e^{g_j} u_j,
 * so that no ε under- or overflows.
 */
export interface NeuronProblem {
  /** X, n×d. */
  readonly inputs: Matrix32;
  /** y, ±1. */
  readonly labels: Float32Array;
  /** u_j at the start, h×d, unit rows. */
  readonly directions: Matrix32;
  /** g_j at the start: ln(‖w_j‖/ε). */
  readonly logNorms: Float64Array;
  /** s_j, ±1. */
  readonly signs: Float32Array;
  /** ln ε. */
  readonly logScale: number;
  readonly loss: MarginLoss;
}

/** One step of the integrator: residual weights are frozen within it, masks change at the moments of their events. */
export interface NeuronStep {
  readonly duration: number;
  /** The outputs are large enough to change the residuals within the step: Heun's average of them is taken. */
  readonly visible: boolean;
  /** No mask changes within the step, not even to change back. */
  readonly eventFree: boolean;
}

/** The neurons at one time. */
export interface NeuronState {
  readonly time: number;
  /** u_j, h×d. */
  readonly directions: DenseMatrix;
  /** g_j = ln(‖w_j‖/ε). */
  readonly logNorms: Float64Array;
  /** h×n: 1 where neuron j is active on input i. A state of its own, changed by events alone: signs taken anew would stick at the boundary of S_dead. */
  readonly masks: Uint8Array;
  /** When the masks of each neuron last changed. */
  readonly lastChange: Float64Array;
  /** Events at which a neuron lost an input of its own sign, or gained one of the other. */
  readonly monotonicityViolations: number;
}

/** S_+ for s > 0 and S_− for s < 0 activate exactly the inputs of their sign; S_dead none. */
export function isSettled(
  { labels, signs }: Pick<NeuronProblem, 'labels' | 'signs'>,
  { masks }: NeuronState,
  j: number,
): boolean {
  return (
    isDead(labels.length, masks, j) || labels.every((label, i) => (masks[j * labels.length + i] === 1) === label * signs[j]! > 0)
  );
}

/** Neuron j activates no input. */
export function isDead(n: number, masks: Uint8Array, j: number): boolean {
  return masks.subarray(j * n, (j + 1) * n).every((active) => active === 0);
}

/** f on the inputs, with its scale e^{scale} apart: f_i = e^{scale} · values_i never overflows. */
export function scaledOutputs(
  { inputs, signs, logScale }: NeuronProblem,
  { directions, logNorms, masks }: NeuronState,
): { readonly values: Float64Array; readonly scale: number } {
  const { rows: n, columns: d } = inputs;
  const largest = logNorms.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const values = new Float64Array(n);
  for (const [j, sign] of signs.entries()) {
    const weight = sign * Math.exp(2 * (logNorms[j]! - largest));
    for (let i = 0; i < n; i++) {
      if (masks[j * n + i] === 0) continue;
      let z = 0;
      for (let k = 0; k < d; k++) z += directions.data[j * d + k]! * inputs.data[i * d + k]!;
      values[i] = values[i]! + weight * Math.max(z, 0);
    }
  }
  return { values, scale: 2 * (logScale + largest) };
}

/** f on the inputs; 0 where it underflows. */
export function neuronOutputs(problem: NeuronProblem, state: NeuronState): Float64Array {
  const { values, scale } = scaledOutputs(problem, state);
  return values.map((value) => value * Math.exp(scale));
}

/** L = Σ ℓ(y f). */
export function neuronLoss(problem: NeuronProblem, state: NeuronState): number {
  return neuronOutputs(problem, state).reduce((sum, f, i) => sum + lossValue(problem.loss, problem.labels[i]! * f), 0);
}

/** max y f over the inputs of that label, but at least 0. */
export function largestOutput(problem: NeuronProblem, state: NeuronState, label: number): number {
  return neuronOutputs(problem, state).reduce(
    (most, f, i) => (problem.labels[i] === label ? Math.max(most, label * f) : most),
    0,
  );
}

/** Whether some output of either class exceeds ¼: t₂ of the theorem is the first such time. */
export function bothClassesGrown(problem: NeuronProblem): (state: NeuronState) => boolean {
  return (state) => largestOutput(problem, state, 1) > 0.25 && largestOutput(problem, state, -1) > 0.25;
}

/** ‖W‖_F²/‖W‖² and ln ‖W‖². */
export function stableRank(
  { directions: { rows: h, columns: d, data }, logNorms }: Pick<NeuronState, 'directions' | 'logNorms'>,
  logScale: number,
) {
  const largest = Math.max(...logNorms);
  const gram = new Float64Array(d * d);
  for (let j = 0; j < h; j++) {
    const weight = Math.exp(2 * (logNorms[j]! - largest));
    for (let k = 0; k < d; k++) {
      for (let l = 0; l < d; l++) gram[k * d + l] = gram[k * d + l]! + weight * data[j * d + k]! * data[j * d + l]!;
    }
  }
  const spectrum = eigenvalues({ rows: d, columns: d, data: gram });
  const sum = spectrum.reduce((total, value) => total + value, 0);
  const top = spectrum.at(-1)!;
  return { stableRank: sum / top, logSquaredNorm: Math.log(top) + 2 * (logScale + largest) };
}

/** h neurons w ~ ε N(0, I/d), v = ±‖w‖, both signs present. */
export function drawStart(
  width: number,
  inputDimension: number,
  random: Stream,
): Pick<NeuronProblem, 'directions' | 'logNorms' | 'signs'> {
  const directions = new Float32Array(width * inputDimension);
  const logNorms = new Float64Array(width);
  for (let j = 0; j < width; j++) {
    const row = Float64Array.from({ length: inputDimension }, () => random.gaussian() / Math.sqrt(inputDimension));
    logNorms[j] = Math.log(Math.sqrt(squaredNorm(row)));
    directions.set(
      row.map((entry) => entry / Math.exp(logNorms[j]!)),
      j * inputDimension,
    );
  }
  const signs = Float32Array.from({ length: width }, (_, j) => (j < 2 ? 1 - 2 * j : random.sign()));
  return { directions: { rows: width, columns: inputDimension, data: directions }, logNorms, signs };
}

/** Events of one neuron in one step. On coherent data there are at most 2n; elsewhere a neuron may slide along a boundary, and stays there for the rest of the step. */
export function mostEvents(n: number): number {
  return 2 * n + 4;
}
