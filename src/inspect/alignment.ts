import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { FLOAT32_ROUNDOFF } from '../backend/roundoff.js';
import type { DataSet } from '../data/data-set.js';
import { gram } from '../linear-algebra/products.js';
import { evenIndices } from '../math/even-indices.js';
import { type DenseMatrix, type Matrix32, squaredNorm } from '../math/matrix.js';
import { stream } from '../math/random.js';
import { capable } from '../models/capability.js';
import { regressionError } from '../models/gradient-flow/kernel-regression.js';
import type { FlowState, GradientFlowProblem } from '../models/gradient-flow/problem.js';
import { integrate, type PlannedFlow, referenceFlowKernel, referenceFlowOutputs } from '../models/gradient-flow/reference.js';
import type { Subject } from '../subject/subject.js';
import { UsageError } from '../support/errors.js';
import { significant } from '../support/words.js';
import { targetAlignment } from '../theory/target-alignment.js';
import type { Answer } from './answer.js';

/** What `inspect --alignment --json` prints. */
export interface AlignmentInspection {
  /** Inputs trained on, and held out. */
  readonly n: number;
  readonly heldOut: number;
  readonly d: number;
  readonly m: number;
  /** Weights start from N(0, σ²/fan-in). */
  readonly sigma: number;
  readonly time: number[];
  /** (1/2n) Σ (f − y)². */
  readonly loss: number[];
  /** yᵀKy/(‖K‖_F ‖y‖²) on the inputs trained on. */
  readonly alignment: number[];
  /** ‖K‖_F. */
  readonly kernelNorm: number[];
  /** Least loss of any linear function of the inputs. */
  readonly leastSquaresLoss: number;
  /** Time at which the alignment has first risen by nine tenths of what it rises to the end; null where it does not rise. */
  readonly alignmentTime: number | null;
  /** Time at which the loss has halved; null where that was not reached. */
  readonly learningTime: number | null;
  /** Relative error on the held-out inputs of f_0 + regression with the final kernel, and with the initial one; null without held-out inputs or where the kernel is singular. */
  readonly regressionError: { readonly finalKernel: number | null; readonly initialKernel: number | null } | null;
  readonly warnings: string[];
}

export interface AlignmentOptions {
  readonly activation: string;
  readonly width: number;
  /** Hidden layers. */
  readonly depth: number;
  readonly sigma: number;
  readonly seed: number;
}

/** Inputs whose kernel is followed through training. */
export const MOST_ALIGNED = 300;
const HELD_OUT = 5;
const MOST_ATTEMPTS = 500;
const END = 1e-3;
/** Of a step: small enough that several lie in the fall of the loss. */
const TOLERANCE = 1e-5;
/** States are recorded so near to each other that the loss changes by no more than this part of the initial one, and the alignment of all its change. */
const RESOLUTION = 0.03;
const MOST_RECORDED = 200;
/** The least rise of the alignment that counts as one, as a part of where it starts. */
const RISE = 0.05;
const ALIGNED = 0.9;
/** States that are looked at in any case. */
const FIRST_RECORDED = 20;
/** A loss is above the least one by more than this part of it. */
const UNLEARNED = 0.05;

/**
 * Silent alignment of a drawn network on a user's data: gradient flow from small weights, standard parametrisation; four fifths of the inputs are trained on, the rest
 * held out. The subject computes weights and kernels.
 * @throws UsageError without labels, for too many inputs, or an activation other than linear and relu.
 */
export async function inspectAlignment(
  { inputs, labels }: DataSet,
  { activation, width, depth, sigma, seed }: AlignmentOptions,
  subject: Subject,
): Promise<AlignmentInspection> {
  if (labels === null) throw new UsageError({ problem: '--alignment needs labels', hint: 'add --labels y.npy' });
  if (activation !== 'relu' && activation !== 'linear') {
    throw new UsageError({
      problem: `--alignment does not know ${activation}`,
      expected: 'relu or linear',
      hint: 'choose with --activation',
    });
  }
  if (inputs.rows > MOST_ALIGNED) {
    throw new UsageError({
      problem: 'too many inputs for --alignment, which follows their kernel through training',
      expected: `at most ${MOST_ALIGNED}`,
      found: String(inputs.rows),
      hint: `draw some of them with --samples ${MOST_ALIGNED}`,
    });
  }
  const d = inputs.columns;
  const heldOut = Math.floor(inputs.rows / HELD_OUT);
  const n = inputs.rows - heldOut;
  const part = (from: number, to: number): Matrix32 => ({
    rows: to - from,
    columns: d,
    data: inputs.data.slice(from * d, to * d),
  });
  const random = stream(seed, 'weights');
  const weights = Array.from({ length: depth + 1 }, (_, l): Matrix32 => {
    const [rows, columns] = [l === depth ? 1 : width, l === 0 ? d : width];
    return {
      rows,
      columns,
      data: Float32Array.from({ length: rows * columns }, () => (sigma / Math.sqrt(columns)) * random.gaussian()),
    };
  });
  const targets = labels.slice(0, n);
  const problem: GradientFlowProblem = {
    activation,
    inputs: part(0, n),
    labels: { rows: n, columns: 1, data: targets },
    freshInputs: part(n, inputs.rows),
    weights,
  };
  const warnings: string[] = [];
  // The end is as fast as the kernel there, which is not known beforehand: its size on whitened inputs, times what the inputs add.
  const size = Math.sqrt(squaredNorm(targets) / n);
  const scale = squaredNorm(inputs.data) / inputs.rows;
  const leastSquares = leastSquaresLoss(problem.inputs, targets);
  // What a linear network can learn; what a ReLU network can is not known.
  const least = activation === 'linear' ? leastSquares / (size ** 2 / 2) : 0;
  const end = least + END * (1 - least);
  const planned = integrate(problem, {
    tolerance: TOLERANCE,
    end,
    rate: 4 * Math.max(size, 1e-3) * Math.sqrt(scale),
    mostAttempts: MOST_ATTEMPTS,
  });
  const reached = planned.losses.at(-1)! / planned.losses[0]!;
  if (reached > end && planned.losses.at(-1)! > (1 + UNLEARNED) * leastSquares) {
    warnings.push(
      `after ${MOST_ATTEMPTS} steps the loss is ${reached.toPrecision(2)} of the initial one, and that of the best linear function ${(leastSquares / planned.losses[0]!).toPrecision(2)}: the inputs are far from whitened, so their directions are learned one after another; whiten them, or use fewer`,
    );
  }
  const states = await capable(subject, 'flow', 'integrate')(problem, planned.steps, resolvingIndices(problem, planned));
  const kernels: DenseMatrix[] = [];
  for (const { weights: at } of states) kernels.push(await capable(subject, 'flow', 'tangentKernel')(problem, at));
  const measured = states.map((state, k) => measuredAt(problem, state, kernels[k]!));
  const alignment = measured.map((entry) => entry.alignment);
  const time = states.map((state) => state.time);
  const loss = measured.map((entry) => entry.loss);
  const [start, last] = [alignment[0]!, alignment.at(-1)!];
  const rises = last - start > RISE * Math.abs(start);
  const alignmentTime = rises ? crossing(time, alignment, start + ALIGNED * (last - start)) : null;
  const learningTime = crossing(
    time,
    loss.map((value) => -Math.log(value)),
    Math.log(2 / loss[0]!),
  );
  if (alignmentTime !== null && learningTime !== null && alignmentTime > learningTime) {
    warnings.push('the kernel aligns while the network learns, not before: take a smaller --sigma, or whiten the inputs');
  }
  const errorWith = (kernel: DenseMatrix) => {
    const error = regressionError(problem, states[0]!, states.at(-1)!, kernel);
    return Number.isFinite(error) ? error : null;
  };
  return {
    n,
    heldOut,
    d,
    m: width,
    sigma,
    time,
    loss,
    alignment,
    kernelNorm: measured.map((entry) => entry.kernelNorm),
    leastSquaresLoss: leastSquares,
    alignmentTime,
    learningTime,
    regressionError: heldOut === 0 ? null : { finalKernel: errorWith(kernels.at(-1)!), initialKernel: errorWith(kernels[0]!) },
    warnings,
  };
}

/** Whether the kernel aligns before the network learns. */
export function alignmentAnswer({ alignment, alignmentTime, learningTime }: AlignmentInspection): Answer {
  const learned = learningTime === null ? 'the loss has not halved' : `the loss has halved at time ${significant(learningTime)}`;
  if (alignmentTime === null) {
    const [start, end] = [alignment[0]!, alignment.at(-1)!].map((value) => significant(value));
    const sentence = `No: the kernel does not align with the labels, its alignment goes from ${start} to ${end}; ${learned}.`;
    return { sentence, standing: 'caution' };
  }
  const aligned = `the kernel is aligned at time ${significant(alignmentTime)}, ${learned}.`;
  if (learningTime === null) return { sentence: `Not seen to the end: ${aligned}`, standing: 'caution' };
  return alignmentTime < learningTime
    ? { sentence: `Yes: ${aligned}`, standing: 'good' }
    : { sentence: `No: ${aligned}`, standing: 'caution' };
}

/** Numbers of steps at which to record: the ends, and between two of them what lies in the middle while loss or alignment differ by more than the resolution. */
function resolvingIndices(problem: GradientFlowProblem, { states, losses }: PlannedFlow): number[] {
  const alone = { ...problem, freshInputs: { ...problem.freshInputs, rows: 0, data: new Float32Array(0) } };
  const alignmentAt = (k: number) =>
    targetAlignment(referenceFlowKernel(alone, states[k]!.weights), problem.labels.data).alignment;
  const recorded = new Map(evenIndices(states.length - 1, FIRST_RECORDED).map((k) => [k, alignmentAt(k)]));
  const sorted = () => [...recorded].sort(([a], [b]) => a - b);
  for (let grew = true; grew && recorded.size < MOST_RECORDED; ) {
    const before = recorded.size;
    const known = sorted();
    const seen = known.map(([, alignment]) => alignment);
    const range = Math.max(...seen) - Math.min(...seen);
    for (const [at, [high, there]] of known.entries()) {
      const [low, here] = known[at - 1] ?? [high, there];
      const apart =
        Math.abs(there - here) > RESOLUTION * range || Math.abs(losses[high]! - losses[low]!) > RESOLUTION * losses[0]!;
      const middle = Math.floor((low + high) / 2);
      if (apart && middle > low) recorded.set(middle, alignmentAt(middle));
    }
    grew = recorded.size > before;
  }
  return sorted().map(([k]) => k);
}

/** The time at which values first reach a level, evenly between two of them; null where they never do. */
function crossing(time: readonly number[], values: readonly number[], level: number): number | null {
  const k = values.findIndex((value) => value >= level);
  if (k < 0) return null;
  if (k === 0) return time[0]!;
  const [from, to] = [values[k - 1]!, values[k]!];
  return time[k - 1]! + ((level - from) / (to - from)) * (time[k]! - time[k - 1]!);
}

/** min_w (1/2n) ‖y − Xw‖², with directions of X below single precision left out. */
function leastSquaresLoss(inputs: Matrix32, labels: Float32Array): number {
  const n = inputs.rows;
  const { data } = gram(inputs);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(Matrix.from1DArray(n, n, data), {
    assumeSymmetric: true,
  });
  const largest = Math.max(...realEigenvalues);
  let rest = squaredNorm(labels);
  for (const [k, value] of realEigenvalues.entries()) {
    if (value <= n * FLOAT32_ROUNDOFF * largest) continue;
    let share = 0;
    for (let i = 0; i < n; i++) share += eigenvectorMatrix.get(i, k) * labels[i]!;
    rest -= share ** 2;
  }
  return Math.max(0, rest) / (2 * n);
}

/** Loss, alignment and norm of the kernel on the inputs trained on. */
function measuredAt(problem: GradientFlowProblem, { weights }: FlowState, kernel: DenseMatrix) {
  const { labels, inputs } = problem;
  const n = inputs.rows;
  const outputs = referenceFlowOutputs(problem, weights).data;
  let loss = 0;
  for (let i = 0; i < n; i++) {
    loss += (outputs[i]! - labels.data[i]!) ** 2 / (2 * n);
  }
  const { alignment, norm } = targetAlignment(kernel, labels.data);
  return { loss, kernelNorm: norm, alignment };
}
