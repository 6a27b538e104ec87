import { defineClaim } from '../../src/claim/define.js';
import { capable } from '../../src/models/capability.js';
import { residualsOf } from '../../src/models/checked.js';
import { drawLinearProblem, type LinearInstance, linearInstances } from '../../src/models/gradient-flow/instances.js';
import { integrate } from '../../src/models/gradient-flow/reference.js';
import { drawNeuronProblem, type NeuronInstance, neuronInstances } from '../../src/models/relu-neurons/instances.js';
import { neuronDifference } from '../../src/models/relu-neurons/roundoff.js';
import { drawProblem } from '../../src/models/two-layer/problem.js';
import { trajectoryRoundoff } from '../../src/models/two-layer/roundoff.js';
import { largestRelative, neuronFlowOf } from '../lib/flows.js';
import { byDepth, linearPlan } from '../lib/linear-networks.js';
import {
  generalProblem,
  type Instance,
  identity,
  jointBudget,
  largestRatio,
  layersOf,
  smallInstances,
  smoothInstances,
  trainedInstances as trained,
  trajectoryRatio,
} from './lib/small.js';

/** A subject that computes something in one kernel and operation by operation gets the same from both. */
const common = { kind: 'identity' } as const;

export const kernelTwoWays = defineClaim<Instance, { scale: number }>({
  ...common,
  id: 'laws/kernel-two-ways',
  title: 'the tangent kernel in one kernel is that of single operations',
  statement: 'the tangent kernel that one kernel of the backend computes is that of single operations, within rounding',
  formula: String.raw`\hat\Theta^{\text{fused}} = \hat\Theta^{\text{operations}} \quad\text{within rounding}`,
  source: { paper: 'hu2020', place: 'definition of the tangent kernel' },
  needs: ['twoLayer.tangentKernel', 'twoLayer.tangentKernelByOperations'],
  instances: smallInstances,
  theory: { scale: 1 },
  measure: async (instance, { scale }, { subject }) => {
    const problem = generalProblem(instance);
    const layers = layersOf(instance);
    const fused = await capable(subject, 'twoLayer', 'tangentKernel')(problem, layers);
    const other = await capable(subject, 'twoLayer', 'tangentKernelByOperations')(problem, layers);
    const scaled = { ...other, data: Float64Array.from(other.data, (entry) => scale * entry) };
    return identity(largestRatio(fused, scaled, await jointBudget(problem, problem, subject, layers)));
  },
  controls: [
    { id: 'one-per-mille', statement: 'operations that are 0.1 % too large', where: smoothInstances, theory: { scale: 1.001 } },
  ],
});

const RECORD = [0, 1, 3, 10];

export const trainingTwoWays = defineClaim<Instance, { stretch: number }>({
  ...common,
  id: 'laws/training-two-ways',
  title: 'gradient descent in one kernel is that of single operations',
  statement:
    'the outputs that one kernel of the backend computes along gradient descent, on training and fresh inputs, are those of single operations, within rounding',
  formula: String.raw`\hat f_t^{\text{fused}} = \hat f_t^{\text{operations}} \quad\text{within rounding}`,
  source: { paper: 'hu2020', place: 'set-up: full-batch gradient descent' },
  needs: ['twoLayer.train', 'twoLayer.trainByOperations'],
  instances: trained,
  theory: { stretch: 1 },
  measure: async (instance, { stretch }, { subject }) => {
    const problem = drawProblem(instance, 8);
    const layers = layersOf(instance);
    const steps = {
      first: layers === 'second' ? 0 : instance.relativeStep,
      second: layers === 'first' ? 0 : instance.relativeStep / 2,
    };
    const stretched = { first: steps.first * stretch, second: steps.second * stretch };
    const fused = await capable(subject, 'twoLayer', 'train')(problem, steps, RECORD);
    const other = await capable(subject, 'twoLayer', 'trainByOperations')(problem, stretched, RECORD);
    const residuals = residualsOf(other, problem.labels);
    const budget = await trajectoryRoundoff(problem, subject, steps, RECORD, [residuals[0]!, ...residuals]);
    return identity(trajectoryRatio(fused, other, budget, budget));
  },
  controls: [{ id: 'longer-steps', statement: 'operations with steps twice as long', where: trained, theory: { stretch: 2 } }],
});

export const flowTwoWays = defineClaim<LinearInstance, { stretch: number }>({
  ...common,
  id: 'laws/flow-two-ways',
  title: 'a gradient flow in one kernel is that of single operations',
  statement:
    'the weights that one kernel of the backend computes along a gradient flow are those of single operations, within rounding',
  formula: String.raw`\hat W_l^{\text{fused}}(t) = \hat W_l^{\text{operations}}(t) \quad\text{within rounding}, \quad l = 1, \dots, L`,
  source: { paper: 'atanasov2022', place: 'gradient flow of deep networks' },
  needs: ['flow.integrate', 'flow.integrateByOperations'],
  instances: byDepth(),
  theory: { stretch: 1 },
  measure: async (instance, { stretch }, { subject }) => {
    const { problem } = drawLinearProblem(instance);
    const { steps } = integrate(problem, linearPlan(instance, 1, [0.3]));
    const stretched = steps.map((step) => step * stretch);
    const [fused] = await capable(subject, 'flow', 'integrate')(problem, steps, [steps.length]);
    const [other] = await capable(subject, 'flow', 'integrateByOperations')(problem, stretched, [steps.length]);
    const error = largestRelative(fused!.weights, other!.weights);
    // As in `flow-equals-reference`, of two float32 flows.
    return identity(error / (128 * subject.roundoff.accumulator * Math.sqrt(steps.length)), { error });
  },
  controls: [
    {
      id: 'longer-steps',
      statement: 'operations with steps longer by one per mille',
      where: linearInstances(),
      theory: { stretch: 1.001 },
    },
  ],
});

const neurons = neuronInstances({ scale: 'given', smallness: [5, 40] });

export const neuronsTwoWays = defineClaim<NeuronInstance, { stretch: number }>({
  ...common,
  id: 'laws/neurons-two-ways',
  title: 'the flow of ReLU neurons in one kernel is that of single operations',
  statement:
    'the directions, norms, masks and times of events that one kernel of the backend computes along the flow of ReLU neurons are those of single operations, within rounding',
  formula: String.raw`\hat q_j^{\text{fused}} = \hat q_j^{\text{operations}} \quad\text{within rounding}, \quad q_j = \Bigl(\frac{w_j}{\lVert w_j \rVert},\, \lVert w_j \rVert,\, \bigl(\mathbf 1[\langle w_j, x_i \rangle > 0]\bigr)_{i \le n},\, t_j\Bigr)`,
  source: { paper: 'min2024', place: 'gradient flow of balanced ReLU neurons' },
  needs: ['neurons.integrate', 'neurons.integrateByOperations'],
  instances: neurons,
  theory: { stretch: 1 },
  measure: async (instance, { stretch }, { subject }) => {
    const problem = drawNeuronProblem(instance);
    const flow = neuronFlowOf(problem);
    const record = [1, flow.steps.length];
    const stretched = flow.steps.map((step) => ({ ...step, duration: step.duration * stretch }));
    const fused = await capable(subject, 'neurons', 'integrate')(problem, flow.steps, record);
    const other = await capable(subject, 'neurons', 'integrateByOperations')(problem, stretched, record);
    const ratio = neuronDifference(problem, flow.steps, record, fused, subject, other);
    return identity(Math.min(ratio, Number.MAX_VALUE));
  },
  controls: [
    { id: 'longer-steps', statement: 'operations with steps longer by one per cent', where: neurons, theory: { stretch: 1.01 } },
  ],
});
