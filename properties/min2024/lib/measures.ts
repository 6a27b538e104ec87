import type { Assumption, BoundCase } from '../../../src/claim/define.js';
import { dot, toFloat64 } from '../../../src/math/matrix.js';
import { drawNeuronProblem, type NeuronInstance } from '../../../src/models/relu-neurons/instances.js';
import {
  isDead,
  isSettled,
  type NeuronProblem,
  type NeuronState,
  scaledOutputs,
} from '../../../src/models/relu-neurons/problem.js';
import type { NeuronFlow } from '../../../src/models/relu-neurons/reference.js';
import { alignmentConstants } from '../../../src/theory/coherence.js';

export const coherent: Assumption<NeuronInstance> = {
  statement: 'the data are coherent: min cos(y_i x_i, y_j x_j) = μ > 0',
  holds: (instance) => alignmentConstants(drawNeuronProblem(instance)).coherence > 0,
};
export const threeSamples: Assumption<NeuronInstance> = { statement: 'n ≥ 3', holds: ({ samples }) => samples >= 3 };
export const nonDegenerate: Assumption<NeuronInstance> = {
  statement: 'the start is not degenerate: no neuron of V_+ points along x_−, none of V_− along x_+',
  holds: (instance) => alignmentConstants(drawNeuronProblem(instance)).degeneracy > 0,
};
export const theoremAssumptions = [coherent, threeSamples, nonDegenerate];

/** A claim that counts what must not happen: one is too many. */
export function counted(observed: number, quantities: Readonly<Record<string, number>>, rounding: number | null): BoundCase {
  return { observed, bound: 0.5, quantities, rounding };
}

/** Neurons outside S_+, S_− and S_dead. */
export function unsettled(problem: NeuronProblem, state: NeuronState): number {
  return problem.signs.reduce((count, _, j) => count + (isSettled(problem, state, j) ? 0 : 1), 0);
}

/** Neurons that activated an input of their own sign at the start and are dead now. */
export function wronglyDead({ inputs, labels, signs, directions }: NeuronProblem, { masks }: NeuronState): number {
  const { rows: n, columns: d } = inputs;
  const [x, u] = [toFloat64(inputs.data), toFloat64(directions.data)];
  return signs.reduce((count, sign, j) => {
    const mustLive = labels.some((label, i) => label * sign > 0 && dot(x, i * d, u, j * d, d) > 0);
    return count + (mustLive && isDead(n, masks, j) ? 1 : 0);
  }, 0);
}

/** The outputs have become large enough to change the residuals. */
export function visible(flow: NeuronFlow): () => boolean {
  return () => flow.steps.at(-1)!.visible;
}

/** ln max |f|. */
export function logLargestOutput(problem: NeuronProblem, state: NeuronState): number {
  const { values, scale } = scaledOutputs(problem, state);
  return Math.log(values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)) + scale;
}
