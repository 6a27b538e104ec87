import fc from 'fast-check';
import type { RateCase } from '../../../src/claim/define.js';
import type { Strata } from '../../../src/claim/strata.js';
import { spectralNorm } from '../../../src/linear-algebra/spectral-norm.js';
import { seeds } from '../../../src/math/arbitraries.js';
import { type Matrix64, symmetricDifference } from '../../../src/math/matrix.js';
import { seedOf } from '../../../src/math/random.js';
import { checkedTangentKernel, worstRounding } from '../../../src/models/checked.js';
import { dataLaws, samplesFor, type TwoLayerInstance } from '../../../src/models/two-layer/instances.js';
import { drawProblem } from '../../../src/models/two-layer/problem.js';
import type { Subject } from '../../../src/subject/subject.js';
import { expectedLayerKernel } from '../../../src/theory/infinite-width.js';
import { byActivation } from '../../lib/by-activation.js';

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

/** Ladders of these activations. */
export const ladderInstances = (names: readonly string[], mean = 0): fc.Arbitrary<LadderInstance> =>
  fc.record({
    activation: fc.constantFrom(...names),
    law: fc.constantFrom(...dataLaws),
    mean: fc.constant(mean),
    seed: seeds,
  });

/** The same by turns. */
export const laddersOf = (names: readonly string[], mean = 0): Strata<LadderInstance> =>
  byActivation(names, (chosen) => ladderInstances(chosen, mean));

const isotropic = {
  law: 'gaussian',
  spectrum: 'isotropic',
  mean: 0,
  labels: 'constant',
  relativeStep: 0.1,
  stepRatio: 1,
  initialization: 'independent',
} as const;

/** What a rung leaves out is that of isotropic Gaussian inputs and freely drawn units. */
export function rungOf<T extends Partial<TwoLayerInstance>>(instance: T): typeof isotropic & T {
  return { ...isotropic, ...instance };
}

/** The instances of each rung; m is even where units come in pairs. */
export function rungsOf(instance: LadderInstance, ladder: Ladder, changes: Partial<TwoLayerInstance> = {}): TwoLayerInstance[][] {
  const paired = changes.initialization === 'symmetric';
  return ladder.dimensions.map((d, k) =>
    Array.from({ length: ladder.draws?.[k] ?? 1 }, (_, draw) => {
      // The kernel of a symmetric network of width m is that of its m/2 independent units, at half the cost.
      const units = Math.ceil((ladder.widthFactor * d ** ladder.widthExponent) / 2);
      return rungOf({
        ...instance,
        ...changes,
        inputDimension: d,
        samples: samplesFor(ladder.samplesFactor, d, ladder.alpha),
        width: paired ? 2 * units : units,
        alpha: ladder.alpha,
        seed: seedOf(seedOf(instance.seed, 'draw', draw), 'rung', d),
      });
    }),
  );
}

/** ‖E‖ d/n of one instance. */
export function relativeNorm({ inputDimension: d, samples: n }: TwoLayerInstance, difference: Matrix64): number {
  return (spectralNorm(difference, NORM_TOLERANCE).norm * d) / n;
}

/** One measured value, and its comparison with the float64 reference. */
interface Rung {
  readonly value: number;
  /** None unless given. */
  readonly rounding?: number | null;
}

/** A ladder of those sizes, one rung after the other. */
export async function climb(sizes: readonly number[], rungAt: (size: number) => Promise<Rung>): Promise<RateCase> {
  const points: { size: number; value: number }[] = [];
  const roundings: (number | null)[] = [];
  for (const size of sizes) {
    const { value, rounding = null } = await rungAt(size);
    points.push({ size, value });
    roundings.push(rounding);
  }
  return { points, rounding: worstRounding(roundings) };
}

/** A value of each instance of a ladder, in geometric mean over those of a rung, against d. */
export function climbInstances(
  instances: readonly (readonly TwoLayerInstance[])[],
  valueAt: (rung: TwoLayerInstance) => Promise<Rung>,
): Promise<RateCase> {
  const at = new Map(instances.map((each) => [each[0]!.inputDimension, each]));
  return climb([...at.keys()], async (d) => {
    const each: Rung[] = [];
    for (const rung of at.get(d)!) each.push(await valueAt(rung));
    const logarithms = each.reduce((sum, { value }) => sum + Math.log(value), 0);
    return { value: Math.exp(logarithms / each.length), rounding: worstRounding(each.map(({ rounding = null }) => rounding)) };
  });
}

/** ‖E‖ d/n, in geometric mean over the instances of a rung, against d, where `differenceAt` gives E. */
export function climbDimensions(
  instance: LadderInstance,
  ladder: Ladder,
  differenceAt: (rung: TwoLayerInstance) => Promise<{ readonly difference: Matrix64; readonly rounding: number | null }>,
): Promise<RateCase> {
  return climbInstances(rungsOf(instance, ladder), async (rung) => {
    const { difference, rounding } = await differenceAt(rung);
    return { value: relativeNorm(rung, difference), rounding };
  });
}

/** ‖scale·Θ − E Θ‖ of one trained layer, of `units` independent units on n isotropic Gaussian inputs of dimension d. */
export async function fluctuation(
  instance: Pick<TwoLayerInstance, 'activation' | 'seed'>,
  sizes: { readonly inputDimension: number; readonly samples: number; readonly units: number },
  layer: 'first' | 'second',
  scale: number,
  subject: Subject,
): Promise<Rung> {
  const { inputDimension, samples, units: width } = sizes;
  const seed = seedOf(instance.seed, 'rung', inputDimension);
  const problem = drawProblem(rungOf({ ...instance, inputDimension, samples, width, alpha: 0.1, seed }));
  const { kernel, gram, rounding } = await checkedTangentKernel(problem, layer, subject);
  const { expectation } = expectedLayerKernel(instance.activation, gram, layer);
  return { value: spectralNorm(symmetricDifference(kernel, expectation, scale), NORM_TOLERANCE).norm, rounding };
}
