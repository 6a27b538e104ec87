import { activation } from '../../math/activation.js';
import type { MarginLoss } from '../../math/margin-loss.js';
import { type Matrix32, rowNorms, squaredNorm } from '../../math/matrix.js';
import { type Stream, stream } from '../../math/random.js';
import { UsageError } from '../../support/errors.js';
import {
  type DataLaw,
  dataLaws,
  type LabelKind,
  labelKinds,
  type Spectrum,
  spectra,
  type TwoLayerInstance,
} from './instances.js';

/**
 * A two-layer network f(x) = (1/√m) Σ_r v_r φ(w_r·x/√d) with its data. All numbers were drawn in float64 and rounded once to
 * float32, so a subject and the float64 reference start from the same ones.
 */
export interface TwoLayerProblem {
  readonly activation: string;
  /** X, n×d. */
  readonly inputs: Matrix32;
  /** y, n. */
  readonly labels: Float32Array;
  /** Inputs that are not trained on, n'×d; n' may be 0. */
  readonly freshInputs: Matrix32;
  /** W, m×d. */
  readonly firstLayer: Matrix32;
  /** v, m. */
  readonly secondLayer: Float32Array;
  /** What training minimises; (1/2n) Σ (f − y)² unless given, or (1/n) Σ ℓ(y f). */
  readonly loss?: MarginLoss;
}

/** The data of an instance alone. */
export type Data = Pick<TwoLayerProblem, 'inputs' | 'labels' | 'freshInputs'>;

/** Moments of the population that the inputs were drawn from. */
export interface Population {
  /** Eigenvalues of Σ, d of them, with mean 1. */
  readonly variances: Float64Array;
  /** κ = E x̄⁴ − 1. */
  readonly kurtosis: number;
}

const KURTOSIS: Readonly<Record<DataLaw, number>> = { gaussian: 2, rademacher: 0, uniform: 0.8, sphere: 0, 'student-t3': 2 };
const TEACHER_WIDTH = 5;
const TEACHER_BIAS = 1;

/**
 * Draws the problem of an instance, with `freshSamples` further inputs of the same law.
 * @throws UsageError for an unknown law, spectrum, kind of labels, initialization or activation, or an odd width under symmetric initialization.
 */
export function drawProblem(instance: TwoLayerInstance, freshSamples = 0): TwoLayerProblem {
  const { activation, width, inputDimension, initialization, seed } = instance;
  return {
    activation,
    ...drawData(instance, freshSamples),
    ...drawWeights(width, inputDimension, initialization, stream(seed, 'weights')),
  };
}

/** Inputs, labels and fresh inputs, as `drawProblem` draws them. */
export function drawData(instance: TwoLayerInstance, freshSamples = 0): Data {
  refuseUnknown(instance);
  const { samples, seed } = instance;
  const { variances } = population(instance);
  const inputs = drawInputs(instance, variances, samples, stream(seed, 'inputs'));
  return {
    inputs,
    labels: drawLabels(instance.labels, inputs, stream(seed, 'labels')),
    freshInputs: drawInputs(instance, variances, freshSamples, stream(seed, 'fresh-inputs')),
  };
}

function refuseUnknown({ law, spectrum, labels, initialization }: TwoLayerInstance): void {
  const known: readonly (readonly [string, string, readonly string[]])[] = [
    ['law', law, [...dataLaws, 'sphere', 'student-t3']],
    ['spectrum', spectrum, [...spectra, 'inverse', 'spike']],
    ['labels', labels, [...labelKinds, 'norm', 'product']],
    ['initialization', initialization, ['symmetric', 'independent']],
  ];
  for (const [name, value, values] of known) {
    if (!values.includes(value))
      throw new UsageError({ problem: `unknown ${name} '${value}' in an instance`, expected: `one of ${values.join(', ')}` });
  }
}

/** The population of an instance's inputs: Σ diagonal with Tr Σ = d, and κ of its entry law. */
export function population(instance: Pick<TwoLayerInstance, 'inputDimension' | 'spectrum' | 'law' | 'seed'>): Population {
  return {
    variances: drawVariances(instance.spectrum, instance.inputDimension, stream(instance.seed, 'spectrum')),
    kurtosis: KURTOSIS[instance.law],
  };
}

function drawVariances(spectrum: Spectrum, d: number, random: Stream): Float64Array {
  const raw = Float64Array.from({ length: d }, (_, k) => {
    if (spectrum === 'isotropic') return 1;
    if (spectrum === 'uniform') return 0.2 + 1.6 * random.uniform();
    if (spectrum === 'inverse') return 1 / (k + 1);
    if (spectrum === 'spike') return k === 0 ? d / 4 : (3 * d) / (4 * (d - 1));
    return k < d / 4 ? 3 : 1 / 3;
  });
  const scale = d / raw.reduce((sum, variance) => sum + variance, 0);
  return raw.map((variance) => variance * scale);
}

function drawInputs(
  { law, mean }: Pick<TwoLayerInstance, 'law' | 'mean'>,
  variances: Float64Array,
  rows: number,
  random: Stream,
): Matrix32 {
  const columns = variances.length;
  const deviations = variances.map(Math.sqrt);
  const data = new Float32Array(rows * columns);
  const shrink = 1 / Math.sqrt(1 + mean * mean);
  for (let i = 0; i < rows; i++) {
    const scale = law === 'student-t3' ? studentScale(random) : 1;
    const row = deviations.map((deviation) => deviation * scale * drawEntry(law, random));
    const length = law === 'sphere' ? Math.sqrt(columns / squaredNorm(row)) : 1;
    for (let k = 0; k < columns; k++) data[i * columns + k] = (length * row[k]! + mean) * shrink;
  }
  return { rows, columns, data };
}

function drawEntry(law: DataLaw, random: Stream): number {
  if (law === 'rademacher') return random.sign();
  if (law === 'uniform') return Math.sqrt(3) * (2 * random.uniform() - 1);
  return random.gaussian();
}

/** Scale of unit mean square that turns a Gaussian vector into a multivariate t with 3 degrees of freedom. */
function studentScale(random: Stream): number {
  const chiSquare = random.gaussian() ** 2 + random.gaussian() ** 2 + random.gaussian() ** 2;
  return 1 / Math.sqrt(chiSquare);
}

/**
 * Weights w_r ~ N(0, I_d), v_r = ±1; with symmetric initialization the second half repeats w and negates v, so f = 0.
 * @throws UsageError for an odd width under symmetric initialization.
 */
export function drawWeights(
  width: number,
  inputDimension: number,
  initialization: TwoLayerInstance['initialization'],
  random: Stream,
): Pick<TwoLayerProblem, 'firstLayer' | 'secondLayer'> {
  if (initialization === 'symmetric' && width % 2 !== 0) {
    throw new UsageError({
      problem: 'symmetric initialization pairs the units',
      expected: 'an even width',
      found: String(width),
    });
  }
  const data = new Float32Array(width * inputDimension);
  const secondLayer = new Float32Array(width);
  const free = initialization === 'symmetric' ? width / 2 : width;
  for (let k = 0; k < free * inputDimension; k++) data[k] = random.gaussian();
  for (let r = 0; r < free; r++) secondLayer[r] = random.sign();
  if (initialization === 'symmetric') {
    data.copyWithin(free * inputDimension, 0, free * inputDimension);
    for (let r = 0; r < free; r++) secondLayer[free + r] = -secondLayer[r]!;
  }
  return { firstLayer: { rows: width, columns: inputDimension, data }, secondLayer };
}

/** Labels with |y| ≤ 1: the sign of a width-5 erf teacher (odd, or shifted by 1), random signs, a linear function, all 1, a function of the norm, or the sign of a product. */
function drawLabels(kind: LabelKind, inputs: Matrix32, random: Stream): Float32Array {
  const { rows, columns, data } = inputs;
  const project = (direction: Float64Array, i: number) => {
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += direction[k]! * data[i * columns + k]!;
    return sum / Math.sqrt(columns);
  };
  const drawDirection = () => Float64Array.from({ length: columns }, () => random.gaussian());
  if (kind === 'constant') return new Float32Array(rows).fill(1);
  if (kind === 'random') return Float32Array.from({ length: rows }, () => random.sign());
  if (kind === 'norm') {
    return Float32Array.from(rowNorms(inputs), (length) => Math.tanh(Math.sqrt(2 * columns) * (length / Math.sqrt(columns) - 1)));
  }
  if (kind === 'product') {
    const [first, second] = [drawDirection(), drawDirection()];
    return Float32Array.from({ length: rows }, (_, i) => (project(first, i) * project(second, i) < 0 ? -1 : 1));
  }
  if (kind === 'linear') {
    const direction = drawDirection();
    const values = Float64Array.from({ length: rows }, (_, i) => project(direction, i));
    const largest = values.reduce((bound, value) => Math.max(bound, Math.abs(value)), 0) || 1;
    return Float32Array.from(values, (value) => value / largest);
  }
  const { value: phi } = activation('erf');
  const bias = kind === 'biased-teacher' ? TEACHER_BIAS : 0;
  const units = Array.from({ length: TEACHER_WIDTH }, () => ({ direction: drawDirection(), weight: random.gaussian() }));
  return Float32Array.from({ length: rows }, (_, i) => {
    const output = units.reduce((sum, { direction, weight }) => sum + weight * phi(project(direction, i)), bias);
    return output < 0 ? -1 : 1;
  });
}
