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

/** The name of each method of each family, as in `twoLayer.tangentKernel`. */
export type Capability = { [F in keyof Families]-?: `${F}.${keyof NonNullable<Families[F]> & string}` }[keyof Families];
export const capabilities = [
  'twoLayer.tangentKernel',
  'twoLayer.tangentKernelByJacobian',
  'twoLayer.tangentKernelByOperations',
  'twoLayer.tangentKernelProduct',
  'twoLayer.predict',
  'twoLayer.train',
  'twoLayer.trainByOperations',
  'layered.tangentKernel',
  'layered.train',
  'flow.integrate',
  'flow.integrateByOperations',
  'flow.tangentKernel',
  'flow.tangentKernelByJacobian',
  'neurons.integrate',
  'neurons.integrateByOperations',
] as const satisfies readonly Capability[];

/** Whether an implementation has it. */
export function offers(implementation: Families, capability: Capability): boolean {
  const [family, method] = capability.split('.') as [keyof Families, string];
  return (implementation[family] as Record<string, unknown> | undefined)?.[method] != null;
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
