import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { largestDifference, type Matrix64, symmetric, transposed } from '../math/matrix.js';
import { stream } from '../math/random.js';
import { eigenvalues } from './eigenvalues.js';
import { toMatrix } from './ml-matrix.js';
import { probeLinearAlgebra } from './probe.js';
import { correlatedSeries, gram, inputGram, matmulTransposed } from './products.js';
import { positiveDefinite, tridiagonalEnds } from './tridiagonal.js';

function gaussian(rows: number, columns: number): Matrix64 {
  const random = stream('products', rows, columns);
  return { rows, columns, data: Float64Array.from({ length: rows * columns }, () => random.gaussian()) };
}
const product = (a: Matrix64, b: Matrix64) => toMatrix(a).mmul(toMatrix(b).transpose()).to1DArray();

describe('products', () => {
  // Rows are taken by fours, terms by twos and by blocks of 256.
  it.each([
    [1, 1, 1],
    [3, 2, 1],
    [4, 4, 256],
    [5, 7, 3],
    [6, 9, 255],
    [9, 6, 257],
    [33, 18, 700],
    [2, 3, 0],
  ])('of %i and %i rows over %i terms', (p, q, k) => {
    const [a, b] = [gaussian(p, k), gaussian(q, k)];
    expect(largestDifference(matmulTransposed(a, b).data, k === 0 ? new Float64Array(p * q) : product(a, b))).toBeLessThan(1e-11);
    const square = gram(a);
    expect(square.rows).toBe(p);
    expect(largestDifference(square.data, k === 0 ? new Float64Array(p * p) : product(a, a))).toBeLessThan(1e-11);
    expect(square.data).toEqual(Float64Array.from(toMatrix(square).transpose().to1DArray()));
  });

  it('take float32 numbers, and give NaN for NaN', () => {
    const inputs = { rows: 2, columns: 2, data: Float32Array.of(1, 2, 3, Number.NaN) };
    expect([...inputGram(inputs).data]).toEqual([2.5, Number.NaN, Number.NaN, Number.NaN]);
    expect([...inputGram({ ...inputs, data: Float32Array.of(1, 2, 3, 4) }).data]).toEqual([2.5, 5.5, 5.5, 12.5]);
  });

  it('are those of larger memory, too', () => {
    const a = gaussian(1500, 40);
    const large = gram(a);
    expect(large.data[1499 * 1500 + 7]).toBeCloseTo(matmulTransposed(a, a).data[7 * 1500 + 1499]!, 12);
  });

  it('sum series of correlations', () => {
    const series = gaussian(7, 5);
    const rho = (i: number, j: number) => (i - j) / 10;
    const wanted = symmetric(7, (i, j) => {
      let sum = 0;
      for (let k = 0; k < 5; k++) sum += series.data[i * 5 + k]! * series.data[j * 5 + k]! * rho(i, j) ** k;
      return i === j ? 0 : sum;
    });
    expect(largestDifference(correlatedSeries(series, rho).data, wanted.data)).toBeLessThan(1e-13);
  });
});

describe('eigenvalues', () => {
  it.each([1, 2, 3, 4, 17, 90])('are those of ml-matrix at n = %i', (n) => {
    const a = gram(gaussian(n, n + 3));
    const known = new EigenvalueDecomposition(toMatrix(a), { assumeSymmetric: true }).realEigenvalues.toSorted((x, y) => x - y);
    expect(largestDifference(eigenvalues(a), known)).toBeLessThan(1e-11);
  });

  it('may be zero, equal, negative, and of any size', () => {
    expect([...eigenvalues(symmetric(3, () => 0))]).toEqual([0, 0, 0]);
    expect([...eigenvalues(symmetric(3, (i, j) => 2 * Number(i === j)))]).toEqual([2, 2, 2]);
    const tiny = eigenvalues(symmetric(2, (i, j) => (i === j ? 1e-150 : -3e-150)));
    expect(tiny[0]! * 1e150).toBeCloseTo(-2, 12);
    expect(tiny[1]! * 1e150).toBeCloseTo(4, 12);
  });

  it('converge where the rank is low, and most of them are rounding', () => {
    for (const [n, rank] of [
      [215, 40],
      [129, 3],
      [64, 1],
    ] as const) {
      const factor = gaussian(n, rank);
      const found = eigenvalues(gram(factor));
      const small = eigenvalues(gram(transposed(factor)));
      const largest = small.at(-1)!;
      expect(largestDifference(found.subarray(n - rank), small)).toBeLessThan(1e-12 * largest);
      for (const value of found.subarray(0, n - rank)) expect(Math.abs(value)).toBeLessThan(1e-12 * largest);
    }
  });

  it('of numbers that are not finite are refused', () => {
    expect(() => eigenvalues(symmetric(4, () => Number.NaN))).toThrow('did not converge');
  });
});

describe('tridiagonal matrices', () => {
  const t = { diagonal: [2, -1, 0.5, 3], beside: [1, 0.25, -2] };
  const full = Matrix.zeros(4, 4);
  t.diagonal.forEach((entry, k) => {
    full.set(k, k, entry);
    if (k < 3) {
      full.set(k, k + 1, t.beside[k]!);
      full.set(k + 1, k, t.beside[k]!);
    }
  });
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(full, { assumeSymmetric: true });

  it('have their outer eigenvalues found', () => {
    const { smallest, largest, norm, last } = tridiagonalEnds(t);
    expect(smallest).toBeCloseTo(Math.min(...realEigenvalues), 13);
    expect(largest).toBeCloseTo(Math.max(...realEigenvalues), 13);
    expect(norm).toBe(largest);
    expect(last).toBeCloseTo(Math.abs(eigenvectorMatrix.get(3, realEigenvalues.indexOf(Math.max(...realEigenvalues)))), 12);
    expect(tridiagonalEnds({ diagonal: [0, 0], beside: [0] })).toMatchObject({ smallest: 0, largest: 0 });
  });

  it('have their squares bounded', () => {
    const squared = full.mmul(full);
    squared.set(3, 3, squared.get(3, 3) + 0.7 ** 2);
    const theta = Math.max(...new EigenvalueDecomposition(squared, { assumeSymmetric: true }).realEigenvalues);
    expect(positiveDefinite(theta * (1 + 1e-12), t, 0.7)).toBe(true);
    expect(positiveDefinite(theta * (1 - 1e-12), t, 0.7)).toBe(false);
  });
});

it('the probe finds the kernels right, and how fast they are', () => {
  expect(probeLinearAlgebra()).toEqual({ name: 'WebAssembly SIMD, float64', gigaflops: expect.any(Number) });
});
