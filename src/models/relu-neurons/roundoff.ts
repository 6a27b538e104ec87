import { stream } from '../../math/random.js';
import { DisagreementError, InapplicableError } from '../../support/errors.js';
import { capable } from '../capability.js';
import type { Arithmetic } from '../implementation.js';
import type { NeuronImplementation } from './model.js';
import type { NeuronProblem, NeuronState, NeuronStep } from './problem.js';
import { type NeuronFlow, replayNeurons } from './reference.js';

/** States of the subject on the way of a float64 flow, each compared with it. */
export interface CheckedNeurons {
  readonly states: readonly NeuronState[];
  /** What a quantity of the states may lawfully differ by from that of the exact flow. */
  roundoff(quantity: (states: readonly NeuronState[]) => number): number;
  /** Largest difference from the float64 reference over what rounding explains. */
  readonly rounding: number;
}

/** Float64 flows with errors of the subject's arithmetic put into every boost, from which its rounding is read. */
const REPLICAS = 6;
/** Rounding counts as explained up to so many times what the replicas show. */
const MARGIN = 32;
/** Differences of directions beyond which an arithmetic says nothing of a flow. */
const CARRIED = 0.1;

/**
 * The subject's states after the recorded numbers of the flow's steps. A boost sums n inputs and d entries and takes some 16 operations more, so it errs by at most (n + d + 16) u; how
 * errors grow along the flow depends on the data, so they are not bounded beforehand: float64 flows with random errors of that size in every boost are run beside it (discrete
 * stochastic arithmetic), and 32 times what these differ by: events at which a neuron grazes a boundary give differences long tails, of 600 flows of small coherence the worst used .36 of it is the allowance.
 * @throws InapplicableError when errors of that size change masks, or directions by more than 0.1; DisagreementError when the subject differs by more than the allowance.
 */
export async function checkedNeurons(
  problem: NeuronProblem,
  flow: NeuronFlow,
  record: readonly number[],
  subject: NeuronImplementation,
): Promise<CheckedNeurons> {
  const { rows: n, columns: d } = problem.inputs;
  const size = (n + d + 16) * subject.roundoff.accumulator;
  const { expected, replicas, allowance } = explained(problem, flow.steps, record, size);
  const states = await capable(subject, 'neurons', 'integrate')(problem, flow.steps, record);
  const found = difference(states, expected);
  if (!(found <= allowance)) {
    throw new DisagreementError({
      problem: `subject '${subject.name}' (${subject.backend}) differs from the float64 reference in the flow of neurons`,
      expected: `differences below ${allowance.toExponential(2)}`,
      found: found.toExponential(2),
    });
  }
  return {
    states,
    rounding: found / allowance,
    roundoff: (quantity) => {
      const exact = quantity(expected);
      const largest = Math.max(...replicas.map((replica) => Math.abs(quantity(replica) - exact)));
      return size * Math.abs(exact) + MARGIN * largest;
    },
  };
}

/** Largest difference of a subject's states from the float64 ones, or from others of its own, over what rounding explains. @throws InapplicableError as `checkedNeurons` does. */
export function neuronDifference(
  problem: NeuronProblem,
  steps: readonly NeuronStep[],
  record: readonly number[],
  states: readonly NeuronState[],
  { roundoff }: Pick<Arithmetic, 'roundoff'>,
  others?: readonly NeuronState[],
): number {
  const size = (problem.inputs.rows + problem.inputs.columns + 16) * roundoff.accumulator;
  const { expected, allowance } = explained(problem, steps, record, size);
  return others ? difference(states, others) / (2 * allowance) : difference(states, expected) / allowance;
}

/** The float64 states, disturbed replicas of them, and the difference that rounding of that size explains. */
function explained(problem: NeuronProblem, steps: readonly NeuronStep[], record: readonly number[], size: number) {
  const expected = replayNeurons(problem, steps, record);
  const replicas = Array.from({ length: REPLICAS }, (_, replica) => {
    const random = stream('rounding of neurons', replica);
    return replayNeurons(problem, steps, record, () => size * (2 * random.uniform() - 1));
  });
  const allowance = size + MARGIN * Math.max(...replicas.map((replica) => difference(replica, expected)));
  if (allowance < CARRIED) return { expected, replicas, allowance };
  throw new InapplicableError(
    `relative errors of ${size.toExponential(1)} change this flow: an event lies within rounding of another`,
  );
}

/** Largest difference of directions, of growths relative to 1 + |g|, and of event times relative to the last one; ∞ where a mask differs. */
function difference(found: readonly NeuronState[], expected: readonly NeuronState[]): number {
  let worst = 0;
  for (const [k, wanted] of expected.entries()) {
    const state = found[k]!;
    if (state.masks.some((active, entry) => active !== wanted.masks[entry])) return Number.POSITIVE_INFINITY;
    const last = Math.max(...wanted.lastChange);
    for (const [at, entry] of state.directions.data.entries())
      worst = Math.max(worst, Math.abs(entry - wanted.directions.data[at]!));
    for (const [j, logNorm] of state.logNorms.entries()) {
      const own = wanted.logNorms[j]!;
      worst = Math.max(worst, Math.abs(logNorm - own) / (1 + Math.abs(own)));
      if (last > 0) worst = Math.max(worst, Math.abs(state.lastChange[j]! - wanted.lastChange[j]!) / last);
    }
  }
  return worst;
}
