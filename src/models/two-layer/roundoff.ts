import { gram, inputGram, matmulTransposed } from '../../linear-algebra/products.js';
import { spectralNorm } from '../../linear-algebra/spectral-norm.js';
import { type Activation, activation } from '../../math/activation.js';
import {
  type DenseMatrix,
  dot,
  type Matrix64,
  matrix64,
  rowNorms,
  squaredNorm,
  toFloat64,
  transposed,
} from '../../math/matrix.js';
import type { Arithmetic } from '../implementation.js';
import type { StepSizes, TrainedLayers } from './model.js';
import type { TwoLayerProblem } from './problem.js';

/**
 * Relative error of a sum of `length` products, to be multiplied by Σ|a||b|: 2u_in + u_in² + γ (1 + u_in)² (Higham 2002, §3.1, with rounded factors). γ is the worst
 * case ku/(1 − ku), or for long sums λ√k u/(1 − λ√k u) of roundings that are as good as independent (Higham and Mary 2019), exceeded with probability 3·10⁻¹⁴.
 */
export function productError({ roundoff: { inputs, accumulator } }: Pick<Arithmetic, 'roundoff'>, length: number): number {
  const roundings = Math.min(length, CONFIDENCE * Math.sqrt(length)) * accumulator;
  const gamma = roundings / (1 - roundings);
  return 2 * inputs + inputs ** 2 + gamma * (1 + inputs) ** 2;
}

/** Errors of the hidden layer on some inputs. */
export interface Forward {
  readonly phi: Activation;
  /** ‖x_i‖/√d. */
  readonly norms: Float64Array;
  readonly largestWeight: number;
  /** Bound on |δz_i|, the error of a preactivation of input i. */
  readonly preactivation: Float64Array;
}

/** Worst-case errors of Z = X Wᵀ/√d on inputs n×d. */
export function forwardErrors(problem: TwoLayerProblem, subject: Arithmetic, inputs: DenseMatrix): Forward {
  const phi = activation(problem.activation);
  const { columns } = inputs;
  const largestWeight = rowNorms(problem.firstLayer).reduce((largest, norm) => Math.max(largest, norm), 0);
  const norms = rowNorms(inputs).map((norm) => norm / Math.sqrt(columns));
  const relative = productError(subject, columns) + 2 * subject.roundoff.accumulator;
  return { phi, norms, largestWeight, preactivation: norms.map((norm) => relative * norm * largestWeight) };
}

/**
 * Bound on |δf(x_i)| for a subject's outputs on inputs n×d: (1/√m) Σ_r |v_r| (|δφ_i| + g_m |φ_i|), with |δφ_i| ≤ L|δz_i| plus the error of φ.
 */
export async function outputRoundoff(problem: TwoLayerProblem, subject: Arithmetic, inputs: DenseMatrix): Promise<Float64Array> {
  const errors = await subject.activationError(problem.activation);
  const { phi, norms, largestWeight, preactivation } = forwardErrors(problem, subject, inputs);
  const width = problem.secondLayer.length;
  const total = problem.secondLayer.reduce((sum, v) => sum + Math.abs(v), 0) / Math.sqrt(width);
  return preactivation.map((dz, i) => {
    const z = norms[i]! * largestWeight;
    const value = Math.min(phi.valueBound, Math.abs(phi.value(0)) + phi.slopeBound * z);
    return (
      total *
      (phi.slopeBound * dz + errors.value * (1 + z) + (productError(subject, width) + 4 * subject.roundoff.accumulator) * value)
    );
  });
}

/** Roundings of the elementwise operations around a product: scaling by v, by 1/m and by K. */
const ELEMENTWISE = 4;

/** Bounds on the error of a computed kernel. */
export interface KernelRoundoff {
  /** Of each entry, n×n. */
  readonly entries: Matrix64;
  /** Of its spectral norm. */
  readonly norm: number;
  /** Of 1ᵀΘ1/n, its quadratic form at u = 1/√n. */
  readonly mean: number;
}

/** √((1/m) Σ_r z_ir²) of each input i. */
function rootMeanSquarePreactivations({ inputs, firstLayer, secondLayer }: TwoLayerProblem): Float64Array {
  const [n, d] = [inputs.rows, inputs.columns];
  const square = gram(transposed({ ...firstLayer, data: toFloat64(firstLayer.data) }));
  const x = toFloat64(inputs.data);
  const products = matmulTransposed({ ...inputs, data: x }, square).data;
  return Float64Array.from({ length: n }, (_, i) =>
    Math.sqrt(Math.max(0, dot(x, i * d, products, i * d, d)) / (d * secondLayer.length)),
  );
}

/**
 * Bound on |Θ_computed − Θ|, n×n, for a subject with the given roundoff; K = XXᵀ/d may be given. First layer, per entry:
 * |K_ij| v² [L(δ_i + δ_j) + δ_i δ_j + g_m L²] plus the error of K itself, where δ_i bounds the error of φ'(z_ir) in the mean over units and g_k is
 * `productError`: all units may err alike by what φ' is off, while the roundings of their preactivations are independent but within a symmetric pair, so that the mean of m has
 * λ√(2/m) of their error (Higham and Mary 2019). Second layer: the same with φ. For a kinked φ, a unit whose |z_ir| is below its own rounding may take the other slope:
 * |ΔΘ_ij| ≤ (jump·L/m) |K_ij| Σ_r v_r² [i or j ambiguous at r].
 */
export async function kernelRoundoff(
  problem: TwoLayerProblem,
  subject: Arithmetic,
  layers: TrainedLayers,
  gram: Matrix64 = inputGram(problem.inputs),
): Promise<KernelRoundoff> {
  const errors = await subject.activationError(problem.activation);
  const { phi, norms, largestWeight, preactivation } = forwardErrors(problem, subject, problem.inputs);
  const [n, width] = [problem.inputs.rows, problem.secondLayer.length];
  // (1/m) Σ v² |δ| ≤ √(mean v⁴) × the root mean square of δ.
  const weight = Math.sqrt(problem.secondLayer.reduce((sum, v) => sum + v ** 4, 0) / width);
  const sizes = rootMeanSquarePreactivations(problem);
  const { inputs: u_in, accumulator: u } = subject.roundoff;
  const independent = 2 * u_in + CONFIDENCE * Math.sqrt((2 * (problem.inputs.columns + 2)) / width) * u;
  const meanError = preactivation.map((worst, i) => Math.min(worst, independent * norms[i]! * largestWeight));
  const sum = productError(subject, width) + ELEMENTWISE * subject.roundoff.accumulator;
  const gramError = productError(subject, problem.inputs.columns) + subject.roundoff.accumulator;
  const slopeError = meanError.map((dz, i) => errors.slope * (1 + sizes[i]!) + phi.curvatureBound * dz);
  const valueError = meanError.map((dz, i) => errors.value * (1 + sizes[i]!) + phi.slopeBound * dz);
  const values = sizes.map((z) => Math.min(phi.valueBound, Math.abs(phi.value(0)) + phi.slopeBound * z));
  const kinks = layers === 'second' ? new Float64Array(n) : ambiguousSlopes(problem, preactivation, largestWeight);
  const [first, second] = [layers !== 'second', layers !== 'first'];
  const { slopeBound } = phi;
  const entries = matrix64(n, n);
  for (let i = 0; i < n; i++) {
    const [slopeAt, valueAt, valueErrorAt, kinksAt, normAt] = [slopeError[i]!, values[i]!, valueError[i]!, kinks[i]!, norms[i]!];
    for (let j = 0; j < n; j++) {
      let bound = 0;
      if (first) {
        const inner = Math.abs(gram.data[i * n + j]!);
        const other = slopeError[j]!;
        const product = slopeBound * (slopeAt + other) + slopeAt * other + sum * slopeBound ** 2;
        bound += inner * (kinksAt + kinks[j]!);
        bound += weight * (inner * product + gramError * normAt * norms[j]! * slopeBound ** 2);
      }
      if (second) {
        const [value, error] = [values[j]!, valueError[j]!];
        bound += valueAt * error + value * valueErrorAt + valueErrorAt * error + sum * valueAt * value;
      }
      entries.data[i * n + j] = bound;
    }
  }
  return { entries, norm: frobenius(entries), mean: entries.data.reduce((total, bound) => total + bound, 0) / n };
}

/** (jump·L/m) Σ_r v_r² over the units whose preactivation at input i lies within its rounding of the kink; 0 for a smooth activation. */
function ambiguousSlopes(
  { activation: name, inputs, firstLayer, secondLayer }: TwoLayerProblem,
  rounding: Float64Array,
  largestWeight: number,
): Float64Array {
  const { negativeSlope, slopeBound } = activation(name);
  const [n, d, m] = [inputs.rows, inputs.columns, secondLayer.length];
  const counts = new Float64Array(n);
  if (negativeSlope === null || largestWeight === 0) return counts;
  const lengths = rowNorms(firstLayer);
  const products = matmulTransposed(firstLayer, inputs).data;
  for (let r = 0; r < m; r++) {
    // `rounding` is for the longest w; it scales with ‖w_r‖.
    const scale = (lengths[r]! / largestWeight) * Math.sqrt(d);
    const weight = ((1 - negativeSlope) * slopeBound * secondLayer[r]! ** 2) / m;
    for (let i = 0; i < n; i++) if (Math.abs(products[r * n + i]!) <= scale * rounding[i]!) counts[i] = counts[i]! + weight;
  }
  return counts;
}

/** ‖A‖_F, an upper bound of the spectral norm of anything that A bounds entrywise. */
export function frobenius({ data }: Matrix64): number {
  return Math.sqrt(squaredNorm(data));
}

/** Standard deviations of a sum of independent roundings that the budget covers: exceeded with probability 2 exp(−λ²/2) = 3·10⁻¹⁴. */
export const CONFIDENCE = 8;
/** Slack for the density of preactivations at a kink while the weights move. */
export const KINK_SLACK = 2;

/** Bounds on the root-mean-square error of outputs, one per recorded step. */
export interface TrajectoryRoundoff {
  readonly outputs: readonly number[];
  readonly freshOutputs: readonly number[];
}

/** Roundings of the elementwise operations around a gradient. */
const AROUND_GRADIENT = 4;

/** A normal number is larger with probability 10⁻⁹. */
export const UNLIKELY_DEVIATIONS = 6.1;
/** So is a Poisson number with that mean. */
const mostOf = (mean: number) => mean + UNLIKELY_DEVIATIONS * Math.sqrt(mean) + UNLIKELY_DEVIATIONS;

/**
 * Bound on the root-mean-square error of a subject's outputs after each recorded step of gradient descent, to first order, in the probabilistic rounding model
 * (Higham and Mary 2019: a sum of k terms errs by √k u times the root mean square of its partial sums). `residuals` are the root mean squares of f − y at step 0
 * and at the recorded steps; between two of them the larger holds.
 *
 * Errors are of two kinds. What a subject always does alike, as φ' that is off or inputs that are cut, adds up over t steps; roundings of sums are drawn anew
 * and add in squares. The latter err in each of m units and n inputs by themselves, e = J g with independent g, so that ‖e‖ ≤ ‖J‖_F + λ‖J‖
 * times their size; ‖J‖_F²/n ≤ L²v² mean ‖x‖²/d and ‖J‖²/n ≤ L²v²σ², σ² = ‖XXᵀ‖/(nd). In function space f_{t+1} = f_t − (η/n) Θ_t (f_t − y): an error of
 * the forward pass enters through (η/n)Θ, whose powers (η/n)Θ(I − (η/n)Θ)^s have norm at most 1/(s + 1), on fresh inputs 1/√(s + 1), as only Θ^{1/2} contracts
 * there. A kink adds the units whose |z| is below its own error: their number is Poisson, each with the other slope. The curvature of the network makes of all
 * this at most ∏(1 + η h r_s), h = sup|φ''| max|v| σ²/√m (for a kink: its jump times the density of preactivations there), and for two layers
 * their coupling.
 */
export async function trajectoryRoundoff(
  problem: TwoLayerProblem,
  subject: Arithmetic,
  steps: StepSizes,
  record: readonly number[],
  residuals: readonly number[],
): Promise<TrajectoryRoundoff> {
  const errors = await subject.activationError(problem.activation);
  const { inputs: u_in, accumulator: u } = subject.roundoff;
  const phi = activation(problem.activation);
  const [n, d, m] = [problem.inputs.rows, problem.inputs.columns, problem.secondLayer.length];
  const v = problem.secondLayer.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
  const { sigma, meanKernel } = inputScales(problem.inputs);
  const lengths = rowNorms(problem.inputs);
  const size = Math.sqrt(squaredNorm(problem.inputs.data) / (n * d));
  // Rows of K that are longer than the root mean square of them all.
  const uneven = (Math.max(...lengths) / (size * Math.sqrt(d))) ** 2;
  const weightSize = Math.sqrt(squaredNorm(problem.firstLayer.data) / (m * d));
  const slope = phi.slopeBound;

  const z = sigma * weightSize * Math.sqrt(d);
  const hidden = Math.min(phi.valueBound, Math.abs(phi.value(0)) + slope * z);
  const always = { z: Math.SQRT2 * u_in * z, value: errors.value * (1 + z), slope: errors.slope * (1 + z) };
  const anew = Math.sqrt(d) * u * z;
  const cut = Math.SQRT2 * u_in;
  const jump = phi.negativeSlope === null ? 0 : 1 - phi.negativeSlope;
  const density = 1 / Math.sqrt(2 * Math.PI);
  const curvature = phi.negativeSlope === null ? phi.curvatureBound : jump * density;

  const forward = {
    anew: v * (slope * anew + Math.sqrt(m) * u * hidden),
    always: v * (slope * always.z + always.value + cut * hidden),
  };
  const spread = size + CONFIDENCE * sigma;
  const kernelSpread = uneven * (meanKernel + CONFIDENCE * sigma ** 2);
  const { first, second } = steps;
  const perResidual = {
    always:
      first * meanKernel * v ** 2 * slope * (always.slope + phi.curvatureBound * always.z + cut * slope) +
      second * hidden * (slope * always.z + always.value + 2 * cut * hidden),
    anew: Math.hypot(
      (first * v ** 2 * slope ** 2 * Math.sqrt(n) * u * sigma * spread) / Math.sqrt(m * d),
      (first * v ** 2 * slope * (phi.curvatureBound * anew + AROUND_GRADIENT * u * slope) * kernelSpread) / Math.sqrt(n * m),
      ((1 + CONFIDENCE) * second * hidden * (slope * anew + AROUND_GRADIENT * u * hidden)) / Math.sqrt(n * m),
      ((1 + CONFIDENCE) * second * hidden ** 2 * Math.sqrt(n) * u) / Math.sqrt(m),
    ),
  };
  const stored = Math.hypot(
    first > 0 ? u * weightSize * slope * v * spread : 0,
    second > 0 ? (1 + CONFIDENCE) * u * hidden * v : 0,
  );
  /** Of one unit that takes the other slope at one input, once. */
  const flip = (first * v ** 2 * slope * jump * kernelSpread) / (n * m);
  const amplification = (first * curvature * v * sigma ** 2 + Math.sqrt(first * second) * slope * sigma) / Math.sqrt(m);

  let [done, sum, squares] = [0, 0, 0];
  let largest = residuals[0]!;
  const at = record.map((t, k) => {
    const here = Math.max(residuals[k]!, residuals[k + 1]!);
    largest = Math.max(largest, here);
    sum += (t - done) * here;
    squares += (t - done) * here ** 2;
    done = t;
    const drift = sum * perResidual.always + Math.sqrt(squares) * perResidual.anew + Math.sqrt(t) * stored;
    const ambiguous = KINK_SLACK * 2 * density * (anew + always.z + drift / Math.sqrt(m));
    const flips = jump === 0 ? 0 : flip * largest * Math.sqrt(mostOf(t * n * m * ambiguous));
    return { t, growth: Math.exp(amplification * sum), grown: drift + flips };
  });
  const independent = (inputs: number) => 1 + CONFIDENCE / Math.sqrt(Math.max(1, inputs));
  const bounds = (count: number, powers: (t: number) => { readonly anew: number; readonly always: number }) =>
    at.map(({ t, growth, grown }) => {
      const through = powers(Math.max(1, t));
      return growth * (grown + through.anew * independent(count) * forward.anew + CONFIDENCE * through.always * forward.always);
    });
  return {
    outputs: bounds(n, (t) => ({ anew: Math.sqrt(1 + Math.PI ** 2 / 6), always: 2 + Math.log(t) })),
    freshOutputs: bounds(Math.min(n, problem.freshInputs.rows), (t) => ({
      anew: Math.sqrt(2 + Math.log(t)),
      always: 2 + 2 * Math.sqrt(t),
    })),
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
