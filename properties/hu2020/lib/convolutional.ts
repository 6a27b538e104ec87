import type { Assumption } from '../../../src/claim/define.js';
import { activation } from '../../../src/math/activation.js';
import type { ConvolutionalInstance } from '../../../src/models/layered/instances.js';
import type { TwoLayerInstance } from '../../../src/models/two-layer/instances.js';
import type { AffineKernel } from '../../../src/theory/affine.js';

/** The smallest filter that the condition q ≳ d^{1/2+2α} allows, read with constant 1. */
export function smallestFilter(d: number, alpha: number): number {
  return Math.min(Math.ceil(d ** (0.5 + 2 * alpha)), Math.floor(d / 2));
}

/** A filter between that and half the line. */
export function wideEnough(fraction: number, d: number, alpha: number): number {
  const smallest = smallestFilter(d, alpha);
  return smallest + Math.round(fraction * (Math.floor(d / 2) - smallest));
}

export const wideFilter: Assumption<ConvolutionalInstance> = {
  statement: 'q ≥ d^{1/2+2α}, or d/2',
  holds: ({ filter, inputDimension, alpha }) => filter >= smallestFilter(inputDimension, alpha),
};

export const onCube: Assumption<Pick<TwoLayerInstance, 'law'>> = {
  statement: 'x uniform on {±1}^d',
  holds: ({ law }) => law === 'rademacher',
};

/** Θ^lin = 2ζ² XXᵀ/d + (ϑ₀² + (3/2) ϑ₁²/q) 11ᵀ (hu2020, convolutional networks). */
export function convolutionalAffineKernel({ activation: name, filter }: ConvolutionalInstance): AffineKernel {
  const { zeta, theta1, theta0 } = activation(name).constants;
  return { slope: 2 * zeta ** 2, bias: theta0 ** 2 + (1.5 * theta1 ** 2) / filter, norm: null };
}
