import { gram } from '../../linear-algebra/products.js';
import { lossWeight } from '../../math/margin-loss.js';
import { dot, rowNorms, squaredNorm, toFloat64 } from '../../math/matrix.js';
import { MeasurementError } from '../../support/errors.js';
import type { NeuronModel } from './model.js';
import { isSettled, mostEvents, type NeuronProblem, type NeuronState, type NeuronStep, neuronOutputs } from './problem.js';

/** A gradient flow in float64 that goes on as far as it is asked to. */
export interface NeuronFlow {
  readonly state: () => NeuronState;
  /** The steps taken so far: a subject that takes the same ones differs by rounding alone. */
  readonly steps: readonly NeuronStep[];
  /** Goes on until that time, or until `stop` says so after a step. @throws MeasurementError after `MOST_STEPS` steps in all. */
  run(until: number, stop?: (state: NeuronState) => boolean): NeuronState;
}

/** Outputs below this do not change the residuals: the flow is that of ε → 0. */
const VISIBLE = 1e-4;
/** Change of an output within a step, at most. */
const CHANGE = 0.4;
const MOST_STEPS = 3000;

/**
 * Gradient flow of balanced ReLU neurons from small initialization. With masks and residual weights frozen, a = s_j Σ_active r_i y_i x_i is constant and (w, ‖w‖) moves by
 * a Lorentz boost: with A = ‖a‖, â = a/A, c = ⟨u, â⟩ and q = e^{−Aτ}, u(τ) ∝ 2q(u − câ) + ((1+c) − (1−c)q²) â and ‖w‖ grows by e^{Aτ}((1+c) + (1−c)q²)/2. A mask changes
 * at a root of a quadratic in q, where the boost ends and the next begins. Steps: while a class is invisible, up to the moment when it could be seen; then
 * so short that no output changes by more than 0.4, with Heun's average of the residuals.
 */
export function neuronFlow(problem: NeuronProblem): NeuronFlow {
  const { rows: n, columns: d } = problem.inputs;
  const inputs = inputsOf(problem);
  const { x } = inputs;
  const h = problem.signs.length;
  const longest = rowNorms(problem.inputs).reduce((most, length) => Math.max(most, length), 0);
  const allInputs = new Float64Array(d);
  for (let i = 0; i < n; i++) for (let k = 0; k < d; k++) allInputs[k] = allInputs[k]! + problem.labels[i]! * x[i * d + k]!;
  let coherent = true;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      if (problem.labels[i]! * problem.labels[j]! * dot(x, i * d, x, j * d, d) < 0) coherent = false;
    }
  }
  // No sum over active inputs is longer than that of all, where they are coherent.
  const longestField = coherent
    ? Math.sqrt(squaredNorm(allInputs))
    : rowNorms(problem.inputs).reduce((sum, length) => sum + length, 0);
  let state = startOf(problem);
  const steps: NeuronStep[] = [];

  /** The longest step, and whether its outputs are visible. */
  function nextStep(weights: Float64Array): { duration: number; visible: boolean } {
    const fields = Array.from({ length: h }, (_, j) => fieldOf(problem, x, state.masks, j, weights));
    const sizes = fields.map((field) => Math.sqrt(squaredNorm(field)));
    const settled = problem.signs.every((_, j) => isSettled(problem, state, j));
    let duration = Number.POSITIVE_INFINITY;
    let visible = false;
    for (const sign of [1, -1]) {
      const own = [...problem.signs.keys()].filter((j) => problem.signs[j] === sign);
      if (own.length === 0) continue;
      const largest = Math.max(...own.map((j) => state.logNorms[j]!));
      const sum = own.reduce((total, j) => total + Math.exp(2 * (state.logNorms[j]! - largest)), 0);
      const size = 2 * (problem.logScale + largest) + Math.log(sum) + Math.log(longest);
      const fastest = Math.max(...own.map((j) => sizes[j]!));
      if (size < Math.log(VISIBLE) - 0.5) {
        const rate = 2 * (settled ? fastest : longestField);
        if (rate > 0) duration = Math.min(duration, (Math.log(VISIBLE) - size) / rate);
      } else {
        visible = true;
        if (fastest > 0) duration = Math.min(duration, 1 / (2 * fastest));
      }
    }
    if (visible) {
      const change = new Float64Array(n);
      for (let j = 0; j < h; j++) {
        const weight = problem.signs[j]! * Math.exp(2 * (problem.logScale + state.logNorms[j]!));
        const along = dot(directionsOf(state), j * d, fields[j]!, 0, d);
        for (let i = 0; i < n; i++) {
          if (state.masks[j * n + i] === 0) continue;
          const z = Math.max(dot(directionsOf(state), j * d, x, i * d, d), 0);
          change[i] = change[i]! + weight * (z * along + dot(fields[j]!, 0, x, i * d, d));
        }
      }
      const fastest = change.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      if (fastest > 0) duration = Math.min(duration, CHANGE / fastest);
    }
    return { duration, visible };
  }

  return {
    state: () => state,
    steps,
    run: (until, stop = () => false) => {
      while (state.time < until * (1 - 1e-12)) {
        if (steps.length >= MOST_STEPS) throw new MeasurementError({ problem: `the flow takes more than ${MOST_STEPS} steps` });
        const { duration: longestStep, visible } = nextStep(weightsAt(problem, state));
        const duration = Math.min(longestStep, until - state.time);
        const { state: next, eventFree } = stepped(problem, inputs, state, { duration, visible }, exact);
        steps.push({ duration, visible, eventFree });
        state = next;
        if (stop(state)) break;
      }
      return state;
    },
  };
}

/** X and XXᵀ. */
interface Inputs {
  readonly x: Float64Array;
  readonly products: Float64Array;
}

function inputsOf({ inputs }: NeuronProblem): Inputs {
  return { x: toFloat64(inputs.data), products: gram(inputs).data };
}

/** Relative errors as another arithmetic would make them in a boost; none in the reference itself. */
type Jitter = () => number;
const exact: Jitter = () => 0;

/** The states after the recorded numbers of the given steps, each boost disturbed by `jitter`. */
export function replayNeurons(
  problem: NeuronProblem,
  steps: readonly NeuronStep[],
  record: readonly number[],
  jitter: Jitter = exact,
): NeuronState[] {
  const inputs = inputsOf(problem);
  let state = startOf(problem);
  let done = 0;
  return record.map((wanted) => {
    for (; done < wanted; done++) ({ state } = stepped(problem, inputs, state, steps[done]!, jitter));
    return state;
  });
}

function startOf({ inputs: { rows: n, columns: d, data }, directions, logNorms, signs }: NeuronProblem): NeuronState {
  const [u, x] = [toFloat64(directions.data), toFloat64(data)];
  const h = signs.length;
  const masks = new Uint8Array(h * n);
  for (let j = 0; j < h; j++) for (let i = 0; i < n; i++) masks[j * n + i] = dot(u, j * d, x, i * d, d) > 0 ? 1 : 0;
  return {
    time: 0,
    directions: { rows: h, columns: d, data: u },
    logNorms,
    masks,
    lastChange: new Float64Array(h),
    monotonicityViolations: 0,
  };
}

/** r_i = −ℓ'(y_i f_i). */
function weightsAt(problem: NeuronProblem, state: NeuronState): Float64Array {
  return neuronOutputs(problem, state).map((f, i) => lossWeight(problem.loss, problem.labels[i]! * f));
}

/** A state and whether no mask changed on the way, not even to change back. */
interface Advance {
  readonly state: NeuronState;
  readonly eventFree: boolean;
}

function stepped(
  problem: NeuronProblem,
  inputs: Inputs,
  state: NeuronState,
  { duration, visible }: Pick<NeuronStep, 'duration' | 'visible'>,
  jitter: Jitter,
): Advance {
  const weights = weightsAt(problem, state);
  const first = advance(problem, inputs, state, weights, duration, jitter);
  if (!visible) return first;
  const after = weightsAt(problem, first.state);
  const average = weights.map((weight, i) => (weight + after[i]!) / 2);
  const second = advance(problem, inputs, state, average, duration, jitter);
  return { state: second.state, eventFree: first.eventFree && second.eventFree };
}

const directionsOf = ({ directions }: NeuronState) => directions.data as Float64Array;

/** a_j = s_j Σ_{active i} r_i y_i x_i. */
function fieldOf(
  { inputs: { rows: n, columns: d }, labels, signs }: NeuronProblem,
  x: Float64Array,
  masks: Uint8Array,
  j: number,
  weights: Float64Array,
): Float64Array {
  const field = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    if (masks[j * n + i] === 0) continue;
    const weight = signs[j]! * labels[i]! * weights[i]!;
    for (let k = 0; k < d; k++) field[k] = field[k]! + weight * x[i * d + k]!;
  }
  return field;
}

/** All neurons for that long with the residual weights frozen: each by boosts from event to event, on a clock of its own. */
function advance(
  problem: NeuronProblem,
  { x, products }: Inputs,
  from: NeuronState,
  weights: Float64Array,
  duration: number,
  jitter: Jitter,
): Advance {
  const { rows: n, columns: d } = problem.inputs;
  const directions = Float64Array.from(from.directions.data);
  const logNorms = Float64Array.from(from.logNorms);
  const masks = Uint8Array.from(from.masks);
  const lastChange = Float64Array.from(from.lastChange);
  let { monotonicityViolations } = from;
  let eventFree = true;
  for (const [j, sign] of problem.signs.entries()) {
    const u = directions.subarray(j * d, (j + 1) * d);
    const a = fieldOf(problem, x, masks, j, weights);
    // ⟨a, x_i⟩ and ⟨u, x_i⟩, which an event changes by one row of inner products of inputs and by the boost.
    const pulls = Float64Array.from({ length: n }, (_, i) => dot(a, 0, x, i * d, d));
    const preactivations = Float64Array.from({ length: n }, (_, i) => dot(u, 0, x, i * d, d));
    let active = masks.subarray(j * n, (j + 1) * n).reduce((count, mask) => count + mask, 0);
    let elapsed = 0;
    for (let events = 0; events < mostEvents(n); events++) {
      const size = active === 0 ? 0 : Math.sqrt(squaredNorm(a));
      if (size === 0) break;
      const boost = boostOf(
        u,
        a.map((entry) => entry / size),
      );
      let nearest = 0;
      let which = -1;
      for (let i = 0; i < n; i++) {
        const q = crossing(boost, preactivations[i]!, pulls[i]! / size, masks[j * n + i] === 1);
        if (q > nearest) {
          nearest = q;
          which = i;
        }
      }
      const first = -Math.log(nearest) / size;
      const event = first <= duration - elapsed;
      const time = event ? first * (1 + jitter()) : duration - elapsed;
      if (time > 0) {
        const q = Math.exp(-size * time);
        const denominator = boost.plus + boost.minus * q * q;
        for (let k = 0; k < d; k++) {
          u[k] = (2 * q * boost.across[k]! + (boost.plus - boost.minus * q * q) * boost.towards[k]!) / denominator + jitter();
        }
        const length = Math.sqrt(squaredNorm(u));
        for (let k = 0; k < d; k++) u[k] = u[k]! / length;
        const [across, towards] = [(2 * q) / denominator / length, (boost.plus - boost.minus * q * q) / denominator / length];
        for (let i = 0; i < n; i++) {
          const pull = pulls[i]! / size;
          preactivations[i] =
            jitter === exact ? across * (preactivations[i]! - boost.cosine * pull) + towards * pull : dot(u, 0, x, i * d, d);
        }
        const grown = size * time + Math.log(denominator / 2);
        logNorms[j] = logNorms[j]! + grown + (1 + Math.abs(grown)) * jitter();
      }
      if (!event) break;
      eventFree = false;
      elapsed += time;
      const k = j * n + which;
      masks[k] = 1 - masks[k]!;
      const turned = 2 * masks[k]! - 1;
      active += turned;
      const change = turned * sign * problem.labels[which]! * weights[which]!;
      for (let k = 0; k < d; k++) a[k] = a[k]! + change * x[which * d + k]!;
      for (let i = 0; i < n; i++) pulls[i] = pulls[i]! + change * products[which * n + i]!;
      lastChange[j] = from.time + elapsed;
      if (sign * problem.labels[which]! > 0 !== (masks[k] === 1)) monotonicityViolations++;
    }
  }
  return {
    state: {
      time: from.time + duration,
      directions: { ...from.directions, data: directions },
      logNorms,
      masks,
      lastChange,
      monotonicityViolations,
    },
    eventFree,
  };
}

/** A unit vector u against the unit vector â that it moves towards. */
interface Boost {
  readonly towards: Float64Array;
  /** c = ⟨u, â⟩. */
  readonly cosine: number;
  /** u − câ. */
  readonly across: Float64Array;
  /** 1 + c and 1 − c, without cancellation. */
  readonly plus: number;
  readonly minus: number;
}

function boostOf(u: Float64Array, towards: Float64Array): Boost {
  const cosine = dot(u, 0, towards, 0, u.length);
  const across = u.map((entry, k) => entry - cosine * towards[k]!);
  const large = 1 + Math.abs(cosine);
  const small = squaredNorm(across) / large;
  return cosine < 0
    ? { towards, cosine, across, plus: small, minus: large }
    : { towards, cosine, across, plus: large, minus: small };
}

/** e^{−Aτ} at the time τ when the activity on x changes, 0 where it never does, from ⟨u, x⟩ (taken on the side of its mask) and ⟨â, x⟩. */
function crossing({ cosine, plus, minus }: Boost, preactivation: number, along: number, active: boolean): number {
  const side = active ? 1 : -1;
  if (side * along >= 0) return 0;
  const z = side * Math.max(side * preactivation, 0);
  const b = Math.abs(along);
  const p = side * (z - cosine * along);
  const root = Math.sqrt(p * p + b * b * plus * minus);
  const q = p > 0 ? (b * plus) / (root + p) : (root - p) / (b * minus);
  return Number.isNaN(q) ? 0 : Math.min(q, 1);
}

/** This family in float64, as an implementation of it. */
export const referenceNeurons: NeuronModel = {
  integrate: async (problem, steps, record) => replayNeurons(problem, steps, record),
};
