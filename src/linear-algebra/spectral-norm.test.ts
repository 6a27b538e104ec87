import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { matrix64, symmetric } from '../math/matrix.js';
import { stream } from '../math/random.js';
import { certifyNorm, lanczosNorm, normAgainst, spectralNorm } from './spectral-norm.js';

function randomSymmetric(n: number, seed: number) {
  const random = stream('symmetric', seed);
  return symmetric(n, () => random.gaussian());
}
const eigenvalues = (a: ReturnType<typeof randomSymmetric>) =>
  new EigenvalueDecomposition(Matrix.from1DArray(a.rows, a.rows, a.data), { assumeSymmetric: true }).realEigenvalues;

describe('Lanczos', () => {
  it.each([1, 2, 3, 10, 57, 130])('finds both ends of the spectrum at n = %i', (n) => {
    const a = randomSymmetric(n, n);
    const exact = eigenvalues(a);
    const { norm, smallest, largest } = spectralNorm(a, 1e-9);
    expect(norm).toBeCloseTo(Math.max(...exact.map(Math.abs)), 6);
    if (n <= 10) {
      expect(smallest).toBeCloseTo(Math.min(...exact), 6);
      expect(largest).toBeCloseTo(Math.max(...exact), 6);
    }
  });

  it('sees a norm at the negative end', () => {
    const a = symmetric(40, (i, j) => (i === j ? (i === 7 ? -5 : 1 + i / 40) : 0));
    expect(spectralNorm(a).norm).toBeCloseTo(5, 5);
  });

  it('stops on the zero matrix, on the identity and on rank one', () => {
    expect(spectralNorm(matrix64(5, 5)).norm).toBe(0);
    expect(spectralNorm(symmetric(5, (i, j) => Number(i === j))).norm).toBeCloseTo(1, 12);
    expect(spectralNorm(symmetric(30, () => 1)).norm).toBeCloseTo(30, 9);
  });

  it('takes an operator in place of a matrix', () => {
    expect(lanczosNorm((x) => x.map((value, k) => value * (k + 1)), 20).norm).toBeCloseTo(20, 4);
  });
});

describe('upper sides', () => {
  it('are certified above the norm and never below it', () => {
    for (let seed = 0; seed < 20; seed++) {
      const a = randomSymmetric(24, seed);
      const norm = Math.max(...eigenvalues(a).map(Math.abs));
      expect(certifyNorm(a, norm * (1 + 1e-9))).toBe(true);
      expect(certifyNorm(a, norm * (1 - 1e-9))).toBe(false);
      for (const margin of [0.5, 0.9, 0.99, 0.999]) expect(spectralNorm(a, 1e-6, norm * margin).within).toBe(false);
    }
  });

  it('follow from the random start where the margin is wide', () => {
    const a = randomSymmetric(300, 1);
    const { norm } = spectralNorm(a, 1e-9);
    const { within, products } = spectralNorm(a, 0.5, 2 * norm);
    expect(within).toBe(true);
    expect(products).toBeLessThan(97);
    // 1.648 √n exp(−√ε (2k − 1)) ≤ 10⁻¹² with ε = 3/4, and 2k − 1 ≤ N.
    expect(products).toBeGreaterThanOrEqual(Math.log(1.648 * Math.sqrt(300) * 1e12) / Math.sqrt(0.75));
  });
});

describe('a norm against a bound', () => {
  const a = randomSymmetric(60, 3);
  const norm = Math.max(...eigenvalues(a).map(Math.abs));

  it('is the estimate where it is proved to be below', () => {
    expect(normAgainst(a, 2 * norm, 0)).toMatchObject({ certified: true, observed: expect.closeTo(norm, 4) });
    expect(normAgainst(a, 1.001 * norm, 0)).toMatchObject({ certified: true });
  });

  it('is the estimate where it is above, and counts the roundoff', () => {
    expect(normAgainst(a, 0.9 * norm, 0)).toMatchObject({ certified: false, observed: expect.closeTo(norm, 4) });
    expect(normAgainst(a, 1.1 * norm, 0.2 * norm)).toMatchObject({ certified: false, observed: expect.closeTo(norm, 4) });
  });
});
