import hypergeometric from '@stdlib/stats-base-dists-hypergeometric-cdf';
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import kruskal from '@stdlib/stats-kruskal-test';
import { MARGIN_DIGITS } from './baseline.js';

/** Probability with which the detectable drift is seen. */
const POWER = 0.9;

/**
 * Two-sided test of two independent samples: rank sums in their normal approximation with the correction for ties (Kruskal–Wallis with two groups), which is
 * conservative in the far tail where ties are few; where one value makes up half of both samples and more, the exact test of its share in each (hypergeometric).
 */
export function twoSamplePValue(first: readonly number[], second: readonly number[]): number {
  const pooled = [...first, ...second];
  const counts = new Map<number, number>();
  for (const value of pooled) counts.set(value, (counts.get(value) ?? 0) + 1);
  const [common, count] = [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most));
  if (2 * count < pooled.length) return kruskal([...first], [...second]).pValue;
  const seen = first.filter((value) => value === common).length;
  const atMost = (k: number) => hypergeometric(k, pooled.length, count, first.length);
  return Math.min(1, 2 * Math.min(atMost(seen), 1 - atMost(seen - 1)));
}

/** What a sample shows of drifts: how often one of its values is overtaken by another at each drift, in ascending order, and by none. */
function overtaking(sample: readonly number[], by: 'factor' | 'difference') {
  const overtaken: number[] = [];
  let zeros = 0;
  for (const [i, x] of sample.entries()) {
    for (const [j, y] of sample.entries()) {
      if (i === j) continue;
      if (by === 'difference') overtaken.push(x - y);
      else if (y > 0) overtaken.push(x / y);
      // A factor leaves zeros where they are: of two of them neither is ever the larger.
      else if (x === 0) zeros++;
    }
  }
  return { overtaken: overtaken.sort((a, b) => a - b), zeros, pairs: sample.length * (sample.length - 1) };
}

const quantiles = (level: number) => normalQuantile(1 - level / 2, 0, 1) + normalQuantile(POWER, 0, 1);

/**
 * The smallest upward drift of `sample`'s distribution that a rank-sum test at `level`, with a new sample of `size`, sees with probability .9: the least factor
 * (or difference) at which P(X < Y) + ½ P(X = Y) is what Noether (1987) asks for; null where none is.
 */
export function detectableDrift(
  sample: readonly number[],
  size: number,
  level: number,
  by: 'factor' | 'difference',
): number | null {
  const total = sample.length + size + 1;
  const needed = 0.5 + quantiles(level) * Math.sqrt(total / (12 * sample.length * size));
  const { overtaken, zeros, pairs } = overtaking(sample, by);
  const drift = overtaken[Math.ceil(needed * pairs - zeros / 2) - 1] ?? null;
  if (drift === null || by === 'difference') return drift;
  return Math.max(drift, 1 + 10 ** (1 - MARGIN_DIGITS));
}

/** The least size of a new sample that sees some drift of `sample`'s distribution at that level; null where the sample itself is too small, or too much of it zero. */
export function sizeForDrift(sample: readonly number[], level: number, by: 'factor' | 'difference'): number | null {
  const { overtaken, zeros, pairs } = overtaking(sample, by);
  const reach = (overtaken.length + zeros / 2) / pairs - 0.5;
  const asked = (quantiles(level) / reach) ** 2;
  if (!(reach > 0) || asked >= 12 * sample.length) return null;
  return Math.ceil((asked * (sample.length + 1)) / (12 * sample.length - asked));
}
