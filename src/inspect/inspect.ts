import { activation } from '../activation.js';
import { MeasurementError } from '../errors.js';
import { type AffineKernel, affineFeatures, affineKernel, affineKernelMatrix } from '../kernel/affine.js';
import { firstLayerCertificate } from '../kernel/certificate.js';
import { normUpperBound, spectralNorm } from '../kernel/spectral-norm.js';
import { inputKernel, type Matrix64, squaredLength, symmetricDifference } from '../matrix.js';
import { layerWeights, type TrainedLayers } from '../network/two-layer.js';
import type { Problem } from '../problem.js';
import { linearModelByDescent, linearOutputs } from '../reference/linear-model.js';
import { capable, type Subject, type Vector } from '../subject/subject.js';
import { examineData } from './scope.js';

/** What `inspect --json` prints. */
export interface Inspection {
  readonly n: number;
  readonly d: number;
  readonly m: number;
  readonly constants: { zeta: number; nu: number; theta0: number; theta1: number; theta2: number };
  readonly kernel: {
    tangentNorm: number;
    affineNorm: number;
    differenceNorm: number;
    /** ‖Θ − Θ^lin‖/‖Θ^lin‖. */
    relative: number;
    /** ‖EΘ₁ − Θ₁^lin‖ + t_δ: a bound on the difference for all but 10⁻⁹ of the draws of the weights; null where none applies. */
    certificate: number | null;
  };
  readonly training: {
    step: number[];
    networkLoss: number[];
    linearLoss: number[];
    meanSquareGap: number[];
    relativeGap: number[];
  };
  readonly warnings: string[];
}

export interface InspectOptions {
  readonly layers: TrainedLayers;
  /** η of the trained layers; null for a tenth of the stable range. */
  readonly step: number | null;
  /** Number of steps; null for T = d ln d/η, at most 200. */
  readonly steps: number | null;
  /** The weights are the library's own symmetric draw, so that the certificate applies. */
  readonly drawnWeights: boolean;
  readonly labelled: boolean;
}

const MOST_RECORDED = 200;
/** Steps taken when none are asked for, at most. */
const DEFAULT_STEPS = 200;

/** Kernel difference, certificate, predicted linear model, and agreement over training, of one network on one data set. */
export async function inspect(problem: Problem, options: InspectOptions, subject: Subject): Promise<Inspection> {
  const { inputs } = problem;
  const [n, d, m] = [inputs.rows, inputs.columns, problem.secondLayer.length];
  const gram = inputKernel(inputs);
  const scope = examineData(inputs, gram, m);
  const { constants } = activation(problem.activation);
  const affine = affineKernel(constants, scope.spectralMoment, d, layerWeights[options.layers]);
  const linear = affineKernelMatrix(affine, inputs, gram);
  const tangent = await capable(subject, 'tangentKernel')(problem, options.layers);
  const difference = symmetricDifference(tangent, linear);
  const affineNorm = spectralNorm(linear).norm;
  const differenceNorm = spectralNorm(difference).norm;
  const step = options.step ?? defaultStep(problem, options.layers, affineNorm);
  const warnings = [
    ...scope.warnings,
    ...trainingWarnings(problem, options, step, affineNorm, await capable(subject, 'predict')(problem, inputs)),
  ];
  const training = options.labelled ? await compareTraining(problem, affine, step, options, subject) : emptyTraining();
  let certificate: number | null = null;
  if (options.drawnWeights && options.layers === 'first') {
    try {
      certificate = certificateOf(problem, gram, linear);
    } catch (cause) {
      if (!(cause instanceof MeasurementError)) throw cause;
      warnings.push(`no certificate: ${cause.message.replaceAll('\n ', ';')}`);
    }
  }
  return {
    n,
    d,
    m,
    constants: {
      zeta: constants.zeta,
      nu: constants.c2 * Math.sqrt(scope.spectralMoment),
      theta0: constants.theta0,
      theta1: constants.c2,
      theta2: constants.theta2,
    },
    kernel: {
      tangentNorm: spectralNorm({ rows: n, columns: n, data: Float64Array.from(tangent.data) }).norm,
      affineNorm,
      differenceNorm,
      relative: differenceNorm / affineNorm,
      certificate,
    },
    training,
    warnings,
  };
}

function certificateOf({ activation: name, secondLayer }: Problem, gram: Matrix64, linear: Matrix64): number {
  const { radius, expectation } = firstLayerCertificate(name, gram, secondLayer.length);
  return radius + normUpperBound(symmetricDifference(expectation, linear));
}

/**
 * A tenth of the range in which the theorem takes η (d for the first layer, d/ln n for the second with ϑ₀ = 0, else 1), but at most
 * n/‖Θ^lin‖, half of the step at which descent of the linear model diverges.
 */
function defaultStep(problem: Problem, layers: TrainedLayers, affineNorm: number): number {
  return Math.min(0.1 * theoremRange(problem, layers), problem.inputs.rows / affineNorm);
}

function theoremRange({ inputs: { rows: n, columns: d }, activation: name }: Problem, layers: TrainedLayers): number {
  if (layers === 'first') return d;
  return activation(name).constants.theta0 === 0 ? d / Math.log(Math.max(3, n)) : 1;
}

function trainingWarnings(
  problem: Problem,
  { layers, labelled }: InspectOptions,
  step: number,
  affineNorm: number,
  start: Vector,
): string[] {
  if (!labelled) return ['no labels were given, so training was not compared: add --labels y.npy'];
  const warnings: string[] = [];
  const outputs = squaredLength(start) / start.length;
  if (outputs > 1e-8) {
    warnings.push(
      `f is not 0 at the start (root mean square ${Math.sqrt(outputs).toPrecision(3)}), and the linear model is: the gap includes it; pair the units with opposite signs, or subtract f_0`,
    );
  }
  const weight = squaredLength(problem.secondLayer) / problem.secondLayer.length;
  if (Math.abs(weight - 1) > 0.01) {
    warnings.push(
      `the mean of v² is ${weight.toPrecision(3)}; the theorem takes v = ±1: scale the second layer by ${(1 / Math.sqrt(weight)).toPrecision(3)}`,
    );
  }
  const range = theoremRange(problem, layers);
  const limit = (2 * problem.inputs.rows) / affineNorm;
  if (step >= limit) {
    warnings.push(
      `step ${step} makes descent diverge, beyond 2n/‖Θ^lin‖ = ${limit.toPrecision(3)}: use at most ${(limit / 2).toPrecision(3)}`,
    );
  } else if (step > 0.2 * range) {
    warnings.push(
      `step ${step} is large: the theorem takes it far below ${range.toPrecision(3)}: use at most ${(0.2 * range).toPrecision(3)}`,
    );
  }
  const largest = problem.labels.reduce((bound, label) => Math.max(bound, Math.abs(label)), 0);
  if (largest > 1) warnings.push(`labels reach ${largest.toPrecision(3)}; the theorem takes |y| ≤ 1: divide them by it`);
  return warnings;
}

function emptyTraining(): Inspection['training'] {
  return { step: [], networkLoss: [], linearLoss: [], meanSquareGap: [], relativeGap: [] };
}

/** Every step up to 200; beyond that 200 evenly spaced ones and the last. */
export function recordedSteps(steps: number): number[] {
  if (steps <= MOST_RECORDED) return Array.from({ length: steps }, (_, k) => k + 1);
  const spaced = Array.from({ length: MOST_RECORDED }, (_, k) => 1 + Math.floor((k * (steps - 1)) / MOST_RECORDED));
  return [...new Set([...spaced, steps])];
}

async function compareTraining(
  problem: Problem,
  affine: AffineKernel,
  step: number,
  { layers, steps }: InspectOptions,
  subject: Subject,
): Promise<Inspection['training']> {
  const d = problem.inputs.columns;
  const last = steps ?? Math.min(DEFAULT_STEPS, Math.max(1, Math.ceil((d * Math.log(Math.max(2, d))) / step)));
  const record = recordedSteps(last);
  const sizes = { first: layers === 'second' ? 0 : step, second: layers === 'first' ? 0 : step };
  const { outputs } = await capable(subject, 'train')(problem, sizes, record);
  const features = affineFeatures(affine, problem.inputs);
  const linear = linearModelByDescent(features, problem.labels, step, record).map((beta) => linearOutputs(features, beta));
  const meanSquare = (a: Vector, b: Vector | null) => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += (a[i]! - (b ? b[i]! : 0)) ** 2;
    return sum / a.length;
  };
  const gaps = outputs.map((output, k) => meanSquare(output, linear[k]!));
  return {
    step: record,
    networkLoss: outputs.map((output) => meanSquare(output, problem.labels) / 2),
    linearLoss: linear.map((output) => meanSquare(output, problem.labels) / 2),
    meanSquareGap: gaps,
    relativeGap: gaps.map((gap, k) => (gap === 0 ? 0 : gap / meanSquare(linear[k]!, null))),
  };
}
