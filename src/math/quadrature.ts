import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** Nodes g_k and weights w_k with Σ w_k F(g_k) = E F(g), g ~ N(0,1), exact for polynomials of degree below 2·nodes.length. */
export interface Quadrature {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

const NODES = 128;
const rules = new Map<number, Quadrature>();

/**
 * Gauss–Hermite rule (with 128 nodes unless told otherwise) for the standard normal weight, from the eigen-decomposition of the Jacobi matrix with
 * off-diagonal entries √k (Golub and Welsch 1969). For functions that are analytic near the real axis only: the callers
 * refuse kinked activations, for which the rule is wrong in the third digit.
 */
export function gaussHermite(count = NODES): Quadrature {
  const known = rules.get(count);
  if (known) return known;
  const jacobi = Matrix.zeros(count, count);
  for (let k = 1; k < count; k++) {
    jacobi.set(k - 1, k, Math.sqrt(k));
    jacobi.set(k, k - 1, Math.sqrt(k));
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(jacobi, { assumeSymmetric: true });
  const nodes = Float64Array.from(realEigenvalues);
  const rule = { nodes, weights: nodes.map((_, k) => eigenvectorMatrix.get(0, k) ** 2) };
  rules.set(count, rule);
  return rule;
}

/** E F(g) for g ~ N(0,1) by Gauss–Hermite quadrature; F must be smooth. */
export function gaussianExpectation(integrand: (g: number) => number): number {
  const { nodes, weights } = gaussHermite();
  return nodes.reduce((sum, node, k) => sum + weights[k]! * integrand(node), 0);
}

/** Values h_0(g), …, h_{count−1}(g) of the Hermite polynomials that are orthonormal under N(0,1). */
export function hermiteValues(count: number, g: number): Float64Array {
  const values = new Float64Array(count);
  values[0] = 1;
  if (count > 1) values[1] = g;
  for (let k = 1; k + 1 < count; k++) values[k + 1] = (g * values[k]! - Math.sqrt(k) * values[k - 1]!) / Math.sqrt(k + 1);
  return values;
}
