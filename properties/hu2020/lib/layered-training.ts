import type { LayeredProblem } from '../../../src/models/layered/problem.js';
import type { TwoLayerInstance } from '../../../src/models/two-layer/instances.js';
import { meanSquare } from './training-gap.js';

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
