import { stream } from '../../math/random.js';
import { DisagreementError, InapplicableError } from '../../support/errors.js';
import { capable } from '../capability.js';
import type { Arithmetic } from '../implementation.js';
import type { FlowImplementation } from './model.js';
import type { FlowState, GradientFlowProblem } from './problem.js';
import { type PlannedFlow, replayFlow } from './reference.js';

/** A number measured on the subject's states. */
export interface CarriedQuantity {
  readonly observed: number;
  /** How far it may be from that of the float64 flow. */
  readonly roundoff: number;
  /** How far it is, over that. */
  readonly rounding: number;
}

/** The subject's states on the way of a planned flow. */
export interface CheckedFlow {
  readonly states: readonly FlowState[];
  /**
   * A quantity of order `scale` that is to be held against `bound`.
   * @throws InapplicableError when rounding may be more than a quarter of the bound, or switches a unit; DisagreementError when the subject differs by more than rounding explains.
   */
  carried(quantity: (states: readonly FlowState[]) => number, bound: number, scale?: number): CarriedQuantity;
}

/** Rounding of a quantity in units of u √steps: in float32 against float64 replays of the same steps at most 4.3 were seen over L = 2, 3, 4 (900 flows of another program). */
const SIZE = 16;

/** Relative size of the random roundings, in units of u: about the largest that was seen. */
const DISTURBANCE = 4;
const REPLAYS = 32;

/**
 * The subject's states after the recorded numbers of the planned steps. From small weights the flow is homogeneous until the loss falls, so that relative errors are carried along, not
 * amplified: independent ones add up to √steps.
 */
export async function checkedFlow(
  problem: GradientFlowProblem,
  planned: PlannedFlow,
  record: readonly number[],
  subject: FlowImplementation,
): Promise<CheckedFlow> {
  const states = await capable(subject, 'flow', 'integrate')(problem, planned.steps, record);
  const expected = record.map((step) => planned.states[step]!);
  const unit = SIZE * subject.roundoff.accumulator * Math.sqrt(Math.max(1, planned.steps.length));
  return {
    states,
    carried: (quantity, bound, scale = 1) => {
      if (unit * scale > bound / 4) {
        throw new InapplicableError(
          `sums with unit roundoff ${subject.roundoff.accumulator.toExponential(2)} do not carry this flow: rounding of ${(unit * scale).toExponential(1)} against a bound of ${bound.toExponential(1)}`,
        );
      }
      const observed = quantity(states);
      const inFloat64 = quantity(expected);
      // A wrong theory may be wrong by more than the quantity's order.
      const roundoff = unit * Math.max(scale, Math.abs(inFloat64));
      const difference = Math.abs(observed - inFloat64);
      const differs = (states: readonly FlowState[]) => Math.abs(quantity(states) - inFloat64) > roundoff;
      if (
        difference > roundoff &&
        problem.activation === 'relu' &&
        switchesUnits(problem, planned.steps, record, subject, differs)
      ) {
        throw new InapplicableError(
          'rounding switches a unit on the way: another flow from then on, which no bound on rounding covers',
        );
      }
      if (!(difference <= roundoff)) {
        throw new DisagreementError({
          problem: `subject '${subject.name}' (${subject.backend}) differs from the float64 reference in a gradient flow`,
          expected: `a quantity within ${roundoff.toExponential(2)} of ${inFloat64}`,
          found: String(observed),
        });
      }
      return { observed, roundoff, rounding: difference / roundoff };
    },
  };
}

/**
 * Whether rounding alone may lead a ReLU flow elsewhere, where a unit is so near its kink that the last bits decide: Monte Carlo arithmetic (Parker 1997), the float64 flow again with its
 * weights rounded at random after each step, shows whether some of its ends differ.
 */
function switchesUnits(
  problem: GradientFlowProblem,
  steps: readonly number[],
  record: readonly number[],
  { roundoff }: Arithmetic,
  differs: (states: readonly FlowState[]) => boolean,
): boolean {
  const random = stream('random-roundings');
  const size = DISTURBANCE * roundoff.accumulator;
  const round = (weights: Float64Array) => {
    for (let k = 0; k < weights.length; k++) weights[k] = weights[k]! * (1 + size * random.gaussian());
  };
  for (let replay = 0; replay < REPLAYS; replay++) if (differs(replayFlow(problem, steps, record, round))) return true;
  return false;
}
