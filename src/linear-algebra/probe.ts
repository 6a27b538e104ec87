import { dot, type Matrix64 } from '../math/matrix.js';
import { stream } from '../math/random.js';
import { MeasurementError } from '../support/errors.js';
import { gram } from './products.js';

/** What float64 products are computed by, and how fast. */
export interface LinearAlgebra {
  readonly name: string;
  /** 10⁹ operations a second, on one core, of A Aᵀ for A 256×256. */
  readonly gigaflops: number;
}

const SIZE = 256;
const ROUNDS = 20;

/** @throws MeasurementError where a product is wrong. */
export function probeLinearAlgebra(): LinearAlgebra {
  const random = stream('linear algebra');
  const a: Matrix64 = { rows: SIZE, columns: SIZE, data: Float64Array.from({ length: SIZE ** 2 }, () => random.gaussian()) };
  const product = gram(a);
  for (let k = 0; k < SIZE; k++) {
    const exact = dot(a.data, k * SIZE, a.data, 0, SIZE);
    const found = product.data[k * SIZE]!;
    // γ_k |A||A|ᵀ of both sums is below this for Gaussian entries.
    if (!(Math.abs(found - exact) <= 4 * SIZE ** 2 * Number.EPSILON)) {
      throw new MeasurementError({
        problem: 'the float64 kernels compute wrongly',
        expected: `${exact} as entry (${k}, 0) of a product`,
        found: String(found),
        hint: 'install the package again',
      });
    }
  }
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    gram(a);
    best = Math.min(best, performance.now() - start);
  }
  return { name: 'WebAssembly SIMD, float64', gigaflops: SIZE ** 3 / best / 1e6 };
}
