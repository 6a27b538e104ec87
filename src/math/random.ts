import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** A deterministic stream of independent draws. */
export interface Stream {
  /** Uniform on [0, 1). */
  uniform(): number;
  /** Standard normal. */
  gaussian(): number;
  /** ±1 with probability ½ each. */
  sign(): number;
}

/** A 32-bit signed integer derived from the labels by SHA-256: the seed that fast-check takes. */
export function seedOf(...labels: readonly (string | number)[]): number {
  return digest(labels).readInt32LE(0);
}

/**
 * The stream named by the labels (root seed, claim, index, purpose, …). Different labels give independent streams:
 * the 128-bit state of xoroshiro128+ is the first half of the SHA-256 of their JSON.
 */
export function stream(...labels: readonly (string | number)[]): Stream {
  const hash = digest(labels);
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => hash.readInt32LE(offset)));
  const uniform = () => uniformFloat64(generator);
  let spare: number | null = null;
  return {
    uniform,
    sign: () => (generator.next() < 0 ? -1 : 1),
    gaussian: () => {
      if (spare !== null) {
        const value = spare;
        spare = null;
        return value;
      }
      // Box–Muller; 1 − u lies in (0, 1], so the logarithm is finite.
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
  };
}

function digest(labels: readonly (string | number)[]): Buffer {
  return createHash('sha256').update(JSON.stringify(labels)).digest();
}
