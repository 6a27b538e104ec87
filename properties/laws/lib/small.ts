import fc from 'fast-check';
import { activation } from '../../../src/math/activation.js';
import type { DenseMatrix } from '../../../src/math/matrix.js';
import { rootMeanSquareDifference } from '../../../src/models/checked.js';
import type { Trajectory, Vector } from '../../../src/models/implementation.js';
import {
  activations,
  type TwoLayerInstance,
  type TwoLayerSpace,
  twoLayerInstances,
} from '../../../src/models/two-layer/instances.js';
import { drawProblem, type TwoLayerProblem } from '../../../src/models/two-layer/problem.js';
import { kernelRoundoff, type TrajectoryRoundoff } from '../../../src/models/two-layer/roundoff.js';
import type { Subject } from '../../../src/subject/subject.js';
import { byActivation } from '../../lib/by-activation.js';

/** Small networks, which identities hold for as for any other. */
export const smallSpace: TwoLayerSpace = {
  inputDimension: [2, 10],
  samplesFactor: [1, 2],
  widthFactor: [1, 4],
  alpha: [0.05, 0.24],
  activations,
  initialization: 'independent',
};

/** Sizes at the seams of the tiles that numerical code works in. */
const SEAMS = [31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257];
const LARGEST = 300;

/** Those of a space, but for one size that is 1, at a seam, or anything up to 300: few and many inputs, narrow and wide networks, low and high dimensions. */
function ofAnyShape(space: TwoLayerSpace): fc.Arbitrary<TwoLayerInstance> {
  const size = fc.oneof(fc.constant(1), fc.constantFrom(...SEAMS), fc.integer({ min: 1, max: LARGEST }));
  const changed = fc.constantFrom('none', 'samples', 'inputDimension', 'width');
  return fc.tuple(twoLayerInstances(space), changed, size).map(([instance, which, value]) => {
    const fitting = which === 'width' && instance.initialization === 'symmetric' ? 2 * Math.ceil(value / 2) : value;
    return which === 'none' ? instance : { ...instance, [which]: fitting };
  });
}

export const smallInstances = byActivation(activations, (names) => ofAnyShape({ ...smallSpace, activations: names }));

/** For training: f = 0 at the start. */
export const trainedInstances = byActivation(activations, (names) =>
  ofAnyShape({
    ...smallSpace,
    inputDimension: [4, 10],
    widthFactor: [4, 8],
    initialization: 'symmetric',
    activations: names,
  }),
);

/** Activations with curvature bounds in place of kinks: there the rounding budget is a few units in the last place. */
export const smoothInstances = twoLayerInstances({
  ...smallSpace,
  activations: activations.filter((name) => activation(name).negativeSlope === null),
});

export type Instance = TwoLayerInstance;

/** Of so many cases one has two inputs that are the same. */
const DOUBLED = 4;

/** The problem of an instance, with second-layer weights of different sizes: identities are not about v = ±1, nor about inputs that differ. */
export function generalProblem(instance: TwoLayerInstance): TwoLayerProblem {
  const problem = drawProblem(instance, 4);
  const { rows, columns, data } = problem.inputs;
  if (rows > 1 && instance.seed % DOUBLED === 0) data.copyWithin(columns, 0, columns);
  return { ...problem, secondLayer: problem.secondLayer.map((v, r) => v * (0.5 + (r % 4) / 4)) };
}

/** Largest |a − b|/budget over the entries. */
export function largestRatio(a: DenseMatrix, b: DenseMatrix, budget: DenseMatrix): number {
  let worst = 0;
  for (let k = 0; k < budget.data.length; k++) {
    const ratio = Math.abs(a.data[k]! - b.data[k]!) / budget.data[k]!;
    if (!(ratio <= worst)) worst = ratio;
  }
  return worst;
}

/** Sum of the entrywise rounding bounds of two kernels of the same subject. */
export async function jointBudget(
  first: TwoLayerProblem,
  second: TwoLayerProblem,
  subject: Subject,
  layers: 'first' | 'second' | 'both',
) {
  const a = (await kernelRoundoff(first, subject, layers)).entries;
  const b = (await kernelRoundoff(second, subject, layers)).entries;
  return { ...a, data: a.data.map((bound, k) => bound + b.data[k]!) };
}

/** Largest root-mean-square difference of two trajectories over the sum of their budgets. */
export function trajectoryRatio(
  found: Trajectory<Vector>,
  expected: Trajectory<Vector>,
  own: TrajectoryRoundoff,
  theirs: TrajectoryRoundoff,
): number {
  let worst = 0;
  for (const part of ['outputs', 'freshOutputs'] as const) {
    for (const [k, outputs] of expected[part].entries()) {
      const error = rootMeanSquareDifference(found[part][k]!, outputs);
      worst = Math.max(worst, error / (own[part][k]! + theirs[part][k]!));
    }
  }
  return worst;
}

/** An identity passes when nothing differs by more than its budget; `rounding` is for those that compare with the float64 reference. */
export function identity(worst: number, quantities: Readonly<Record<string, number>> = {}, rounding: number | null = null) {
  return { observed: worst, bound: 1, quantities, rounding } as const;
}

/** The layers that an instance's seed chooses, so that every combination is drawn. */
export function layersOf({ seed }: TwoLayerInstance): 'first' | 'second' | 'both' {
  return (['first', 'second', 'both'] as const)[seed % 3]!;
}
