import type { Laboratory } from '../../../src/claim/claim.js';
import { type CheckedTrajectory, checkedLayeredTrajectory } from '../../../src/models/checked.js';
import type { LayeredProblem } from '../../../src/models/layered/problem.js';
import type { TwoLayerInstance } from '../../../src/models/two-layer/instances.js';
import { comparedSteps, horizon, meanSquare } from './training-gap.js';

/** A layered network that a subject trained, at the steps at which it is compared. */
export interface TrainedLayeredNetwork {
  readonly problem: LayeredProblem;
  readonly record: readonly number[];
  /** η. */
  readonly step: number;
  readonly checked: CheckedTrajectory;
}

/** All layers trained until T with the step of the instance. */
export async function trainedUntilHorizon(
  instance: TwoLayerInstance,
  problem: LayeredProblem,
  { subject }: Laboratory,
): Promise<TrainedLayeredNetwork> {
  const record = comparedSteps(horizon(instance));
  const step = instance.relativeStep * instance.inputDimension;
  return { problem, record, step, checked: await checkedLayeredTrajectory(problem, step, record, subject) };
}

/**
 * [(w + (B + w θ' κ_K) x)/(1 + θ' x)]² mean(y²) with x = ηt/d and κ_K = (1 + √(d/n))²: a relative error B of the kernel in d/n units, and w = √(L/m) of its finite
 * width, which moves the bias direction at once; the division because outputs saturate at the labels.
 */
export function saturatingForm(
  { inputDimension: d, samples: n, relativeStep }: TwoLayerInstance,
  { labels }: LayeredProblem,
  { slope, kernelError, widthError }: { readonly slope: number; readonly kernelError: number; readonly widthError: number },
): (step: number) => number {
  const gramNorm = (1 + Math.sqrt(d / n)) ** 2;
  const size = meanSquare(labels);
  return (t) => {
    const x = relativeStep * t;
    return ((widthError + (kernelError + widthError * slope * gramNorm) * x) / (1 + slope * x)) ** 2 * size;
  };
}

/** How training claims are calibrated: odd activations; biased ones on labels with a mean, which their bias feature must learn, and on centred labels. */
export function trainingConstant({ activation: name, labels }: TwoLayerInstance): string {
  if (name === 'erf' || name === 'tanh') return 'odd';
  return labels === 'constant' || labels === 'biased-teacher' ? 'biased-mean' : 'biased-centred';
}
