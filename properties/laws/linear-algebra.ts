import fc from 'fast-check';
import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { defineClaim } from '../../src/claim/define.js';
import { eigenvalues } from '../../src/linear-algebra/eigenvalues.js';
import { toMatrix } from '../../src/linear-algebra/ml-matrix.js';
import { gram, matmulTransposed } from '../../src/linear-algebra/products.js';
import { certifyNorm } from '../../src/linear-algebra/spectral-norm.js';
import { seeds } from '../../src/math/arbitraries.js';
import { largestDifference, type Matrix64, symmetric } from '../../src/math/matrix.js';
import { stream } from '../../src/math/random.js';
import { identity } from './lib/small.js';

interface Instance {
  readonly rows: number;
  readonly others: number;
  readonly terms: number;
  readonly seed: number;
}

const instances = fc.record({
  rows: fc.integer({ min: 1, max: 70 }),
  others: fc.integer({ min: 1, max: 40 }),
  terms: fc.integer({ min: 1, max: 600 }),
  seed: seeds,
});

const UNIT = Number.EPSILON / 2;

function gaussian(rows: number, columns: number, seed: number, label: string): Matrix64 {
  const random = stream(seed, label);
  return { rows, columns, data: Float64Array.from({ length: rows * columns }, () => random.gaussian()) };
}

const sizes = ({ data, ...shape }: Matrix64): Matrix64 => ({ ...shape, data: data.map(Math.abs) });

/** Largest |A − B| over the bound of each entry. */
function worstOf(found: ArrayLike<number>, wanted: ArrayLike<number>, bound: (k: number) => number): number {
  let worst = 0;
  for (let k = 0; k < wanted.length; k++) worst = Math.max(worst, Math.abs(found[k]! - wanted[k]!) / bound(k));
  return worst;
}

export const linearAlgebra = defineClaim<Instance, { readonly dropped: number }>({
  id: 'laws/linear-algebra',
  title: 'products, Cholesky factors and eigenvalues agree with ml-matrix',
  kind: 'identity',
  statement:
    'the float64 products, Cholesky factorisations and eigenvalues that verdicts rest on agree with those of ml-matrix within their rounding',
  formula: String.raw`\lvert \widehat{AB^{\mathsf T}} - AB^{\mathsf T} \rvert \le 2\gamma_k \lvert A \rvert \lvert B \rvert^{\mathsf T}, \quad \lvert \hat\lambda_i - \lambda_i \rvert \le 32\, n\, u\, \lVert S \rVert_F, \quad LL^{\mathsf T} \text{ exists} \iff \lambda_{\min} > 0`,
  source: { paper: 'hu2020', place: 'spectral norms of kernels (rounding: Higham 2002, §3.5 and §10.1)' },
  instances,
  theory: { dropped: 0 },
  measure: async ({ rows: n, others, terms, seed }, { dropped }) => {
    const a = gaussian(n, terms, seed, 'left');
    const b = gaussian(others, terms, seed, 'right');
    const shortened = { ...a, data: a.data.map((entry, k) => (k % terms < dropped ? 0 : entry)) };
    // Both sums err, by γ_k each.
    const gamma = (2 * terms * UNIT) / (1 - terms * UNIT);
    const bounds = matmulTransposed(sizes(a), sizes(b)).data;
    const product = toMatrix(a).mmul(toMatrix(b).transpose()).to1DArray();
    const products = worstOf(matmulTransposed(shortened, b).data, product, (k) => gamma * bounds[k]!);

    const square = gram(a);
    const asymmetry = largestDifference(square.data, toMatrix(square).transpose().to1DArray());
    const shifted = symmetric(n, (i, j) => square.data[i * n + j]! / terms - Number(i === j) / 2);
    const size = Math.hypot(...shifted.data);
    const known = Float64Array.from(
      new EigenvalueDecomposition(toMatrix(shifted), { assumeSymmetric: true }).realEigenvalues,
    ).sort();
    const spectrum = worstOf(eigenvalues(shifted), known, () => 32 * n * UNIT * size);

    const largest = Math.max(-known[0]!, known.at(-1)!);
    const factored = [1 - 1e-6, 1 + 1e-6].map((share) => certifyNorm(shifted, share * largest));
    const theirs = [1 - 1e-6, 1 + 1e-6].map((share) =>
      [1, -1].every((sign) => {
        const matrix = Matrix.eye(n, n, share * largest).add(toMatrix(shifted).mul(sign));
        return new CholeskyDecomposition(matrix).isPositiveDefinite();
      }),
    );
    const disagreeing = factored.some((decision, k) => decision !== theirs[k]);
    const worst = Math.max(products, spectrum, asymmetry > 0 || disagreeing ? 2 : 0);
    return identity(worst, { products, spectrum, asymmetry });
  },
  controls: [{ id: 'term-dropped', statement: 'products without their first term', where: instances, theory: { dropped: 1 } }],
});
