import fc from 'fast-check';
import type { Laboratory, RateMeasurement } from '../../src/claim.js';
import { dataLaws, samplesFor, seeds, type TwoLayerInstance } from '../../src/instance.js';
import { spectralNorm } from '../../src/kernel/spectral-norm.js';
import type { Matrix64 } from '../../src/matrix.js';
import { seedOf } from '../../src/random.js';

/** One replicate of a rate: a whole ladder of dimensions that share everything but their size. */
export type LadderInstance = Pick<TwoLayerInstance, 'activation' | 'law' | 'mean' | 'seed'>;

/** The sizes of a ladder: d, n = c_n d^{1+α} and m = c_m d^{e}. */
export interface Ladder {
  readonly dimensions: readonly number[];
  readonly alpha: number;
  readonly samplesFactor: number;
  readonly widthFactor: number;
  readonly widthExponent: number;
}

/** Relative accuracy of ‖E‖: changes the slope by 10⁻⁴ at most. */
const NORM_TOLERANCE = 1e-4;

export const laddersOf = (names: readonly string[], mean = 0): fc.Arbitrary<LadderInstance> =>
  fc.record({ activation: fc.constantFrom(...names), law: fc.constantFrom(...dataLaws), mean: fc.constant(mean), seed: seeds });

export function rung({ seed, ...rest }: LadderInstance, ladder: Ladder, d: number): TwoLayerInstance {
  return {
    ...rest,
    inputDimension: d,
    samples: samplesFor(ladder.samplesFactor, d, ladder.alpha),
    // The kernel of a symmetric network of width m is that of its m/2 independent units, at half the cost.
    width: Math.ceil((ladder.widthFactor * d ** ladder.widthExponent) / 2),
    alpha: ladder.alpha,
    spectrum: 'isotropic',
    labels: 'constant',
    relativeStep: 0.1,
    stepRatio: 1,
    initialization: 'independent',
    seed: seedOf(seed, 'rung', d),
  };
}

/** ln(‖E‖ d/n) against ln d, where `differenceAt` gives E of one rung. */
export async function climb(
  instance: LadderInstance,
  ladder: Ladder,
  laboratory: Laboratory,
  differenceAt: (
    rung: TwoLayerInstance,
    laboratory: Laboratory,
  ) => Promise<{ readonly difference: Matrix64; readonly rounding: number | null }>,
): Promise<RateMeasurement> {
  const points: { size: number; value: number }[] = [];
  let rounding: number | null = null;
  for (const size of ladder.dimensions) {
    const at = rung(instance, ladder, size);
    const { difference, rounding: seen } = await differenceAt(at, laboratory);
    if (seen !== null) rounding = Math.max(rounding ?? 0, seen);
    points.push({ size, value: (spectralNorm(difference, NORM_TOLERANCE).norm * size) / at.samples });
  }
  return { kind: 'rate', points, rounding };
}
