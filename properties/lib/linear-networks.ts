import fc from 'fast-check';
import type { Instance } from '../../src/claim/claim.js';
import { evenly, logarithmically, type Range, seeds } from '../../src/math/arbitraries.js';
import {
  type DenseMatrix,
  dot,
  gram,
  type Matrix32,
  type Matrix64,
  matmulTransposed,
  matrix64,
  squaredNorm,
  toFloat64,
  transposed,
} from '../../src/math/matrix.js';
import { type Stream, stream } from '../../src/math/random.js';
import type { FlowState, GradientFlowProblem } from '../../src/models/gradient-flow/problem.js';

/** A deep linear network with one output on whitened inputs Σ̂ = QQᵀ, and a teacher y = s β·x, as plain JSON. */
export interface LinearInstance extends Instance {
  /** D. */
  readonly inputDimension: number;
  /** P points; Σ̂ has rank P. */
  readonly samples: number;
  /** N. */
  readonly width: number;
  /** L. */
  readonly depth: number;
  /** s. */
  readonly scale: number;
  /** σ̃ = σ/s^{1/L}: the flow with s is that with 1 in units of s^{1/L} and of time s^{2/L − 2}. */
  readonly relativeSigma: number;
}

/** σ̃ at which the alignment is silent, by depth. */
export const silent: Readonly<Record<number, readonly [number, number]>> = { 2: [0.001, 0.03], 3: [0.02, 0.06], 4: [0.06, 0.15] };
/** Not silent: the kernel moves while the loss falls. */
export const loud: Readonly<Record<number, readonly [number, number]>> = { 2: [0.2, 1], 3: [0.3, 1], 4: [0.4, 1] };

export interface LinearSpace {
  readonly depths?: readonly number[];
  readonly sigma?: Readonly<Record<number, readonly [number, number]>>;
  /** `thin`: P = D; `fat`: P from D/3 to 3D/4. */
  readonly shapes?: readonly ('thin' | 'fat')[];
  /** |ln s| is at least this. */
  readonly leastLogScale?: number;
}

/** D = 8…20, N = D to 3D (at most 48), s log-uniform on [½, 2], σ̃ log-uniform. */
export function linearInstances(space: LinearSpace = {}): fc.Arbitrary<LinearInstance> {
  const { depths = [2, 3, 4], sigma = silent, shapes = ['thin', 'fat'], leastLogScale = 0 } = space;
  return fc
    .record({
      inputDimension: fc.integer({ min: 8, max: 20 }),
      widening: logarithmically([1, 3]),
      depth: fc.constantFrom(...depths),
      logScale: evenly([leastLogScale, Math.LN2]),
      sign: fc.constantFrom(1, -1),
      shape: fc.constantFrom(...shapes),
      share: evenly([1 / 3, 3 / 4]),
      place: evenly([0, 1]),
      seed: seeds,
    })
    .map(({ widening, logScale, sign, shape, share, place, ...rest }) => {
      const [low, high] = sigma[rest.depth]!;
      const { inputDimension: d } = rest;
      return {
        ...rest,
        width: Math.min(48, Math.max(12, Math.round(d * widening))),
        samples: shape === 'thin' ? d : Math.max(4, Math.round(share * d)),
        scale: Math.exp(sign * logScale),
        relativeSigma: low * (high / low) ** place,
      };
    });
}

/** What a linear problem was made of. */
export interface LinearProblem {
  readonly problem: GradientFlowProblem;
  /** Q, D×P with orthonormal columns, and β in its span. */
  readonly basis: Matrix64;
  readonly teacher: Float64Array;
  readonly sigma: number;
  /** x = σ̃² (1 + N/D), the size of what the initial weights leave in the kernel. */
  readonly residue: number;
}

/** r orthonormal columns in dimension D, as D×r, from Gaussian ones by Gram–Schmidt taken twice. */
export function orthonormal(dimension: number, rank: number, random: Stream): Matrix64 {
  const columns: Float64Array[] = [];
  while (columns.length < rank) {
    let column = Float64Array.from({ length: dimension }, () => random.gaussian());
    for (let pass = 0; pass < 2; pass++) {
      for (const other of columns) {
        const along = dot(column, 0, other, 0, dimension);
        column = column.map((entry, k) => entry - along * other[k]!);
      }
    }
    const length = Math.sqrt(squaredNorm(column));
    columns.push(column.map((entry) => entry / length));
  }
  const matrix = matrix64(dimension, rank);
  for (const [j, column] of columns.entries()) for (let k = 0; k < dimension; k++) matrix.data[k * rank + j] = column[k]!;
  return matrix;
}

/** A uniformly distributed unit vector. */
export function unitVector(dimension: number, random: Stream): Float64Array {
  const vector = Float64Array.from({ length: dimension }, () => random.gaussian());
  const length = Math.sqrt(squaredNorm(vector));
  return vector.map((entry) => entry / length);
}

/** A v for A p×q. */
export function applied({ rows, columns, data }: DenseMatrix, vector: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += data[i * columns + k]! * vector[k]!;
    return sum;
  });
}

export function gaussianLayer(rows: number, columns: number, deviation: number, random: Stream): Matrix32 {
  return { rows, columns, data: Float32Array.from({ length: rows * columns }, () => deviation * random.gaussian()) };
}

/** W_1 ~ N(0, σ²/D), the others N(0, σ²/N). */
export function linearWeights(
  { inputDimension: d, width: n, depth }: Pick<LinearInstance, 'inputDimension' | 'width' | 'depth'>,
  outputs: number,
  sigma: number,
  random: Stream,
): Matrix32[] {
  return Array.from({ length: depth }, (_, l) => {
    const [rows, columns] = [l === depth - 1 ? outputs : n, l === 0 ? d : n];
    return gaussianLayer(rows, columns, sigma / Math.sqrt(columns), random);
  });
}

/** Inputs X = √P S^γ Qᵀ (P×D): one for each direction of Q, whose Σ̂ = XᵀX/P is QS^{2γ}Qᵀ; whitened unless given a spectrum. */
export function inputsOf(basis: Matrix64, spectrum?: Float64Array): Matrix32 {
  const { rows: d, columns: rank } = basis;
  const data = new Float32Array(rank * d);
  for (let i = 0; i < rank; i++) {
    for (let k = 0; k < d; k++) data[i * d + k] = Math.sqrt(rank) * (spectrum?.[i] ?? 1) * basis.data[k * rank + i]!;
  }
  return { rows: rank, columns: d, data };
}

export function noInputs(dimension: number): Matrix32 {
  return { rows: 0, columns: dimension, data: new Float32Array(0) };
}

/** y = s X β. */
export function teacherLabels(inputs: Matrix32, teacher: Float64Array, scale: number): Matrix32 {
  return { rows: inputs.rows, columns: 1, data: Float32Array.from(applied(inputs, teacher), (y) => scale * y) };
}

export function drawLinearProblem(instance: LinearInstance): LinearProblem {
  const { inputDimension: d, samples, width, depth, scale, relativeSigma, seed } = instance;
  const random = stream(seed, 'data');
  const basis = orthonormal(d, samples, random);
  const teacher = applied(basis, unitVector(samples, random));
  const inputs = inputsOf(basis);
  const sigma = relativeSigma * scale ** (1 / depth);
  const weights = linearWeights(instance, 1, sigma, stream(seed, 'weights'));
  const labels = teacherLabels(inputs, teacher, scale);
  return {
    problem: { activation: 'linear', inputs, labels, freshInputs: noInputs(d), weights },
    basis,
    teacher,
    sigma,
    residue: relativeSigma ** 2 * (1 + width / d),
  };
}

/** Qᵀβ. */
export function inBasis({ basis, teacher }: Pick<LinearProblem, 'basis' | 'teacher'>): Float64Array {
  return applied(transposed(basis), teacher);
}

/** ∫ dc/(c^{2−2/L}(1 − c)): the time of the scalar law ċ = L c^{2−2/L}(s − c), in units of 1/(L s^{2−2/L}), with c in units of s. */
export function lawTime(c: number, depth: number): number {
  const u = c ** (1 / depth);
  if (depth === 2) return Math.log(c / (1 - c));
  if (depth === 3) {
    const arc = Math.atan((2 * u + 1) / Math.sqrt(3)) / Math.sqrt(3);
    return 3 * (-1 / u - Math.log(1 - u) / 3 + Math.log(1 + u + u * u) / 6 - arc);
  }
  return 4 * (-1 / (2 * u * u) + Math.log((1 + u * u) / (1 - u * u)) / 4);
}

/** c/s at a drop of the loss: the loss is (s − c)²/2. */
export const learnedAt = (drop: number) => 1 - Math.sqrt(Math.max(1 - drop, 1e-14));

/** The plan of a linear flow: its clock is the scalar law's, its final rate that of the law. */
export function linearPlan(
  { depth, scale, relativeSigma, width, inputDimension }: Omit<LinearInstance, 'samples' | 'seed'>,
  end: number,
  drops: readonly number[] = [],
) {
  const clock = (drop: number) => lawTime(Math.min(Math.max(learnedAt(drop), 1e-12), 1 - 1e-12), depth);
  return {
    tolerance: 1e-5,
    end,
    drops,
    rate: depth * scale ** (2 - 2 / depth) * (1 + relativeSigma ** 2 * (1 + width / inputDimension)) ** (depth - 1),
    clock,
  };
}

/** Products of the weights around each layer: G_l = W_L … W_{l+1} (1×N_l) and B_l = W_l … W_1 (N_l×D). */
function chains(weights: readonly DenseMatrix[]) {
  const after: Float64Array[] = [];
  let row: Float64Array = Float64Array.of(1);
  for (let l = weights.length - 1; l >= 0; l--) {
    after.unshift(row);
    const { rows, columns, data } = weights[l]!;
    const next = new Float64Array(columns);
    for (let i = 0; i < rows; i++) for (let k = 0; k < columns; k++) next[k] = next[k]! + row[i]! * data[i * columns + k]!;
    row = next;
  }
  return { after, product: row };
}

/** w = W_L … W_1, D: the network is f(x) = w·x. */
export function productOf({ weights }: FlowState): Float64Array {
  return chains(weights).product;
}

/** M, D×D: the tangent kernel of a linear network with one output is xᵀMx', M = Σ_l |G_l|² B_{l−1}ᵀB_{l−1}. */
export function kernelMatrix({ weights }: FlowState): Matrix64 {
  const d = weights[0]!.columns;
  const { after } = chains(weights);
  const kernel = matrix64(d, d);
  for (let k = 0; k < d; k++) kernel.data[k * d + k] = squaredNorm(after[0]!);
  // B_lᵀ, D×N_l.
  let below = transposed(wide(weights[0]!));
  for (let l = 1; l < weights.length; l++) {
    const size = squaredNorm(after[l]!);
    const product = gram(below);
    for (let k = 0; k < kernel.data.length; k++) kernel.data[k] = kernel.data[k]! + size * product.data[k]!;
    below = matmulTransposed(below, wide(weights[l]!));
  }
  return kernel;
}

const wide = ({ rows, columns, data }: DenseMatrix): Matrix64 => ({ rows, columns, data: toFloat64(data) });

/** QᵀMQ, P×P, for a symmetric M. */
export function within(matrix: Matrix64, basis: Matrix64): Matrix64 {
  const columns = transposed(basis);
  return matmulTransposed(columns, matmulTransposed(columns, matrix));
}

/** Singular values, log-uniform in the range to that power, of mean square 1. */
export function drawSpectrum(rank: number, [low, high]: Range, power: number, random: Stream): Float64Array {
  const raw = Float64Array.from({ length: rank }, () => (low * (high / low) ** random.uniform()) ** power);
  const norm = Math.sqrt(rank / squaredNorm(raw));
  return raw.map((value) => value * norm);
}

/** A = yᵀKy/(‖K‖_F |y|²) on whitened inputs: bᵀM'b/‖M'‖_F with M' = QᵀMQ and b = Qᵀβ. */
export function alignment(kernel: Matrix64, { basis, teacher }: Pick<LinearProblem, 'basis' | 'teacher'>): number {
  const inside = within(kernel, basis);
  const direction = inBasis({ basis, teacher });
  return dot(direction, 0, applied(inside, direction), 0, basis.columns) / Math.sqrt(squaredNorm(inside.data));
}

/** A_max = L/√(L² + r − 1). */
export const largestAlignment = (depth: number, rank: number) => depth / Math.sqrt(depth * depth + rank - 1);
