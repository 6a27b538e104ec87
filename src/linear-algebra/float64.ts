import { openKernels, type Stack } from '../support/wasm.js';

/** What src/linear-algebra/assembly/float64.ts exports; addresses are those of the stack. */
interface Functions {
  product(a: number, p: number, b: number, q: number, k: number, c: number, ldc: number, lower: boolean): void;
  mirror(a: number, n: number, ld: number): void;
  matvec(a: number, n: number, k: number, x: number, y: number): void;
  cholesky(a: number, n: number): number;
}

export type Float64Stack = Stack<'float64'>;

/** Float64 kernels in plain WebAssembly SIMD. */
export const float64 = openKernels<Functions, 'float64'>('linear-algebra/float64.wasm', 'float64');
