import { referenceFlowKernel, replayFlow } from '../models/gradient-flow/reference.js';
import { referenceLayeredKernel, referenceLayeredTrajectory } from '../models/layered/reference.js';
import { replayNeurons } from '../models/relu-neurons/reference.js';
import { referencePredict, referenceTangentKernel, referenceTrajectory } from '../models/two-layer/reference.js';
import type { Subject } from './subject.js';

const FLOAT64_ROUNDOFF = 2 ** -53;

/** The float64 reference (src/reference), as a subject: the laws that every other subject satisfies hold for it. */
export const referenceSubject: Subject = {
  name: 'reference',
  backend: 'ml-matrix',
  device: 'JavaScript, float64',
  roundoff: { inputs: 0, accumulator: FLOAT64_ROUNDOFF },
  activationError: async () => ({ value: 4 * FLOAT64_ROUNDOFF, slope: 4 * FLOAT64_ROUNDOFF }),
  tangentKernel: async (problem, layers) => referenceTangentKernel(problem, layers),
  predict: async (problem, inputs) => referencePredict(problem, inputs),
  layeredTangentKernel: async (problem) => referenceLayeredKernel(problem),
  layeredTrain: async (problem, step, record) => referenceLayeredTrajectory(problem, step, record),
  flow: async (problem, steps, record) => replayFlow(problem, steps, record),
  flowKernel: async (problem, weights) => referenceFlowKernel(problem, weights),
  neuronFlow: async (problem, steps, record) => replayNeurons(problem, steps, record),
  train: async (problem, steps, record) => referenceTrajectory(problem, steps, record),
  trainWeights: async (problem, steps, record) => referenceTrajectory(problem, steps, record),
};
