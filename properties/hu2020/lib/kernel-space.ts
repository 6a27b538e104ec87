import { activations, type TwoLayerSpace } from '../../../src/models/two-layer/instances.js';

/** The instances of the claims about the first-layer kernel; large widths give them their power. */
export const kernelSpace: TwoLayerSpace = {
  inputDimension: [32, 80],
  samplesFactor: [2, 4],
  widthFactor: [8, 12],
  alpha: [0.1, 0.24],
  activations,
};
