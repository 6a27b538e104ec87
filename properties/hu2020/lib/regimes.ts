import fc from 'fast-check';
import { type TwoLayerInstance, type TwoLayerSpace, twoLayerInstances } from '../../../src/models/two-layer/instances.js';
import type { LayerCoefficients } from '../../../src/models/two-layer/model.js';
import { meanActivations, meanlessActivations } from './terms.js';

/** The two regimes that the theorems on the second layer name: m ∝ d^{1+α} where ϑ₀ = E φ(g) = 0, m ∝ d^{2+α} where not. */
export interface Regimes {
  readonly meanless: Omit<TwoLayerSpace, 'activations'>;
  readonly mean: Omit<TwoLayerSpace, 'activations'>;
}

/** Instances of those activations, with the given changes to their space. */
export type Instances = (names: readonly string[], changes?: Partial<TwoLayerSpace>) => fc.Arbitrary<TwoLayerInstance>;

/** Instances of both regimes, as often as the activations that belong to each, with the given changes to both. */
export function inRegimes(
  { meanless, mean }: Regimes,
  names: readonly string[],
  changes: Partial<TwoLayerSpace> = {},
): fc.Arbitrary<TwoLayerInstance> {
  const spaces: TwoLayerSpace[] = [
    { ...meanless, ...changes, activations: meanlessActivations.filter((name) => names.includes(name)) },
    {
      ...mean,
      ...changes,
      widthOf: (factor, d, alpha) => factor * d ** (2 + alpha),
      activations: meanActivations.filter((name) => names.includes(name)),
    },
  ];
  return fc.oneof(
    ...spaces
      .filter(({ activations }) => activations.length > 0)
      .map((space) => ({ weight: space.activations.length, arbitrary: twoLayerInstances(space) })),
  );
}

/** The weights of Θ₁ and Θ₂ in the kernel that moves the outputs with steps η₁ and η₂, relative to their mean. */
export function weightsOf({ stepRatio }: TwoLayerInstance): LayerCoefficients {
  return { first: (2 * stepRatio) / (1 + stepRatio), second: 2 / (1 + stepRatio) };
}
