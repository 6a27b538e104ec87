import fc from 'fast-check';
import { evenly, type Range } from '../../math/arbitraries.js';
import { type TwoLayerInstance, type TwoLayerSpace, twoLayerInstances } from '../two-layer/instances.js';

/** A fully connected network with several hidden layers, all of `width` units; the other parts are those of `TwoLayerInstance`. */
export interface DeepInstance extends TwoLayerInstance {
  /** L, the number of hidden layers. */
  readonly depth: number;
}

/** A convolutional network with circular windows and a dense readout over all positions; `width` channels in every hidden layer. */
export interface ConvolutionalInstance extends DeepInstance {
  /** q of a line of d positions; the side of a square window on images. */
  readonly filter: number;
  /** `line`: d positions of one channel; or square images, d = side² × channels. */
  readonly geometry: 'line' | { readonly side: number; readonly channels: number };
}

/** Instances of that space with a depth from the range. */
export function deepInstances({ depth, ...space }: TwoLayerSpace & { readonly depth: Range }): fc.Arbitrary<DeepInstance> {
  return fc
    .tuple(twoLayerInstances(space), fc.integer({ min: depth[0], max: depth[1] }))
    .map(([instance, layers]) => ({ ...instance, depth: layers }));
}

/** Networks of one hidden circular convolution on a line of d entries ±1; `filterOf` maps a fraction of its range, d and α to q. */
export function lineInstances({
  filterOf,
  ...space
}: TwoLayerSpace & {
  readonly filterOf: (fraction: number, inputDimension: number, alpha: number) => number;
}): fc.Arbitrary<ConvolutionalInstance> {
  return fc.tuple(twoLayerInstances({ ...space, laws: ['rademacher'], spectra: ['isotropic'] }), evenly([0, 1])).map(
    ([instance, fraction]): ConvolutionalInstance => ({
      ...instance,
      depth: 1,
      filter: filterOf(fraction, instance.inputDimension, instance.alpha),
      geometry: 'line',
    }),
  );
}
