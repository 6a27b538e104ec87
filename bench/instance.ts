import type { TwoLayerInstance } from '../src/models/two-layer/instances.js';

/** An instance of the two-layer network with these properties. */
export function instance(changes: Partial<TwoLayerInstance>): TwoLayerInstance {
  return {
    inputDimension: 100,
    samples: 750,
    width: 750,
    alpha: 0.2,
    activation: 'erf',
    law: 'gaussian',
    spectrum: 'isotropic',
    mean: 0,
    labels: 'teacher',
    relativeStep: 0.1,
    stepRatio: 1,
    initialization: 'symmetric',
    seed: 1,
    ...changes,
  };
}
