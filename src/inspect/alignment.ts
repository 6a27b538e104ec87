import type { DataSet } from '../data/data-set.js';
import { evenIndices } from '../math/even-indices.js';
import { type DenseMatrix, type Matrix32, squaredNorm } from '../math/matrix.js';
import { stream } from '../math/random.js';
import { capable } from '../models/capability.js';
import { regressionError } from '../models/gradient-flow/kernel-regression.js';
import type { FlowState, GradientFlowProblem } from '../models/gradient-flow/problem.js';
import { integrate, referenceFlowOutputs } from '../models/gradient-flow/reference.js';
import type { Subject } from '../subject/subject.js';
import { UsageError } from '../support/errors.js';
import { targetAlignment } from '../theory/target-alignment.js';

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
  /** Time at which nine tenths of the change of the alignment are done; at which the loss has halved; null where that was not reached. */
  readonly alignmentTime: number | null;
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
const RECORDED = 40;
const END = 1e-3;

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
      hint: `use the first ones with --samples ${MOST_ALIGNED}`,
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
  const planned = integrate(problem, {
    tolerance: 1e-3,
    end: END,
    rate: 4 * Math.max(size, 1e-3) * Math.sqrt(scale),
    mostAttempts: MOST_ATTEMPTS,
  });
  const reached = planned.losses.at(-1)! / planned.losses[0]!;
  if (reached > END) {
    warnings.push(
      `after ${MOST_ATTEMPTS} steps the loss is ${reached.toPrecision(2)} of the initial one: the inputs are far from whitened, so their directions are learned one after another; whiten them, or use fewer`,
    );
  }
  const record = evenIndices(planned.steps.length, RECORDED);
  const states = await capable(subject, 'flow', 'integrate')(problem, planned.steps, record);
  const kernels: DenseMatrix[] = [];
  for (const { weights: at } of states) kernels.push(await capable(subject, 'flow', 'tangentKernel')(problem, at));
  const measured = states.map((state, k) => measuredAt(problem, state, kernels[k]!));
  const alignment = measured.map((entry) => entry.alignment);
  const time = states.map((state) => state.time);
  const [start, end] = [alignment[0]!, alignment.at(-1)!];
  const alignedAt = alignment.findIndex((value) => Math.abs(value - start) >= 0.9 * Math.abs(end - start));
  const halved = planned.losses.findIndex((loss) => loss <= planned.losses[0]! / 2);
  const learningTime = halved < 0 ? null : planned.states[halved]!.time;
  const alignmentTime = alignedAt < 0 ? null : time[alignedAt]!;
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
    loss: measured.map((entry) => entry.loss),
    alignment,
    kernelNorm: measured.map((entry) => entry.kernelNorm),
    alignmentTime,
    learningTime,
    regressionError: heldOut === 0 ? null : { finalKernel: errorWith(kernels.at(-1)!), initialKernel: errorWith(kernels[0]!) },
    warnings,
  };
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
