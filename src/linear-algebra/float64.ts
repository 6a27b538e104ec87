import { openKernels, type Stack } from '../support/wasm.js';

/** What src/assembly/float64 exports; addresses are those of the stack. */
interface Functions {
  product(
    ...of: [
      ...factors: [a: number, lda: number, p: number, b: number, ldb: number, q: number, k: number],
      ...result: [c: number, ldc: number, lower: boolean],
    ]
  ): void;
  correlatedSeries(...of: [series: number, n: number, terms: number, c: number, ld: number, reversed: number]): void;
  orthogonalise(...of: [basis: number, stride: number, count: number, n: number, w: number]): void;
  flowNumbers(depth: number, sizes: number): number;
  flowScratch(depth: number, sizes: number, samples: number): number;
  flowDescent(
    ...of: [
      ...network: [relu: boolean, samples: number, depth: number, sizes: number, inputs: number, labels: number, layers: number],
      ...what: [change: number, scratch: number],
    ]
  ): number;
  flowAttempt(
    ...of: [
      ...network: [relu: boolean, samples: number, depth: number, sizes: number, inputs: number, labels: number, layers: number],
      ...what: [slopes: number, tableau: number, step: number, next: number, loss: number, scratch: number],
    ]
  ): number;
  mirror(a: number, n: number, ld: number): void;
  matvec(a: number, n: number, k: number, x: number, y: number): void;
  cholesky(a: number, n: number): number;
  eigenvalues(a: number, n: number, values: number, scratch: number): number;
}

export type Float64Stack = Stack<'float64'>;

/** Float64 kernels in plain WebAssembly SIMD. */
export const float64 = openKernels<Functions, 'float64'>('float64');
