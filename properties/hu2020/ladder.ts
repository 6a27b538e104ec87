import fc from 'fast-check';
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

/** One rung of dimension d: isotropic Gaussian inputs unless the ladder says otherwise. */
export function rungOf(
  { seed, ...rest }: Pick<TwoLayerInstance, 'activation' | 'seed'> & Partial<TwoLayerInstance>,
  d: number,
  samples: number,
  width: number,
  alpha: number,
): TwoLayerInstance {
  return {
    law: 'gaussian',
    spectrum: 'isotropic',
    mean: 0,
    labels: 'constant',
    relativeStep: 0.1,
    stepRatio: 1,
    initialization: 'independent',
    ...rest,
    inputDimension: d,
    samples,
    width,
    alpha,
    seed: seedOf(seed, 'rung', d),
  };
}

export function rungs(instance: LadderInstance, ladder: Ladder): TwoLayerInstance[] {
  return ladder.dimensions.map((d) => {
    const samples = samplesFor(ladder.samplesFactor, d, ladder.alpha);
    // The kernel of a symmetric network of width m is that of its m/2 independent units, at half the cost.
    const width = Math.ceil((ladder.widthFactor * d ** ladder.widthExponent) / 2);
    return rungOf(instance, d, samples, width, ladder.alpha);
  });
}

/** ‖E‖ d/n of one rung against its d. */
export function climb(
  { inputDimension: d, samples: n }: TwoLayerInstance,
  difference: Matrix64,
): { size: number; value: number } {
  return { size: d, value: (spectralNorm(difference, NORM_TOLERANCE).norm * d) / n };
}
