import { correlatedSeries, matmulTransposed } from '../linear-algebra/products.js';
import { type Activation, activation } from '../math/activation.js';
import { type Matrix64, matrix64, squaredNorm, symmetric, transposed } from '../math/matrix.js';
import { gaussHermite, hermiteValues } from '../math/quadrature.js';
import { MeasurementError } from '../support/errors.js';

/** Φ_ij = E_w[φ'(w·x_i/√d) φ'(w·x_j/√d)] (or with φ), with a bound on the Frobenius norm of its numerical error. */
export interface ExpectedProduct {
  readonly expectation: Matrix64;
  readonly error: number;
}

const HERMITE_TERMS = 64;
/** Nodes of the coarser rule whose distance from the finer one bounds the error of quadrature. */
const COARSE_NODES = 64;
/** Where the two rules differ by more, neither has converged, and their distance bounds nothing. */
const LARGEST_QUADRATURE_ERROR = 1e-3;

/**
 * Φ = E φ'φ' under the Gaussian field with covariance K (n×n, K = XXᵀ/d): closed forms for erf and piecewise linear activations,
 * otherwise the Hermite series Σ_k a_k(q_i) a_k(q_j) ρ^k with its explicit tail (hu2020; theory of the arc-cosine kernels,
 * Cho and Saul 2009; erf: Williams 1997).
 */
export function expectedSlopeProduct(name: string, covariance: Matrix64): ExpectedProduct {
  const phi = activation(name);
  const n = covariance.rows;
  if (name === 'erf') {
    return exact(
      symmetric(n, (i, j) => {
        const { qi, qj, c } = entry(covariance, i, j);
        return 4 / Math.PI / Math.sqrt((1 + 2 * qi) * (1 + 2 * qj) - 4 * c * c);
      }),
    );
  }
  if (phi.negativeSlope !== null) {
    const a = phi.negativeSlope;
    return exact(
      symmetric(n, (i, j) => (1 + a) ** 2 / 4 + ((1 - a) ** 2 / (2 * Math.PI)) * Math.asin(correlation(covariance, i, j))),
    );
  }
  return hermiteSeries(phi.slope, covariance);
}

/** E φφ under the same field: closed forms for erf and piecewise linear activations, otherwise the Hermite series. */
export function expectedValueProduct(name: string, covariance: Matrix64): ExpectedProduct {
  const phi: Activation = activation(name);
  const n = covariance.rows;
  if (name === 'erf') {
    return exact(
      symmetric(n, (i, j) => {
        const { qi, qj, c } = entry(covariance, i, j);
        return (2 / Math.PI) * Math.asin((2 * c) / Math.sqrt((1 + 2 * qi) * (1 + 2 * qj)));
      }),
    );
  }
  if (phi.negativeSlope !== null) {
    const a = phi.negativeSlope;
    return exact(
      symmetric(n, (i, j) => {
        const { qi, qj } = entry(covariance, i, j);
        const rho = correlation(covariance, i, j);
        const arc = rho * Math.asin(rho) + Math.sqrt(1 - rho * rho);
        return Math.sqrt(qi * qj) * (((1 + a) ** 2 * rho) / 4 + ((1 - a) ** 2 * arc) / (2 * Math.PI));
      }),
    );
  }
  return hermiteSeries(phi.value, covariance);
}

function exact(expectation: Matrix64): ExpectedProduct {
  return { expectation, error: 0 };
}

function entry({ rows, data }: Matrix64, i: number, j: number) {
  return { qi: data[i * rows + i]!, qj: data[j * rows + j]!, c: data[i * rows + j]! };
}

function correlation(covariance: Matrix64, i: number, j: number): number {
  if (i === j) return 1;
  const { qi, qj, c } = entry(covariance, i, j);
  return Math.max(-1, Math.min(1, c / Math.sqrt(qi * qj)));
}

/**
 * E F(√q_i g) F(√q_j g') for smooth F, corr(g, g') = ρ: Σ_k a_k(q_i) a_k(q_j) ρ^k with a_k(q) = E F(√q g) h_k(g), the diagonal by
 * one-dimensional quadrature. The dropped terms are at most √(t_i t_j) |ρ|^K with t = E F² − Σ_{k<K} a_k²; to them is added what halving
 * the nodes changes of E F², at i and at j, which grows once √q carries the nodes past the poles of F.
 * @throws MeasurementError where that is more than 10⁻³.
 */
function hermiteSeries(integrand: (z: number) => number, covariance: Matrix64): ExpectedProduct {
  const n = covariance.rows;
  const variances = Float64Array.from({ length: n }, (_, i) => covariance.data[i * n + i]!);
  const distinct = [...new Set(variances)];
  const coefficients = hermiteCoefficients(integrand, distinct);
  const known = new Map(distinct.map((variance, k) => [variance, coefficients[k]!]));
  const rows = Array.from(variances, (variance) => known.get(variance)!);
  const series = matrix64(n, HERMITE_TERMS);
  for (const [i, row] of rows.entries()) series.data.set(row.series, i * HERMITE_TERMS);
  const expectation = correlatedSeries(series, (i, j) => correlation(covariance, i, j));
  let squaredError = 0;
  for (const [i, left] of rows.entries()) {
    expectation.data[i * n + i] = left.secondMoment;
    squaredError += left.quadratureError ** 2;
    for (let j = 0; j < i; j++) {
      const right = rows[j]!;
      const tail = Math.sqrt(left.tail * right.tail) * Math.abs(correlation(covariance, i, j)) ** HERMITE_TERMS;
      squaredError += 2 * (tail + left.quadratureError + right.quadratureError) ** 2;
    }
  }
  return { expectation, error: Math.sqrt(squaredError) };
}

/** a_k(q) = E F(√q g) h_k(g) for k < 64, at each of these q, with what bounds their errors. */
function hermiteCoefficients(integrand: (z: number) => number, variances: readonly number[]) {
  const { nodes, weights } = gaussHermite();
  const coarse = gaussHermite(COARSE_NODES);
  const weighted = matrix64(variances.length, nodes.length);
  const moments = variances.map((q, row) => {
    const scale = Math.sqrt(q);
    let secondMoment = 0;
    nodes.forEach((node, k) => {
      const value = integrand(scale * node);
      secondMoment += weights[k]! * value * value;
      weighted.data[row * nodes.length + k] = weights[k]! * value;
    });
    const coarseMoment = coarse.nodes.reduce((sum, node, k) => sum + coarse.weights[k]! * integrand(scale * node) ** 2, 0);
    const quadratureError = Math.abs(secondMoment - coarseMoment);
    if (!(quadratureError <= LARGEST_QUADRATURE_ERROR)) {
      throw new MeasurementError({
        problem: 'the infinite-width kernel cannot be computed for inputs of this length',
        expected: '‖x‖² near d',
        found: `‖x‖²/d = ${q.toPrecision(3)}`,
        hint: 'scale the inputs to ‖x‖² = d',
      });
    }
    return { secondMoment, quadratureError };
  });
  const { data } = matmulTransposed(weighted, polynomialsAtNodes());
  return moments.map(({ secondMoment, quadratureError }, row) => {
    const series = data.subarray(row * HERMITE_TERMS, (row + 1) * HERMITE_TERMS);
    return { series, secondMoment, quadratureError, tail: Math.max(0, secondMoment - squaredNorm(series)) };
  });
}

let polynomials: Matrix64 | undefined;

/** h_k at the nodes of the quadrature, 64 rows. */
function polynomialsAtNodes(): Matrix64 {
  if (!polynomials) {
    const { nodes } = gaussHermite();
    const data = Float64Array.from([...nodes].flatMap((node) => [...hermiteValues(HERMITE_TERMS, node)]));
    polynomials = transposed({ rows: nodes.length, columns: HERMITE_TERMS, data });
  }
  return polynomials;
}

/** E Θ₁ or E Θ₂ over W, with v_r² = 1. */
export function expectedLayerKernel(name: string, gram: Matrix64, layer: 'first' | 'second'): ExpectedProduct {
  return layer === 'first' ? expectedFirstLayerKernel(name, gram) : expectedValueProduct(name, gram);
}

/**
 * E Θ₁ = Φ ∘ K over W with v_r² = 1, its factor Φ (from the given covariance, K itself unless a wrong theory says otherwise), and a bound
 * ‖ΔΦ ∘ K‖_F on its numerical error.
 */
export function expectedFirstLayerKernel(
  name: string,
  gram: Matrix64,
  covariance = gram,
): ExpectedProduct & { readonly slopes: Matrix64 } {
  const { expectation: slopes, error } = expectedSlopeProduct(name, covariance);
  const n = gram.rows;
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, gram.data[i * n + i]!);
  return { slopes, expectation: symmetric(n, (i, j) => slopes.data[i * n + j]! * gram.data[i * n + j]!), error: error * largest };
}
