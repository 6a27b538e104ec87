import type { TwoLayerInstance } from '../models/two-layer/instances.js';

/** A small instance; tests change what they are about. */
export function smallInstance(changes: Partial<TwoLayerInstance> = {}): TwoLayerInstance {
  return {
    inputDimension: 6,
    samples: 12,
    width: 16,
    alpha: 0.1,
    activation: 'erf',
    law: 'gaussian',
    spectrum: 'isotropic',
    mean: 0,
    labels: 'teacher',
    relativeStep: 0.1,
    stepRatio: 1,
    initialization: 'symmetric',
    seed: 7,
    ...changes,
  };
}
