import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { toMatrix } from '../linear-algebra/ml-matrix.js';
import { gram as innerProducts } from '../linear-algebra/products.js';
import { type DenseMatrix, dot, type Matrix64, toFloat64, transposed } from '../math/matrix.js';

/** Sufficient statistics of least squares in features ψ (n×p): (1/n) ψᵀψ and (1/n) ψᵀy. */
interface NormalEquations {
  readonly gram: Matrix;
  readonly moment: Matrix;
}

function normalEquations(features: Matrix64, labels: ArrayLike<number>): NormalEquations {
  const { rows: n, columns: p } = features;
  const byFeature = transposed(features);
  const target = Float64Array.from(labels);
  const moments = Array.from({ length: p }, (_, k) => dot(byFeature.data, k * n, target, 0, n));
  return { gram: toMatrix(innerProducts(byFeature)).div(n), moment: Matrix.columnVector(moments).div(n) };
}

/**
 * Gradient descent of f^lin(x) = ⟨β, ψ(x)⟩ from β = 0 on L = (1/2n) Σ (f − y)², step by step: β_t (p×1) at each recorded step
 * (ascending). `features` is n×p.
 */
export function linearModelByDescent(
  features: Matrix64,
  labels: ArrayLike<number>,
  stepSize: number,
  record: readonly number[],
): Matrix[] {
  const { gram, moment } = normalEquations(features, labels);
  let beta = Matrix.zeros(gram.rows, 1);
  let done = 0;
  return record.map((step) => {
    for (; done < step; done++) beta = Matrix.add(beta, Matrix.sub(moment, gram.mmul(beta)).mul(stepSize));
    return beta;
  });
}

/**
 * The same β_t in closed form, Σ_k u_k u_kᵀ b (1 − (1 − η λ_k)^t)/λ_k over the eigenpairs of (1/n) ψᵀψ; t η where λ_k = 0.
 */
export function linearModelInClosedForm(
  features: Matrix64,
  labels: ArrayLike<number>,
  stepSize: number,
  record: readonly number[],
): Matrix[] {
  const { gram, moment } = normalEquations(features, labels);
  const { realEigenvalues, eigenvectorMatrix: basis } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const projected = basis.transpose().mmul(moment);
  return record.map((step) => {
    const scaled = realEigenvalues.map((lambda, k) => projected.get(k, 0) * geometricSum(stepSize, lambda, step));
    return basis.mmul(Matrix.columnVector(scaled));
  });
}

/** η Σ_{s<t} (1 − η λ)^s, without cancellation at small λ. */
function geometricSum(stepSize: number, lambda: number, steps: number): number {
  const decay = stepSize * lambda;
  if (decay === 0) return stepSize * steps;
  if (decay >= 1) return (1 - (1 - decay) ** steps) / lambda;
  return -Math.expm1(steps * Math.log1p(-decay)) / lambda;
}

/** Directions whose eigenvalue is a smaller part of the largest are not in the span of the features. */
const RANK_TOLERANCE = 1e-10;

/** β of least squares, of least norm where it is not unique: the limit of descent. */
export function leastSquares(features: Matrix64, labels: ArrayLike<number>): Matrix {
  const { gram, moment } = normalEquations(features, labels);
  const { realEigenvalues, eigenvectorMatrix: basis } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const projected = basis.transpose().mmul(moment);
  const smallest = RANK_TOLERANCE * Math.max(...realEigenvalues);
  return basis.mmul(
    Matrix.columnVector(realEigenvalues.map((lambda, k) => (lambda > smallest ? projected.get(k, 0) / lambda : 0))),
  );
}

/** Outputs of gradient descent with a fixed kernel at a recorded step, and their change per step there. */
export interface KernelOutputs {
  readonly outputs: Float64Array;
  readonly velocity: Float64Array;
}

/** f_{t+1} = f_t − (η/n) Θ (f_t − y) from f = 0 for a fixed kernel Θ n×n, at the recorded steps (ascending). */
export function kernelDescent(
  kernel: DenseMatrix,
  labels: ArrayLike<number>,
  stepSize: number,
  record: readonly number[],
): KernelOutputs[] {
  const n = kernel.rows;
  const theta = toFloat64(kernel.data);
  const outputs = new Float64Array(n);
  const velocityAt = () => {
    const residual = outputs.map((output, i) => labels[i]! - output);
    return Float64Array.from({ length: n }, (_, i) => (stepSize / n) * dot(theta, i * n, residual, 0, n));
  };
  let done = 0;
  return record.map((step) => {
    for (; done < step; done++) {
      const velocity = velocityAt();
      for (let i = 0; i < n; i++) outputs[i] = outputs[i]! + velocity[i]!;
    }
    return { outputs: outputs.slice(), velocity: velocityAt() };
  });
}

/** ⟨β, ψ(x)⟩ for each row of the features. */
export function linearOutputs(features: Matrix64, beta: Matrix): Float64Array {
  return Float64Array.from(toMatrix(features).mmul(beta).to1DArray());
}
