import fc from 'fast-check';

/** Closed range of a parameter. */
export type Range = readonly [low: number, high: number];

const GRID = 1000;

/** A number on an even grid of the range, shrinking to its low end (`fc.double` is uniform over bit patterns, not over values). */
export function evenly([low, high]: Range): fc.Arbitrary<number> {
  if (low === high) return fc.constant(low);
  return fc.integer({ min: 0, max: GRID }).map((k) => low + ((high - low) * k) / GRID);
}

/** A number evenly spread in its logarithm over the range, likewise. */
export function logarithmically([low, high]: Range): fc.Arbitrary<number> {
  return evenly([Math.log(low), Math.log(high)]).map(Math.exp);
}

/** Seeds: any 31-bit integer, never shrunk. */
export const seeds = fc.noShrink(fc.integer({ min: 0, max: 2 ** 31 - 1 }));
