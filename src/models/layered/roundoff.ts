import { activation } from '../../math/activation.js';
import { squaredNorm } from '../../math/matrix.js';
import type { Arithmetic } from '../implementation.js';
import { CONFIDENCE, inputScales, KINK_SLACK, type TrajectoryRoundoff } from '../two-layer/roundoff.js';
import type { LayeredProblem } from './problem.js';
import { referencePass } from './reference.js';

const rms = (data: Float32Array | Float64Array) => Math.sqrt(squaredNorm(data) / Math.max(1, data.length));

/** Root-mean-square sizes of a layered network and of their rounding errors, to first order. */
interface Scales {
  /** Of f from one forward pass. */
  readonly output: number;
  /** Of the error of an entry of Θ. */
  readonly kernelError: number;
  /** Of what storing the weights after a step changes of f. */
  readonly stored: number;
  /** h in the growth (1 + η h)^t: how much the outputs' gradient turns per step, for a residual of 1. */
  readonly turn: number;
}

/**
 * In the probabilistic rounding model (sums of k terms err by √k u, Higham and Mary 2019) with weights that are as good as random, so that a sum over a
 * layer's inputs is as large as their root mean square: forward, δz_l = ω(δh_{l−1} + (√2 u_in + √k u) h_{l−1}) and δh_l = L δz_l plus the error of φ;
 * backward, every layer above adds the error of φ' (and the slopes that flip at a kink because |z| is below its own error). ω is the root mean square
 * of the weights.
 */
async function scalesOf(problem: LayeredProblem, subject: Arithmetic): Promise<Scales> {
  const errors = await subject.activationError(problem.activation);
  const { inputs: u_in, accumulator: u } = subject.roundoff;
  const phi = activation(problem.activation);
  const jump = phi.negativeSlope === null ? 0 : 1 - phi.negativeSlope;
  const density = 1 / Math.sqrt(2 * Math.PI);
  const sum = (terms: number) => Math.SQRT2 * u_in + (Math.sqrt(terms) + 4) * u;
  let [hidden, hiddenError] = [rms(problem.inputs.data), 0];
  const layers = problem.layers.map(({ weights }) => {
    const omega = rms(weights.data);
    const below = { size: hidden, error: hiddenError };
    const z = omega * hidden;
    const dz = omega * (hiddenError + sum(weights.columns) * hidden);
    hidden = Math.min(phi.valueBound, Math.abs(phi.value(0)) + phi.slopeBound * z);
    hiddenError = phi.slopeBound * dz + errors.value * (1 + z);
    const flipped = (jump * KINK_SLACK * 2 * density * dz) / z;
    const slopeError = errors.slope * (1 + z) + phi.curvatureBound * dz + flipped;
    return { below, omega, slopeError: slopeError + sum(weights.rows) * phi.slopeBound };
  });
  const width = problem.layers.at(-1)!.weights.rows;
  const weightCount = problem.layers.reduce((count, { weights }) => count + weights.data.length, problem.readout.length);
  let kernel = hidden ** 2;
  let kernelError = 2 * hidden * hiddenError + sum(problem.readout.length) * hidden ** 2;
  // ‖H‖/√(n m) of centred hidden values is taken to be that of the inputs, ‖X‖/√(n d): a common mean is learned in the first few steps.
  const { sigma } = inputScales(problem.inputs);
  // |∂f/∂z| of the layer at hand times √(P m), and its error.
  let [backward, backwardError] = [1, 0];
  let turn = 0;
  for (const { below, omega, slopeError } of layers.toReversed()) {
    backwardError = backwardError * phi.slopeBound + backward * slopeError;
    backward *= phi.slopeBound;
    kernel += backward ** 2 * below.size ** 2;
    kernelError += 2 * backward * backwardError * below.size ** 2 + 2 * backward ** 2 * below.size * below.error;
    kernelError += 2 * sum(width) * backward ** 2 * below.size ** 2;
    turn += backward * ((phi.curvatureBound + jump * density) * sigma ** 2 + phi.slopeBound * sigma);
    backward *= omega;
    backwardError *= omega;
  }
  return {
    output: hiddenError + sum(problem.readout.length) * hidden,
    kernelError,
    stored: Math.sqrt(kernel) * u * Math.sqrt(weightCount),
    turn: turn / Math.sqrt(width),
  };
}

/** Roundings are modelled by their standard deviation; a root mean square over a whole kernel averages them. */
const MODEL_SLACK = 2;

/**
 * Bound on the root-mean-square error of the entries of a layered network's tangent kernel, Θ = S_L + Σ_l B_l ∘ S_{l−1} with S_l = ⟨h_l, h_l'⟩/m_l and
 * B_l = φ'φ' averaged and carried down, to first order in the errors. Sizes are those of the float64 forward pass.
 *
 * An entry of S_l averages m_l units, whose products with independent weights round independently: their share is divided by √m_l. What all units have in
 * common is not: the error of S_{l−1}, which S_l takes with the factor |E φ'φ'| + |E φφ''|, and those of φ and φ'. By Price's theorem the error of S_{l−1}
 * moves E φ'φ' by at most sup|φ''|² times as much on the two inputs' covariance, and as much again on their variances. At a kink a slope jumps when the
 * error of z reaches it: the units that are as near as that are counted, and each changes the row and the column of its input by its 1/m.
 */
export async function layeredKernelRoundoff(problem: LayeredProblem, subject: Arithmetic): Promise<number> {
  const errors = await subject.activationError(problem.activation);
  const { inputs: u_in, accumulator: u } = subject.roundoff;
  const phi = activation(problem.activation);
  const jump = phi.negativeSlope === null ? 0 : 1 - phi.negativeSlope;
  const sum = (terms: number) => Math.SQRT2 * u_in + (Math.sqrt(terms) + 4) * u;
  const { patches, preactivations } = referencePass(problem);
  const { positions, readout } = problem;
  const n = problem.inputs.rows;
  // S of the layer below and its error.
  let [below, belowError] = [rms(problem.inputs.data) ** 2, 0];
  // The root-mean-square error of a unit below.
  let unitError = 0;
  const layers = problem.layers.map(({ weights }, l) => {
    const { rows: m, columns: k } = weights;
    const z = preactivations[l]!.data;
    const omega = rms(weights.data);
    const [size, slope] = [rms(z.map(phi.value)), rms(z.map(phi.slope))];
    const own = sum(k) * omega * rms(patches[l]!.data);
    const total = own + omega * unitError;
    const near = z.reduce((count, value) => count + (Math.abs(value) < KINK_SLACK * total ? 1 : 0), 0);
    const far = 1 + rms(z);
    const common = omega ** 2 * belowError;
    const slopesError =
      2 * phi.curvatureBound ** 2 * common + 2 * slope * ((phi.curvatureBound * own) / Math.sqrt(m) + errors.slope * far);
    const products = positions === 1 ? sum(m) + sum(k) : sum(m * k) + sum(positions);
    const flips = (jump * phi.slopeBound * Math.sqrt((2 * near) / n)) / (m * slope ** 2);
    const layer = { m, omega, below, belowError, slopes: slope ** 2, slopesError, products, flips };
    belowError =
      (slope ** 2 + size * phi.curvatureBound) * common + 2 * size * ((slope * own) / Math.sqrt(m) + errors.value * far);
    below = size ** 2;
    unitError = phi.slopeBound * total + errors.value * far;
    return layer;
  });
  let error = belowError + sum(readout.length) * below;
  // What comes down to a layer, with its error.
  let [down, downError] = [rms(readout) ** 2, 0];
  // Jumps of slopes at the layers above change the shares of all layers below.
  let jumps = 0;
  for (const [l, { m, omega, below: size, belowError: sizeError, slopes, slopesError, products, flips }] of [
    ...layers.entries(),
  ].toReversed()) {
    const [carried, carriedError] = [slopes * down, slopesError * down + slopes * downError];
    jumps += flips;
    error += carriedError * size + carried * sizeError + (products + jumps) * carried * size;
    const widthBelow = layers[l - 1]?.m ?? 1;
    [down, downError] = [omega ** 2 * carried, omega ** 2 * (carriedError + (sum(m) * carried) / Math.sqrt(widthBelow))];
  }
  return MODEL_SLACK * error;
}

/** Bound on the root-mean-square error of outputs after each recorded step, as `trajectoryRoundoff` for two layers; `residual` is that of f − y at the start. */
export async function layeredTrajectoryRoundoff(
  problem: LayeredProblem,
  subject: Arithmetic,
  step: number,
  record: readonly number[],
  residual: number,
): Promise<TrajectoryRoundoff> {
  const { output, kernelError, stored, turn } = await scalesOf(problem, subject);
  const growth = 1 + step * turn * residual;
  const after = (t: number, passes: number) =>
    growth ** t * (t * (step * kernelError * residual + stored) + CONFIDENCE * passes * output);
  return {
    outputs: record.map((t) => after(t, 2 + Math.log(Math.max(1, t)))),
    freshOutputs: record.map((t) => after(t, 2 + 2 * Math.sqrt(t))),
  };
}
