import { setImmediate } from 'node:timers/promises';
import { inputGram, matmulTransposed } from '../linear-algebra/products.js';
import type { DenseMatrix, Matrix64 } from '../math/matrix.js';
import { type Stream, stream } from '../math/random.js';
import { DisagreementError } from '../support/errors.js';
import { capable, type Families, trainingOfWeights } from './capability.js';
import type { Implementation, Trajectory, Vector } from './implementation.js';
import type { LayeredProblem } from './layered/problem.js';
import { referenceLayered, referenceLayeredKernelTimes } from './layered/reference.js';
import { layeredKernelRoundoff, layeredTrajectoryRoundoff } from './layered/roundoff.js';
import type { StepSizes, TrainedLayers, WeighedTrajectory } from './two-layer/model.js';
import type { Data, TwoLayerProblem } from './two-layer/problem.js';
import { referenceTwoLayer } from './two-layer/reference.js';
import {
  type KernelRoundoff,
  kernelRoundoff,
  type TrajectoryRoundoff,
  trajectoryRoundoff,
  UNLIKELY_DEVIATIONS,
} from './two-layer/roundoff.js';

/** What is compared with the float64 reference. */
export type ComparedSubject = Implementation & Families;

const reference: Families = { twoLayer: referenceTwoLayer, layered: referenceLayered };
/** Whether the subject is that reference itself. */
const isReference = ({ twoLayer, layered }: Families) => twoLayer === reference.twoLayer && layered === reference.layered;

/**
 * Inputs on whose block of a kernel the subject is compared with the float64 reference, drawn anew for each case: whole kernels up to that size, and of n inputs
 * any given entry with probability (k/n)² a case.
 */
const COMPARED_INPUTS = 128;

/**
 * Multiplications that a comparison may cost, some hundredths of a second: of trajectories the first recorded steps are compared, as many as that allows; of one in
 * three, drawn by its inputs, all steps where that takes no more than some tenths.
 */
const AFFORDABLE_MULTIPLICATIONS = 3e7;
const AFFORDABLE_IN_ONE_OF_THREE = 5e8;

/** A subject's kernel with K = XXᵀ/d, bounds on its error, derived when asked for, and the largest error seen over its budget. */
export interface CheckedKernel {
  readonly kernel: DenseMatrix;
  readonly gram: Matrix64;
  readonly roundoff: () => Promise<KernelRoundoff>;
  readonly rounding: number | null;
}

/**
 * The subject's tangent kernel, compared entry by entry with the float64 reference on 128 inputs drawn at random, or on all where there are fewer.
 * @throws DisagreementError when the difference exceeds what rounding explains: then nothing measured on it says anything of a theorem.
 */
export async function checkedTangentKernel(
  problem: TwoLayerProblem,
  layers: TrainedLayers,
  subject: ComparedSubject,
): Promise<CheckedKernel> {
  const { part, of } = comparedPart(problem);
  const [kernel, { gram, expected }] = await atOnce(capable(subject, 'twoLayer', 'tangentKernel')(problem, layers), async () => ({
    gram: inputGram(problem.inputs),
    expected: isReference(subject) ? null : await capable(reference, 'twoLayer', 'tangentKernel')(part, layers),
  }));
  let budget: Promise<KernelRoundoff> | null = null;
  const roundoff = () => {
    budget ??= kernelRoundoff(problem, subject, layers, gram);
    return budget;
  };
  if (!expected) return { kernel, gram, roundoff, rounding: null };
  const { entries } = await kernelRoundoff(part, subject, layers);
  const found = of(kernel);
  let rounding = 0;
  for (let k = 0; k < found.length; k++) {
    const ratio = Math.abs(found[k]! - expected.data[k]!) / entries.data[k]!;
    if (!(ratio <= 1)) refuse(subject, 'an entry of a tangent kernel', expected.data[k]!, found[k]!, entries.data[k]!);
    rounding = Math.max(rounding, ratio);
  }
  return { kernel, gram, roundoff, rounding };
}

/**
 * What the subject computes, on a device or in a process of its own perhaps, and meanwhile what is computed here.
 * @throws what the subject's computation throws, before what the one here does.
 */
async function atOnce<T, R>(theirs: Promise<T>, here: () => Promise<R>): Promise<[T, R]> {
  theirs.catch(() => {});
  // The commands are on their way only once whoever sends them had a turn.
  await setImmediate();
  const [ours] = await Promise.allSettled([here()]);
  const computed = await theirs;
  if (ours.status === 'rejected') throw ours.reason;
  return [computed, ours.value];
}

/** The problem on the inputs that are compared, and the block that they have of a kernel on all. */
function comparedPart(problem: TwoLayerProblem): {
  readonly part: TwoLayerProblem;
  readonly of: (kernel: DenseMatrix) => Float64Array;
} {
  const { rows: n, columns: d, data } = problem.inputs;
  // Named by the inputs themselves, so that another case has another block, and the same case the same.
  const random = stream('compared inputs', ...data.subarray(0, 4));
  const taken = chosen(n, Math.min(n, COMPARED_INPUTS), random);
  const inputs = { rows: taken.length, columns: d, data: new Float32Array(taken.length * d) };
  taken.forEach((i, row) => {
    inputs.data.set(data.subarray(i * d, (i + 1) * d), row * d);
  });
  return {
    part: { ...problem, inputs, labels: Float32Array.from(taken, (i) => problem.labels[i]!) },
    of: (kernel) => {
      const block = new Float64Array(taken.length ** 2);
      let k = 0;
      for (const i of taken) for (const j of taken) block[k++] = kernel.data[i * n + j]!;
      return block;
    },
  };
}

/** So many of 0 … n − 1 in ascending order, each set as likely as any other. */
function chosen(n: number, count: number, random: Stream): number[] {
  const taken: number[] = [];
  for (let i = 0; taken.length < count; i++) if (random.uniform() * (n - i) < count - taken.length) taken.push(i);
  return taken;
}

/** A subject's trajectory, with a bound on the root-mean-square error of its outputs at each recorded step. */
export interface CheckedTrajectory<T extends Trajectory<Vector> = Trajectory<Vector>> {
  readonly trajectory: T;
  readonly roundoff: TrajectoryRoundoff;
  readonly rounding: number | null;
}

/** As `checkedTangentKernel`, for the outputs of gradient descent at the recorded steps, in root mean square. */
export function checkedTrajectory(
  problem: TwoLayerProblem,
  steps: StepSizes,
  record: readonly number[],
  subject: ComparedSubject,
): Promise<CheckedTrajectory> {
  return checkedDescent(problem, steps, record, subject, (trainee) => capable(trainee, 'twoLayer', 'train'));
}

/** The same with the weights after the last step. */
export function checkedWeights(
  problem: TwoLayerProblem,
  steps: StepSizes,
  record: readonly number[],
  subject: ComparedSubject,
): Promise<CheckedTrajectory<WeighedTrajectory<Vector>>> {
  return checkedDescent(problem, steps, record, subject, trainingOfWeights);
}

function checkedDescent<T extends Trajectory<Vector>>(
  problem: TwoLayerProblem,
  steps: StepSizes,
  record: readonly number[],
  subject: ComparedSubject,
  descend: (trainee: Families) => (problem: TwoLayerProblem, steps: StepSizes, record: readonly number[]) => Promise<T>,
): Promise<CheckedTrajectory<T>> {
  const multiplications = 2 * problem.inputs.data.length * problem.secondLayer.length;
  return compared(problem, multiplications, record, subject, {
    train: (trainee, at) => descend(trainee)(problem, steps, at),
    roundoff: (residuals) => trajectoryRoundoff(problem, subject, steps, record, residuals),
  });
}

/** The same for a layered network, all layers trained with one step size. */
export async function checkedLayeredTrajectory(
  problem: LayeredProblem,
  step: number,
  record: readonly number[],
  subject: ComparedSubject,
): Promise<CheckedTrajectory> {
  return compared(problem, 3 * forwardMultiplications(problem), record, subject, {
    train: (trainee, at) => capable(trainee, 'layered', 'train')(problem, step, at),
    roundoff: (residuals) => layeredTrajectoryRoundoff(problem, subject, step, record, Math.max(...residuals)),
  });
}

/**
 * The subject's tangent kernel of a layered network. The whole of it is compared with the float64 reference by its product with random signs r (Freivalds):
 * errors E of the entries with root mean square ε, which do not know of r, make ‖E r‖² a quadratic form of signs with mean n² ε², whose root exceeds
 * its mean's by a factor λ with no more than the probability of a normal number beyond λ, whatever E: that is the case of rank one.
 */
export async function checkedLayeredKernel(
  problem: LayeredProblem,
  subject: ComparedSubject,
): Promise<{ readonly kernel: DenseMatrix; readonly rounding: number | null }> {
  const { rows: n, data } = problem.inputs;
  const random = stream('signs of a product', ...data.subarray(0, 4));
  const signs = Float64Array.from({ length: n }, () => random.sign());
  const [kernel, expected] = await atOnce(capable(subject, 'layered', 'tangentKernel')(problem), async () =>
    isReference(subject) ? null : referenceLayeredKernelTimes(problem, signs),
  );
  if (!expected) return { kernel, rounding: null };
  const budget = UNLIKELY_DEVIATIONS * Math.sqrt(n) * (await layeredKernelRoundoff(problem, subject));
  const found = matmulTransposed(kernel, { rows: 1, columns: n, data: signs }).data;
  const error = rootMeanSquareDifference(found, expected);
  if (!(error <= budget)) refuse(subject, 'products of a tangent kernel with signs, in root mean square', 0, error, budget);
  return { kernel, rounding: error / budget };
}

/** Multiplications of one forward pass over the inputs. */
function forwardMultiplications({ inputs, positions, layers }: LayeredProblem): number {
  return inputs.rows * positions * layers.reduce((sum, { weights }) => sum + weights.data.length, 0);
}

interface Training<T> {
  /** Trains a subject, or the reference, and records after these steps. */
  readonly train: (trainee: Families, record: readonly number[]) => Promise<T>;
  /** The budget where f − y has these root mean squares at step 0 and at those recorded. */
  readonly roundoff: (residuals: readonly number[]) => Promise<TrajectoryRoundoff>;
}

async function compared<T extends Trajectory<Vector>>(
  data: Data,
  multiplicationsPerStep: number,
  record: readonly number[],
  subject: ComparedSubject,
  { train, roundoff: budgetFor }: Training<T>,
): Promise<CheckedTrajectory<T>> {
  const whole = stream('whole trajectory', ...data.inputs.data.subarray(0, 4)).uniform() < 1 / 3;
  const most = whole ? AFFORDABLE_IN_ONE_OF_THREE : AFFORDABLE_MULTIPLICATIONS;
  const affordable = isReference(subject) ? [] : record.filter((step) => step * multiplicationsPerStep <= most);
  const [withStart, expected] = await atOnce(train(subject, [0, ...record]), async () =>
    affordable.length > 0 ? train(reference, affordable) : null,
  );
  const residuals = residualsOf(withStart, data.labels);
  const trajectory = { ...withStart, outputs: withStart.outputs.slice(1), freshOutputs: withStart.freshOutputs.slice(1) };
  const roundoff = await budgetFor(residuals);
  let rounding: number | null = null;
  if (expected) {
    rounding = 0;
    for (const part of ['outputs', 'freshOutputs'] as const) {
      for (const [k, outputs] of expected[part].entries()) {
        const error = rootMeanSquareDifference(trajectory[part][k]!, outputs);
        const budget = roundoff[part][k]!;
        const ratio = error / budget;
        if (!(ratio <= 1)) refuse(subject, `outputs after step ${record[k]}, in root mean square`, 0, error, budget);
        rounding = Math.max(rounding, ratio);
      }
    }
  }
  return { trajectory, roundoff, rounding };
}

/** The largest error over its budget of several comparisons; null where none was affordable. */
export function worstRounding(roundings: readonly (number | null)[]): number | null {
  const compared = roundings.filter((rounding) => rounding !== null);
  return compared.length === 0 ? null : Math.max(...compared);
}

/** The root mean squares of f − y at the recorded steps. */
export function residualsOf({ outputs }: Trajectory<Vector>, labels: Float32Array): number[] {
  return outputs.map((values) => rootMeanSquareDifference(values, labels));
}

/** √((1/n) Σ (a − b)²). */
export function rootMeanSquareDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum / Math.max(1, a.length));
}

function refuse(subject: ComparedSubject, what: string, expected: number, found: number, budget: number): never {
  throw new DisagreementError({
    problem: `subject '${subject.name}' (${subject.backend}) differs from the float64 reference in ${what}`,
    expected: `${expected} within ${budget.toExponential(2)}, the derived rounding bound`,
    found: String(found),
    hint: 'see the verdicts of the laws: one that is refuted says what the subject computes wrongly',
  });
}
