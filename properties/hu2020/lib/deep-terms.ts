import { activation } from '../../../src/math/activation.js';
import { matrix64 } from '../../../src/math/matrix.js';
import type { DeepInstance } from '../../../src/models/layered/instances.js';
import { kernelExpansion } from '../../../src/theory/deep.js';
import { expectedValueProduct } from '../../../src/theory/infinite-width.js';
import { type ErrorTerms, momentsOf } from './terms.js';

/**
 * ‖Θ_L − Θ_L^lin‖·d/n at infinite width by what it comes from, with θ the kernel of two inputs of norm √d: (θ(1) − θ'(0) − θ(0)) d/n,
 * ½θ''(0)(2√2 s₂/√n + 2S²/d), ½θ''(0) √(κ s₄/d), ½θ'''(0) S s₂ (1 + √(d/n))²/d, and 2|∂θ'(0)/∂q| S √(κ s₂/d) where φ is not homogeneous. Ours; calibrated.
 */
export function deepTerms(instance: DeepInstance): ErrorTerms {
  const { value, slope, curvature, third, diagonal, slopeAgainstNorm } = kernelExpansion(instance.activation, instance.depth);
  const { largest, second, fourth, kurtosis } = momentsOf(instance);
  const { inputDimension: d, samples: n } = instance;
  const homogeneous = activation(instance.activation).negativeSlope !== null;
  return {
    diagonal: ((diagonal - slope - value) * d) / n,
    degreeTwo: (curvature / 2) * ((2 * Math.SQRT2 * second) / Math.sqrt(n) + (2 * largest ** 2) / d),
    normFluctuation: (curvature / 2) * Math.sqrt((kurtosis * fourth) / d),
    slopeAgainstNorm: homogeneous ? 0 : 2 * Math.abs(slopeAgainstNorm) * largest * Math.sqrt((kurtosis * second) / d),
    degreeThree: ((third / 2) * largest * second * (1 + Math.sqrt(d / n)) ** 2) / d,
  };
}

/** S_L'(0): the slope of the covariance of the last hidden layer, without the tangent kernel's other layers. */
export function covarianceSlope({ activation: name, depth }: DeepInstance): number {
  const step = 1e-4;
  const at = (s: number) => {
    let pair = matrix64(2, 2, Float64Array.of(1, s, s, 1));
    for (let layer = 0; layer < depth; layer++) pair = expectedValueProduct(name, pair).expectation;
    return pair.data[1]!;
  };
  return (at(step) - at(-step)) / (2 * step);
}
