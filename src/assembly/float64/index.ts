// Linear algebra and the references of the models in float64.
export { cholesky } from './cholesky';
export { eigenvalues } from './eigenvalues';
export { flowAttempt, flowDescent, flowNumbers, flowScratch } from './gradient-flow';
export { correlatedSeries } from './hermite';
export { matvec, mirror, product } from './products';
export { orthogonalise } from './vectors';

/** The first address that the module leaves free: before it are the tables of its functions. */
export function stackStart(): usize {
  return __heap_base;
}
