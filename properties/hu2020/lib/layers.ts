import type { TwoLayerInstance } from '../../../src/models/two-layer/instances.js';
import { type LayerCoefficients, layerWeights, type TrainedLayers } from '../../../src/models/two-layer/model.js';
import { weightsOf } from './regimes.js';
import {
  bothLayersTerms,
  constantFor,
  type ErrorTerms,
  firstLayerTerms,
  secondLayerConstant,
  secondLayerTerms,
} from './terms.js';

/** What the propositions say of the kernel of the trained layers. */
interface Layers {
  /** The weights of Θ₁ and Θ₂ in the kernel. */
  readonly weightsOf: (instance: TwoLayerInstance) => LayerCoefficients;
  /** The terms of ‖Θ − Θ^lin‖ d/n. */
  readonly termsOf: (instance: TwoLayerInstance, width?: 'finite' | 'infinite') => ErrorTerms;
  /** Which of its constants a claim takes for that activation. */
  readonly constantOf: (activation: string) => string;
}

/** The three kernels of a two-layer network, of which the paper has one proposition each. */
export const layersOf: Readonly<Record<TrainedLayers, Layers>> = {
  first: { weightsOf: () => layerWeights.first, termsOf: firstLayerTerms, constantOf: constantFor },
  second: { weightsOf: () => layerWeights.second, termsOf: secondLayerTerms, constantOf: secondLayerConstant },
  both: {
    weightsOf,
    termsOf: (instance, width) => bothLayersTerms(instance, weightsOf(instance), width),
    constantOf: secondLayerConstant,
  },
};
