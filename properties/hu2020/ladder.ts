import fc from 'fast-check';
import type { RateMeasurement } from '../../src/claim.js';
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
  /** Instances at each rung, whose ln ‖E‖ is averaged; 1 each unless given. More of the small ones make the slope steadier at no cost. */
  readonly draws?: readonly number[];
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

/** The instances of every rung. */
function rungs(instance: LadderInstance, ladder: Ladder): TwoLayerInstance[][] {
  return ladder.dimensions.map((d, rung) => {
    const samples = samplesFor(ladder.samplesFactor, d, ladder.alpha);
    // The kernel of a symmetric network of width m is that of its m/2 independent units, at half the cost.
    const width = Math.ceil((ladder.widthFactor * d ** ladder.widthExponent) / 2);
    return Array.from({ length: ladder.draws?.[rung] ?? 1 }, (_, draw) =>
      rungOf({ ...instance, seed: seedOf(instance.seed, 'draw', draw) }, d, samples, width, ladder.alpha),
    );
  });
}

/** ‖E‖ d/n of one instance. */
export function relativeNorm({ inputDimension: d, samples: n }: TwoLayerInstance, difference: Matrix64): number {
  return (spectralNorm(difference, NORM_TOLERANCE).norm * d) / n;
}

/** ‖E‖ d/n, in geometric mean over the instances of a rung, against d, where `differenceAt` gives E; it is told which is the first of a rung. */
export async function climb(
  instance: LadderInstance,
  ladder: Ladder,
  differenceAt: (
    rung: TwoLayerInstance,
    first: boolean,
  ) => Promise<{ readonly difference: Matrix64; readonly rounding: number | null }>,
): Promise<RateMeasurement> {
  const points: { size: number; value: number }[] = [];
  const roundings: number[] = [];
  for (const instances of rungs(instance, ladder)) {
    let logarithms = 0;
    for (const [draw, at] of instances.entries()) {
      const { difference, rounding } = await differenceAt(at, draw === 0);
      if (rounding !== null) roundings.push(rounding);
      logarithms += Math.log(relativeNorm(at, difference));
    }
    points.push({ size: instances[0]!.inputDimension, value: Math.exp(logarithms / instances.length) });
  }
  return { kind: 'rate', points, rounding: roundings.length > 0 ? Math.max(...roundings) : null };
}
