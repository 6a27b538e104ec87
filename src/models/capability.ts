import { MissingCapabilityError } from '../support/errors.js';
import type { FlowModel } from './gradient-flow/model.js';
import type { Vector } from './implementation.js';
import type { LayeredModel } from './layered/model.js';
import type { NeuronModel } from './relu-neurons/model.js';
import type { TwoLayerModel, WeighedTrajectory } from './two-layer/model.js';

/** The model families, each of which an implementation has or not. */
export interface Families {
  readonly twoLayer?: TwoLayerModel;
  readonly layered?: LayeredModel;
  readonly flow?: FlowModel;
  readonly neurons?: NeuronModel;
}

/** That method of that family. @throws MissingCapabilityError when the implementation does not have it. */
export function capable<F extends keyof Families, M extends keyof NonNullable<Families[F]>>(
  implementation: Families,
  family: F,
  method: M,
): NonNullable<NonNullable<Families[F]>[M]> {
  const found = (implementation[family] as NonNullable<Families[F]> | undefined)?.[method];
  if (found == null) throw new MissingCapabilityError(`${family}.${String(method)}`);
  return found as NonNullable<NonNullable<Families[F]>[M]>;
}

/** Training of two layers that gives the weights at its end, too. @throws MissingCapabilityError when the implementation does not train, or keeps them to itself. */
export function trainingOfWeights(
  implementation: Families,
): (...given: Parameters<Required<TwoLayerModel>['train']>) => Promise<WeighedTrajectory<Vector>> {
  const train = capable(implementation, 'twoLayer', 'train');
  return async (...given) => {
    const { firstLayer, secondLayer, ...outputs } = await train(...given);
    if (firstLayer && secondLayer) return { ...outputs, firstLayer, secondLayer };
    throw new MissingCapabilityError('twoLayer.train', 'with the weights at its end');
  };
}
