import { dot, type Matrix64 } from '../math/matrix.js';
import { stream } from '../math/random.js';
import { MeasurementError } from '../support/errors.js';
import { upTo } from '../support/wasm.js';
import { float64 } from './float64.js';
import { BLOCK } from './products.js';
import { positiveDefinite, type Tridiagonal, tridiagonalEnds } from './tridiagonal.js';

/** What Lanczos saw of a symmetric matrix: Rayleigh–Ritz values at both ends of its spectrum. */
export interface SpectralEstimate {
  /** max(|smallest|, |largest|), a lower bound on ‖A‖ up to rounding. */
  readonly norm: number;
  readonly smallest: number;
  readonly largest: number;
  /** Products with A that were spent. */
  readonly products: number;
  /** Whether ‖A‖ ≤ the given bound but for probability 10⁻¹² over the start vector. */
  readonly within: boolean;
}

/** A ↦ A x for a symmetric operator on vectors of length n. */
export type SymmetricOperator = (x: Float64Array) => Float64Array;

/** Products before the first look at the Ritz values; looking costs more the later it is, so each waits for a quarter of the products so far. */
const FIRST_LOOK = 4;
/** Products after which a bound too close for `within` is left to Cholesky. */
const MOST_PRODUCTS = 96;
/** Split over the looks at the bound. */
const FAILURE = 1e-12 / (MOST_PRODUCTS / FIRST_LOOK);

/**
 * ‖A‖ of a symmetric operator by Lanczos iteration with full reorthogonalisation, until the residual of the outer Ritz value is below
 * `tolerance` × its size. A Ritz value is a Rayleigh quotient: above a bound, it proves that ‖A‖ exceeds the bound.
 *
 * With a `bound`, iterates on until also Kuczyński and Woźniakowski (1992, Thm 4.2) shows ‖A‖ ≤ bound: for k steps on A² from a
 * random start, P(‖A‖² > θ/(1 − ε)) ≤ 1.648 √n exp(−√ε (2k − 1)), where θ is the largest ‖Ax‖² over unit x in the Krylov space; N products
 * with A span k = ⌊(N + 1)/2⌋ steps on A². The probability is over the start vector, which is pseudo-random and the same for every A of size n.
 */
export function lanczosNorm(
  apply: SymmetricOperator,
  n: number,
  tolerance = 1e-6,
  bound: number | null = null,
): SpectralEstimate {
  const iteration = lanczos(n, { tolerance, bound, most: n });
  let step = iteration.next();
  while (!step.done) step = iteration.next(apply(step.value));
  return step.value;
}

/** Products of `operatorNorm`: enough for a relative error below .003 on average over the start, for any spectrum and n up to 10⁵ (Kuczyński and Woźniakowski 1992, Thm 3.1). */
const MOST_OPERATOR_PRODUCTS = 200;
/** The error of a Ritz value is of second order in its residual: below 10⁻³ for Gram matrices of random inputs, with a third of the products that 10⁻⁴ takes. */
const OPERATOR_TOLERANCE = 1e-2;

/** ‖A‖ of an operator whose products are computed elsewhere, in float32 perhaps: to about 10⁻³, or what 200 products show. */
export async function operatorNorm(apply: (x: Float64Array) => Promise<Float64Array>, n: number): Promise<number> {
  const iteration = lanczos(n, { tolerance: OPERATOR_TOLERANCE, bound: null, most: Math.min(n, MOST_OPERATOR_PRODUCTS) });
  let step = iteration.next();
  while (!step.done) step = iteration.next(await apply(step.value));
  return step.value.norm;
}

/** The iteration of `lanczosNorm`, with at most so many products: it yields a unit vector and takes its image. */
function* lanczos(
  n: number,
  { tolerance, bound, most }: { readonly tolerance: number; readonly bound: number | null; readonly most: number },
): Generator<Float64Array, SpectralEstimate, Float64Array> {
  const random = stream('lanczos', n);
  const alphas: number[] = [];
  const betas: number[] = [];
  const basis: Float64Array[] = [];
  let look = FIRST_LOOK;
  let direction = normalised(Float64Array.from({ length: n }, () => random.gaussian()));
  for (;;) {
    basis.push(direction);
    const image = yield direction;
    alphas.push(dot(image, 0, direction, 0, n));
    const rest = orthogonalised(image, basis);
    const beta = Math.sqrt(dot(rest, 0, rest, 0, n));
    const products = basis.length;
    if (!Number.isFinite(beta))
      throw new MeasurementError({ problem: 'a spectral norm is not finite', hint: 'scale the data down' });
    const exhausted = products === most || !(beta > Number.EPSILON * Math.abs(alphas[0]!));
    if (exhausted || products === look) {
      look += Math.max(FIRST_LOOK, Math.floor(look / 4));
      const t = { diagonal: alphas, beside: betas };
      const { last, ...ends } = tridiagonalEnds(t);
      const residual = beta * last;
      const within = bound !== null && ends.norm < bound && normWithin(t, beta, bound, n);
      const converged = exhausted || residual <= tolerance * ends.norm;
      const open = bound !== null && ends.norm < bound && !within && products < MOST_PRODUCTS && !exhausted;
      if (converged && !open) return { ...ends, products, within };
    }
    betas.push(beta);
    direction = rest.map((entry) => entry / beta);
  }
}

/** What of a vector is orthogonal to these unit vectors, twice over. */
function orthogonalised(vector: Float64Array, basis: readonly Float64Array[]): Float64Array {
  const n = vector.length;
  return float64.run(({ orthogonalise }, stack) => {
    // Rooms of one size follow each other at equal distances.
    const rooms = basis.map((unit) => stack.put(unit));
    const work = stack.put(vector);
    orthogonalise(rooms[0]!, (rooms[1] ?? work) - rooms[0]!, basis.length, n, work);
    return stack.read(work, n);
  });
}

/** Whether the theorem gives ‖A‖ ≤ bound from N steps: θ is the largest eigenvalue of T² + β_N² e_N e_Nᵀ, and must be below (1 − ε) bound². */
function normWithin(t: Tridiagonal, lastBeta: number, bound: number, n: number): boolean {
  const steps = Math.floor((t.diagonal.length + 1) / 2);
  const root = Math.log((1.648 * Math.sqrt(n)) / FAILURE) / (2 * steps - 1);
  return root < 1 && positiveDefinite((1 - root ** 2) * bound ** 2, t, lastBeta);
}

/** ‖A‖ of a dense symmetric matrix, as `lanczosNorm`. */
export function spectralNorm(a: Matrix64, tolerance?: number, bound: number | null = null): SpectralEstimate {
  const n = a.rows;
  return float64.run(({ matvec }, stack) => {
    const [matrix, from, to] = [stack.put(a.data), stack.room(n), stack.room(n)];
    const apply = (x: Float64Array) => {
      stack.view(from, n).set(x);
      matvec(matrix, n, n, from, to);
      return stack.read(to, n);
    };
    return lanczosNorm(apply, n, tolerance, bound);
  });
}

function normalised(vector: Float64Array): Float64Array {
  const length = Math.sqrt(dot(vector, 0, vector, 0, vector.length));
  return vector.map((entry) => entry / length);
}

/**
 * A proof that ‖A‖ ≤ bound: float64 Cholesky factorisations of bI + A and bI − A both run to the end, where b is smaller than the
 * bound by the backward error of Cholesky, at most n γ_{n+1} · max diagonal (Demmel 1989; Higham 2002, Thm 10.5). False proves nothing.
 */
export function certifyNorm(a: Matrix64, bound: number): boolean {
  const n = a.rows;
  const u = Number.EPSILON / 2;
  const gamma = ((n + 2) * u) / (1 - (n + 2) * u);
  const shift = bound * (1 - 2 * n * gamma);
  const ld = upTo(BLOCK, n);
  return [1, -1].every((sign) =>
    float64.run(({ cholesky }, stack) => {
      const address = stack.room(ld * ld);
      const shifted = stack.view(address, ld * ld);
      // What is added up to the next four rows is the identity.
      for (let i = 0; i < ld; i++) {
        for (let j = 0; j <= i; j++) shifted[i * ld + j] = i < n ? sign * a.data[i * n + j]! : 0;
        shifted[i * ld + i] = i < n ? shifted[i * ld + i]! + shift : 1;
      }
      return cholesky(address, ld) !== 0;
    }),
  );
}

/** ‖A‖ as a verdict against a bound may use it. */
export interface JudgedNorm extends SpectralEstimate {
  /** The Lanczos estimate; or just above the bound where the estimate is below it and no proof was found. */
  readonly observed: number;
  readonly certified: boolean;
}

/** A norm that is not proved to be below its bound counts as this much above it. */
const UNPROVED = 1e-9;

/**
 * ‖A‖ for the decision "‖A‖ + roundoff ≤ bound". Lanczos approaches ‖A‖ from below, which suffices to refute. To accept, its random start
 * shows ‖A‖ ≤ bound − roundoff but for probability 10⁻¹², or, where the bound is too close for that, `certifyNorm` proves it.
 */
export function normAgainst(a: Matrix64, bound: number, roundoff: number): JudgedNorm {
  const limit = bound - roundoff;
  const estimate = spectralNorm(a, undefined, limit);
  if (estimate.norm > limit) return { ...estimate, observed: estimate.norm, certified: false };
  const certified = estimate.within || certifyNorm(a, limit);
  return { ...estimate, observed: certified ? estimate.norm : Math.max(estimate.norm, bound * (1 + UNPROVED)), certified };
}

/** Largest size at which two Cholesky factorisations are cheap. */
const CHOLESKY_SIZE = 1000;

/**
 * An upper bound on ‖A‖ for a certificate: the Lanczos estimate and 10⁻⁵ of it, proved by `certifyNorm`; for large matrices, or where that fails,
 * 1.1 × the estimate, which the random start shows but for probability 10⁻¹².
 * @throws MeasurementError when neither bounds the norm.
 */
export function normUpperBound(a: Matrix64): number {
  const { norm } = spectralNorm(a);
  if (norm === 0) return 0;
  if (a.rows <= CHOLESKY_SIZE && certifyNorm(a, norm * (1 + 1e-5))) return norm * (1 + 1e-5);
  if (spectralNorm(a, undefined, 1.1 * norm).within) return 1.1 * norm;
  throw new MeasurementError({ problem: `the norm of a matrix of size ${a.rows} could not be bounded from above` });
}
