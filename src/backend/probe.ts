import * as tf from '@tensorflow/tfjs-core';
import { matmulTransposed } from '../linear-algebra/products.js';
import { activation } from '../math/activation.js';
import { type Matrix64, matrix64, transposed } from '../math/matrix.js';
import { stream } from '../math/random.js';
import { MeasurementError } from '../support/errors.js';
import { once } from '../support/once.js';
import { tensorActivation } from './activation.js';
import { fusedActivation, fusedMatmul } from './float32.js';
import { type ActivationError, FLOAT32_ROUNDOFF, type Roundoff } from './roundoff.js';

type Read = (tensor: tf.Tensor) => Promise<Float32Array>;

/** TF32 that truncates, with a truncating accumulator. */
const COARSEST: Roundoff = { inputs: 2 ** -10, accumulator: 2 ** -23 };
const LENGTH = 1024;
const OUTER = 64;
/** An activation that is off by more than this is wrong, not rounded: 16 units of float32 at |φ| ≈ 10. */
const ACTIVATION_TOLERANCE = 1e-5;
/** Between the worst error of a float32 sum of 1024 ones (2⁻¹⁴ = 1024·2⁻²⁴) and the 2⁻¹² that reduced precision loses. */
const VISIBLE_LOSS = 2 ** -14;
const GRID_HALF_WIDTH = 12;
const GRID_POINTS = 12_001;

/**
 * Measures the roundoff of matrix products on the active backend, in the shapes that the suite uses (matrix, column, row,
 * transposed): entries 1 + 2⁻¹² sum to 1024.5 in float32 and to 1024 in TF32, entries 1 + 3·2⁻¹² tell rounding from truncation,
 * and 1 + 1.5·2⁻ᵉ shows the unit of the accumulator.
 * @throws MeasurementError when a product, a transpose or a sum is wrong beyond any such rounding, with the evidence.
 */
export async function measureRoundoff(read: Read): Promise<Roundoff> {
  // First whether it computes products at all, even with the coarsest rounding that is allowed: the finer questions assume it.
  await refuseWrongArithmetic(read, COARSEST);
  const inputs = await inputRoundoff(read);
  const roundoff = { inputs, accumulator: await accumulatorRoundoff(read) };
  await refuseWrongArithmetic(read, roundoff);
  return roundoff;
}

type Product = (a: tf.Tensor2D, b: tf.Tensor2D) => tf.Tensor;

/** Product of a (rows×LENGTH) with b (LENGTH×rows), through the shapes between which libraries switch kernels. */
const shapes: Readonly<Record<string, Product>> = {
  matrix: (a, b) => tf.matMul(a, b),
  transposed: (a, b) => tf.matMul(a, tf.transpose(b), false, true),
  column: (a, b) => tf.matMul(a, tf.slice(b, [0, 0], [LENGTH, 1])),
  row: (a, b) => tf.matMul(tf.slice(a, [0, 0], [1, LENGTH]), b),
  // Of the kernels that compute a whole case at once, where the backend has them.
  fused: (a, b) => fusedMatmul({ a, b }, {})?.[0] ?? tf.matMul(a, b),
};

/** Every product of the two matrices, as one list per shape. */
async function products(read: Read, a: Float32Array, b: Float32Array): Promise<[string, Float32Array][]> {
  const left = tf.tensor2d(a, [a.length / LENGTH, LENGTH]);
  const right = tf.tensor2d(b, [LENGTH, b.length / LENGTH]);
  const results: [string, Float32Array][] = [];
  for (const [shape, product] of Object.entries(shapes)) {
    const tensor = tf.tidy(() => product(left, right));
    results.push([shape, await read(tensor)]);
    tensor.dispose();
  }
  tf.dispose([left, right]);
  return results;
}

/** Relative error of Σ (1 + δ)·1 over LENGTH terms; exact in float32, of the size of δ where factors are cut to fewer bits. */
async function lossOf(read: Read, delta: number): Promise<number> {
  const entries = new Float32Array(OUTER * LENGTH).fill(1 + delta);
  const ones = new Float32Array(LENGTH * OUTER).fill(1);
  const exact = LENGTH * (1 + delta);
  let worst = 0;
  for (const [, values] of await products(read, entries, ones)) {
    for (const value of values) worst = Math.max(worst, Math.abs(value - exact) / exact);
  }
  return worst;
}

async function inputRoundoff(read: Read): Promise<number> {
  const coarse = await lossOf(read, 2 ** -9);
  if (coarse > VISIBLE_LOSS) {
    throw new MeasurementError({
      problem: `backend '${tf.getBackend()}' multiplies with fewer bits than TF32`,
      expected: 'sums of 1024 entries 1 + 2^-9 to be exact, as they are with 10 bits of mantissa or more',
      found: `a relative error of ${coarse.toExponential(3)}`,
      hint: 'choose another backend with --backend, or switch off reduced precision in its driver',
    });
  }
  const small = await lossOf(read, 2 ** -12);
  const large = await lossOf(read, 3 * 2 ** -12);
  if (Math.max(small, large) < VISIBLE_LOSS) return 0;
  return large > 2 ** -11 ? 2 ** -10 : 2 ** -11;
}

/** The largest relative error of the two-term sums 1 + 1.5·2⁻ᵉ, rounded up to a power of two. */
async function accumulatorRoundoff(read: Read): Promise<number> {
  const rows = new Float32Array(OUTER * LENGTH);
  const exact = Array.from({ length: OUTER }, (_, i) => 1 + 1.5 * 2 ** -(8 + (i % 20)));
  exact.forEach((sum, i) => {
    rows[i * LENGTH] = 1;
    rows[i * LENGTH + 1 + ((i * 37) % (LENGTH - 1))] = sum - 1;
  });
  let worst = 0;
  for (const [shape, values] of await products(read, rows, new Float32Array(LENGTH * OUTER).fill(1))) {
    const columns = shape === 'column' ? 1 : OUTER;
    values.forEach((value, k) => {
      const sum = exact[Math.floor(k / columns)]!;
      worst = Math.max(worst, Math.abs(value - sum) / sum);
    });
  }
  return Math.max(FLOAT32_ROUNDOFF, 2 ** Math.ceil(Math.log2(worst || FLOAT32_ROUNDOFF)));
}

/** Random factors of products, and Σ ab and Σ|a||b| of each entry in float64. */
const randomProducts = once(() => {
  const random = stream('probe');
  const a = Float32Array.from({ length: OUTER * LENGTH }, () => random.gaussian());
  const b = Float32Array.from({ length: LENGTH * OUTER }, () => random.gaussian());
  const left = matrix64(OUTER, LENGTH, Float64Array.from(a));
  const right = transposed(matrix64(LENGTH, OUTER, Float64Array.from(b)));
  const sizes = (matrix: Matrix64) => ({ ...matrix, data: matrix.data.map(Math.abs) });
  return { a, b, exact: matmulTransposed(left, right).data, size: matmulTransposed(sizes(left), sizes(right)).data };
});

/** Random products against float64, entry by entry, within [2u_in + u_in² + γ_k(1 + u_in)²] Σ|a||b|; and a plain sum. */
async function refuseWrongArithmetic(read: Read, { inputs, accumulator }: Roundoff): Promise<void> {
  const { a, b, exact, size } = randomProducts();
  const gamma = (LENGTH * accumulator) / (1 - LENGTH * accumulator);
  const tolerance = 2 * inputs + inputs ** 2 + gamma * (1 + inputs) ** 2;
  for (const [shape, values] of await products(read, a, b)) {
    const columns = shape === 'column' ? 1 : OUTER;
    values.forEach((value, index) => {
      const [i, j] = [Math.floor(index / columns), index % columns];
      const entry = i * OUTER + j;
      if (!(Math.abs(value - exact[entry]!) <= tolerance * size[entry]!)) {
        refuse(`a ${shape} product (entry ${i},${j} of 1024-term products)`, exact[entry]!, value);
      }
    });
  }
  const terms = a.subarray(0, LENGTH);
  const tensor = tf.tensor1d(terms);
  const total = tf.sum(tensor);
  const [sum] = await read(total);
  tf.dispose([tensor, total]);
  const exactSum = terms.reduce((partial, value) => partial + value, 0);
  const sumOfSizes = terms.reduce((partial, value) => partial + Math.abs(value), 0);
  if (!(Math.abs(sum! - exactSum) <= gamma * sumOfSizes)) refuse(`the sum of ${LENGTH} numbers`, exactSum, sum!);
}

/**
 * Largest errors of φ and φ' of that activation against float64 on a grid of [−12, 12], relative to 1 + |z| and doubled because the
 * grid is not exhaustive.
 * @throws MeasurementError when one is wrong by more than rounding and the usual polynomial approximations explain.
 */
export async function measureActivationError(read: Read, name: string): Promise<ActivationError> {
  const reference = activation(name);
  const points = Float32Array.from({ length: GRID_POINTS }, (_, k) => GRID_HALF_WIDTH * ((2 * k) / (GRID_POINTS - 1) - 1));
  const onTensors = tensorActivation(name);
  const worstOf = async (kind: 'value' | 'slope', what: string) => {
    const exact = Float64Array.from(points, reference[kind]);
    const z = tf.tensor2d(points, [1, GRID_POINTS]);
    // By operations of tfjs, and by the kernels of this package where the backend has them.
    const computed: tf.Tensor[] = [tf.tidy(() => onTensors[kind](z))];
    for (const together of [false, true]) {
      computed.push(...(fusedActivation({ z }, { activation: name, derivative: kind === 'slope', together }) ?? []));
    }
    z.dispose();
    let worst = 0;
    for (const tensor of computed) {
      const values = await read(tensor);
      tensor.dispose();
      points.forEach((point, k) => {
        const error = Math.abs(values[k]! - exact[k]!) / (1 + Math.abs(point));
        if (!(error <= ACTIVATION_TOLERANCE)) refuse(`${what} of ${name} at ${point}`, exact[k]!, values[k]!);
        worst = Math.max(worst, error);
      });
    }
    return 2 * Math.max(worst, FLOAT32_ROUNDOFF);
  };
  return { value: await worstOf('value', 'the value'), slope: await worstOf('slope', 'the derivative') };
}

function refuse(what: string, expected: number, found: number): never {
  throw new MeasurementError({
    problem: `backend '${tf.getBackend()}' computes wrongly: ${what}`,
    expected: String(expected),
    found: String(found),
    hint: 'choose another backend with --backend; `earlytime doctor` shows which ones compute correctly here',
  });
}
