import fc from 'fast-check';
import { defineClaim } from '../../src/claim/define.js';
import { capable } from '../../src/models/capability.js';
import { rootMeanSquareDifference } from '../../src/models/checked.js';
import {
  type ConvolutionalInstance,
  type DeepInstance,
  deepInstances,
  lineInstances,
} from '../../src/models/layered/instances.js';
import { drawConvolutionalProblem, drawDeepProblem, type LayeredProblem } from '../../src/models/layered/problem.js';
import { referenceLayeredKernel, referenceLayeredTrajectory } from '../../src/models/layered/reference.js';
import { layeredKernelRoundoff, layeredTrajectoryRoundoff } from '../../src/models/layered/roundoff.js';
import { referenceSubject } from '../../src/subject/reference.js';
import { byActivation } from '../lib/by-activation.js';
import { identity, smallSpace, trajectoryRatio } from './lib/small.js';

const RECORD = [0, 1, 3, 8];
const space = { ...smallSpace, inputDimension: [4, 8], widthFactor: [2, 3], relativeStep: [0.02, 0.1] } as const;

type Layered = DeepInstance | ConvolutionalInstance;

/** Fully connected networks of one to three hidden layers, convolutions on a line, and two-layer convolutions on images. */
const instances = byActivation(space.activations, (names): fc.Arbitrary<Layered> => {
  const of = { ...space, activations: names };
  return fc.oneof(
    deepInstances({ ...of, depth: [1, 3] }),
    lineInstances({ ...of, filterOf: (fraction, d) => 2 + Math.round(fraction * (d - 2)) }),
    lineInstances({ ...of, filterOf: () => 2 }).map((instance) => ({
      ...instance,
      inputDimension: 18,
      depth: 2,
      geometry: { side: 3, channels: 2 },
    })),
  );
});

function problemOf(instance: Layered): LayeredProblem {
  return 'geometry' in instance ? drawConvolutionalProblem(instance, 4) : drawDeepProblem(instance, 4);
}

function smallerFirstLayer(problem: LayeredProblem): LayeredProblem {
  const [first, ...rest] = problem.layers;
  const weights = { ...first!.weights, data: first!.weights.data.map((weight) => 0.9 * weight) };
  return { ...problem, layers: [{ ...first!, weights }, ...rest] };
}

const common = {
  kind: 'identity',
  source: { paper: 'hu2020', place: 'extensions to deep and convolutional networks' },
  instances,
  theory: { reference: (problem: LayeredProblem) => problem },
  controls: [
    {
      id: 'smaller-weights',
      statement: 'a reference whose first weights are nine tenths of the subject’s',
      where: instances,
      theory: { reference: smallerFirstLayer },
    },
  ],
} as const;

export const layeredKernelEqualsReference = defineClaim({
  ...common,
  id: 'laws/layered-kernel-equals-reference',
  title: 'kernels of deep and convolutional networks equal the reference',
  statement:
    'the tangent kernel of a deep or convolutional network equals the float64 reference within the rounding of the subject',
  formula: String.raw`\hat\Theta = \Theta^{\text{float64}} \quad\text{within rounding}, \quad \Theta_{ij} = \bigl\langle \nabla_p f(x_i), \nabla_p f(x_j) \bigr\rangle, \quad p = (W_1, \dots, W_L, v)`,
  needs: ['layered.tangentKernel'],
  measure: async (instance, { reference }, { subject }) => {
    const problem = problemOf(instance);
    const kernel = await capable(subject, 'layered', 'tangentKernel')(problem);
    const expected = referenceLayeredKernel(reference(problem));
    const budget = (await layeredKernelRoundoff(problem, subject)) + (await layeredKernelRoundoff(problem, referenceSubject));
    const worst = rootMeanSquareDifference(kernel.data, expected.data) / budget;
    return identity(worst, {}, worst);
  },
});

export const layeredTrainingEqualsReference = defineClaim({
  ...common,
  id: 'laws/layered-training-equals-reference',
  title: 'descent on deep and convolutional networks equals the reference',
  statement:
    'gradient descent on a deep or convolutional network equals the float64 reference within the rounding of the subject',
  formula: String.raw`\hat f_t = f_t^{\text{float64}} \quad\text{within rounding}, \quad p_{t+1} = p_t - \eta \nabla_p \mathcal L, \quad p = (W_1, \dots, W_L, v)`,
  needs: ['layered.train'],
  measure: async (instance, { reference }, { subject }) => {
    const problem = problemOf(instance);
    const step = instance.relativeStep * instance.inputDimension;
    const found = await capable(subject, 'layered', 'train')(problem, step, RECORD);
    const expected = referenceLayeredTrajectory(reference(problem), step, RECORD);
    const residual = Math.max(...expected.outputs.map((outputs) => rootMeanSquareDifference(outputs, problem.labels)));
    const own = await layeredTrajectoryRoundoff(problem, subject, step, RECORD, residual);
    const theirs = await layeredTrajectoryRoundoff(problem, referenceSubject, step, RECORD, residual);
    const worst = trajectoryRatio(found, expected, own, theirs);
    return identity(worst, {}, worst);
  },
});
