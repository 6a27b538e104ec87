import { gramTimes, inputGram, smallerGram } from '../linear-algebra/products.js';
import { normUpperBound, operatorNorm, spectralNorm } from '../linear-algebra/spectral-norm.js';
import { activation } from '../math/activation.js';
import { type Matrix32, type Matrix64, squaredNorm, symmetricDifference } from '../math/matrix.js';
import type { Vector } from '../models/implementation.js';
import type { LayeredProblem } from '../models/layered/problem.js';
import type { TrainedLayers } from '../models/two-layer/model.js';
import type { TwoLayerProblem } from '../models/two-layer/problem.js';
import type { Subject } from '../subject/subject.js';
import { MeasurementError } from '../support/errors.js';
import { type AffineKernel, affineFeatures, affineKernelMatrix } from '../theory/affine.js';
import { firstLayerCertificate } from '../theory/certificate.js';
import { examineData } from '../theory/data-scope.js';
import { linearModelByDescent, linearOutputs } from '../theory/linear-model.js';
import { type Answer, trainingAnswer } from './answer.js';
import { deepNetwork, type InspectedNetwork, twoLayerNetwork } from './network.js';

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
  readonly setting: {
    readonly activation: string;
    readonly trained: TrainedLayers;
    readonly parametrisation: string;
    /** η. */
    readonly stepSize: number;
    /** Mean-square gap that counts as linear, as a part of the signal. */
    readonly tolerance: number;
    /** Mean of y², 0 without labels. */
    readonly signal: number;
  };
  /** How long the network is linear, in a sentence. */
  readonly answer: Answer;
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
  /** Mean-square gap that counts as linear, as a part of mean y². */
  readonly tolerance: number;
  /** Told what a long computation is at. */
  readonly progress?: (text: string) => void;
}

/** Inputs up to which n×n kernels are formed: 4,000 take 128 MB in float64. */
const MOST_WHOLE = 4000;

const MOST_RECORDED = 200;
/** Steps taken when none are asked for, at most. */
const DEFAULT_STEPS = 200;

/**
 * Kernel difference, certificate, predicted linear model, and agreement over training, of one network on one data set. A layered network is fully connected, and
 * all its layers are trained.
 */
export async function inspect(
  problem: TwoLayerProblem | LayeredProblem,
  options: InspectOptions,
  subject: Subject,
): Promise<Inspection> {
  const { inputs } = problem;
  const [n, d] = [inputs.rows, inputs.columns];
  const network = 'layers' in problem ? deepNetwork(problem, subject) : twoLayerNetwork(problem, options.layers, subject);
  const scope = examineData(inputs, network.width);
  const { constants } = activation(problem.activation);
  const affine = network.affine(scope.spectralMoment);
  const certifies = !('layers' in problem) && options.drawnWeights && options.layers === 'first';
  const whole = n <= MOST_WHOLE;
  const { certificate, ...norms } = whole
    ? await normsOfWholeKernels(network, affine, inputs, certifies ? problem : null)
    : { ...(await normsByProducts(network, affine, inputs, options.progress)), certificate: null };
  const { affineNorm, differenceNorm } = norms;
  // A tenth of the theorem's range, but at most half of the step at which descent of the linear model diverges.
  const step = options.step ?? Math.min(0.1 * network.stepRange, n / affineNorm);
  const warnings = [...scope.warnings];
  if (!options.labelled) warnings.push('no labels were given, so training was not compared: add --labels y.npy');
  else warnings.push(...(await network.warnings()), ...trainingWarnings(problem, network, step, affineNorm));
  const training = options.labelled ? await compareTraining(problem, network, affine, step, options) : emptyTraining();
  if (certifies && !whole)
    warnings.push(`no certificate: it needs n×n matrices, which are formed for at most ${MOST_WHOLE} inputs`);
  else if (typeof certificate === 'string') warnings.push(`no certificate: ${certificate}`);
  const layers = 'layers' in problem ? 'both' : options.layers;
  const inspection = {
    n,
    d,
    m: network.width,
    constants: {
      zeta: constants.zeta,
      nu: constants.theta1 * Math.sqrt(scope.spectralMoment),
      theta0: constants.theta0,
      theta1: constants.theta1,
      theta2: constants.theta2,
    },
    kernel: {
      ...norms,
      relative: differenceNorm / affineNorm,
      certificate: typeof certificate === 'number' ? certificate : null,
    },
    training,
    setting: {
      activation: problem.activation,
      trained: layers,
      parametrisation: network.parametrisation,
      stepSize: step,
      tolerance: options.tolerance,
      signal: options.labelled ? squaredNorm(problem.labels) / n : 0,
    },
    warnings,
  };
  return { ...inspection, answer: trainingAnswer(inspection) };
}

/** What is to be said of a certificate that allows any kernel. */
export function vacuous({ certificate, affineNorm }: Inspection['kernel']): string {
  return certificate !== null && certificate > affineNorm ? ' (vacuous: larger than ‖Θ^lin‖)' : '';
}

type Norms = Pick<Inspection['kernel'], 'tangentNorm' | 'affineNorm' | 'differenceNorm'>;

/** The norms of n×n kernels, and of the certificate what bounds the difference, or why there is none. */
async function normsOfWholeKernels(
  network: InspectedNetwork,
  affine: AffineKernel,
  inputs: Matrix32,
  certified: TwoLayerProblem | null,
): Promise<Norms & { readonly certificate: number | string | null }> {
  const gram = inputGram(inputs);
  const linear = affineKernelMatrix(affine, inputs, gram);
  const tangent = await network.tangentKernel();
  const norms = {
    tangentNorm: spectralNorm({ ...tangent, data: Float64Array.from(tangent.data) }).norm,
    affineNorm: spectralNorm(linear).norm,
    differenceNorm: spectralNorm(symmetricDifference(tangent, linear)).norm,
  };
  try {
    return { ...norms, certificate: certified && certificateOf(certified, gram, linear) };
  } catch (cause) {
    if (!(cause instanceof MeasurementError)) throw cause;
    return { ...norms, certificate: cause.message.replaceAll('\n ', ';') };
  }
}

/**
 * The same norms without any n×n matrix: Θ u is computed by the subject, Θ^lin u = F(Fᵀu) here, for the features F (n×(d + 2)) of the affine kernel.
 * @throws MeasurementError where the subject computes no such product.
 */
export async function normsByProducts(
  { tangentKernelProduct }: InspectedNetwork,
  affine: AffineKernel,
  inputs: Matrix32,
  progress: InspectOptions['progress'] = () => {},
): Promise<Norms> {
  const n = inputs.rows;
  if (!tangentKernelProduct) {
    throw new MeasurementError({
      problem: `the kernel of a deep network on ${n} inputs is too large to form`,
      expected: `at most ${MOST_WHOLE} inputs`,
      hint: `use the first ones with --samples ${MOST_WHOLE}`,
    });
  }
  const features = affineFeatures(affine, inputs);
  const tangentTimes = async (u: Float64Array) => Float64Array.from(await tangentKernelProduct(Float32Array.from(u)));
  const normOf = (what: string, times: (u: Float64Array) => Promise<Float64Array>) => {
    let products = 0;
    return operatorNorm((u) => {
      progress(`${what}: product ${++products}`);
      return times(u);
    }, n);
  };
  return {
    tangentNorm: await normOf('‖Θ‖', tangentTimes),
    affineNorm: spectralNorm(smallerGram(features)).norm,
    differenceNorm: await normOf('‖Θ − Θ^lin‖', async (u) => {
      const [image, linear] = [await tangentTimes(u), gramTimes(features, u)];
      return image.map((entry, i) => entry - linear[i]!);
    }),
  };
}

function certificateOf({ activation: name, secondLayer }: TwoLayerProblem, gram: Matrix64, linear: Matrix64): number {
  const { radius, expectation } = firstLayerCertificate(name, gram, secondLayer.length);
  return radius + normUpperBound(symmetricDifference(expectation, linear));
}

function trainingWarnings(
  problem: TwoLayerProblem | LayeredProblem,
  { stepRange: range }: InspectedNetwork,
  step: number,
  affineNorm: number,
): string[] {
  const warnings: string[] = [];
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
  problem: TwoLayerProblem | LayeredProblem,
  network: InspectedNetwork,
  affine: AffineKernel,
  step: number,
  { steps }: InspectOptions,
): Promise<Inspection['training']> {
  const d = problem.inputs.columns;
  const last = steps ?? Math.min(DEFAULT_STEPS, Math.max(1, Math.ceil((d * Math.log(Math.max(2, d))) / step)));
  const record = recordedSteps(last);
  const outputs = await network.train(step, record);
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
