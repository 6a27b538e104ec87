import fc from 'fast-check';
import { evenly, logarithmically, type Range, seeds } from '../../math/arbitraries.js';
import { type DenseMatrix, dot, type Matrix32, type Matrix64, matrix64, squaredNorm } from '../../math/matrix.js';
import { type Stream, stream } from '../../math/random.js';
import type { GradientFlowProblem } from './problem.js';

/** A deep linear network with one output on whitened inputs Σ̂ = QQᵀ, and a teacher y = s β·x, as plain JSON. */
export interface LinearInstance {
  readonly seed: number;
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

/** Singular values, log-uniform in the range to that power, of mean square 1. */
export function drawSpectrum(rank: number, [low, high]: Range, power: number, random: Stream): Float64Array {
  const raw = Float64Array.from({ length: rank }, () => (low * (high / low) ** random.uniform()) ** power);
  const norm = Math.sqrt(rank / squaredNorm(raw));
  return raw.map((value) => value * norm);
}
