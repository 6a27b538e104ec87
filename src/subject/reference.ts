import { referenceFlow } from '../models/gradient-flow/reference.js';
import { referenceLayered } from '../models/layered/reference.js';
import { referenceNeurons } from '../models/relu-neurons/reference.js';
import { referenceTwoLayer } from '../models/two-layer/reference.js';
import type { Subject } from './subject.js';

const FLOAT64_ROUNDOFF = 2 ** -53;

/** The float64 reference (each family's reference.ts), as a subject: the laws that every other subject satisfies hold for it. */
export const referenceSubject: Subject = {
  name: 'reference',
  backend: 'ml-matrix',
  device: 'JavaScript, float64',
  roundoff: { inputs: 0, accumulator: FLOAT64_ROUNDOFF },
  activationError: async () => ({ value: 4 * FLOAT64_ROUNDOFF, slope: 4 * FLOAT64_ROUNDOFF }),
  twoLayer: referenceTwoLayer,
  layered: referenceLayered,
  flow: referenceFlow,
  neurons: referenceNeurons,
};
