import type { Series } from '../claim/claim.js';
import type { DataSet } from '../data/data-set.js';
import { evenIndices } from '../math/even-indices.js';
import { dot, type Matrix32, rowNorms, squaredNorm, toFloat64 } from '../math/matrix.js';
import { stream } from '../math/random.js';
import {
  bothClassesGrown,
  drawStart,
  isDead,
  isSettled,
  type NeuronProblem,
  type NeuronState,
  neuronLoss,
  stableRank,
} from '../models/relu-neurons/problem.js';
import { neuronFlow } from '../models/relu-neurons/reference.js';
import { UsageError } from '../support/errors.js';
import { alignmentConstants, smallNormsTime } from '../theory/coherence.js';

/** What `inspect --neurons --json` prints. */
export interface NeuronInspection {
  readonly n: number;
  readonly d: number;
  /** Neurons. */
  readonly h: number;
  /** ε. */
  readonly epsilon: number;
  /** μ = min cos(y_i x_i, y_j x_j). */
  readonly coherence: number;
  /** The pairs with the smallest cosines, at most ten, where one is negative. */
  readonly incoherent: readonly { readonly i: number; readonly j: number; readonly cosine: number }[];
  readonly incoherentPairs: number;
  /** t₁, by which all neurons are aligned; null where μ ≤ 0. */
  readonly alignmentTime: number | null;
  /** T, up to which norms stay small. */
  readonly smallNormsTime: number;
  /** When the last pattern changed. */
  readonly lastChange: number;
  readonly time: number[];
  /** Neurons in S_+, S_−, S_dead, and in none of them. */
  readonly positive: number[];
  readonly negative: number[];
  readonly dead: number[];
  readonly unsettled: number[];
  /** Σ e^{−y f}/n. */
  readonly loss: number[];
  readonly stableRank: number[];
  readonly warnings: string[];
}

export interface NeuronOptions {
  readonly width: number;
  readonly epsilon: number;
  readonly seed: number;
  readonly seconds?: number;
  /** Told how far the flow is. */
  readonly progress?: (text: string) => void;
}

/** Inputs whose activation patterns are followed. */
export const MOST_FOLLOWED = 200;
const RECORDED = 40;
const PAIRS = 10;
const LATE = 1000;
/** Steps of a picture; coherent data need a third of it. */
const MOST_PICTURED = 300;
/** Steps that the flow can take. */
const MOST_STEPS = 2900;
/** Seconds after which an inspection ends with what was seen by then. */
export const NEURON_SECONDS = 60;

/**
 * Early alignment of ReLU neurons from small initialization on a user's two-class data, exponential loss, balanced start ε N(0, I/d) within the span of the inputs (what is orthogonal to it never
 * moves), in float64.
 * @throws UsageError without labels of two values, or for too many inputs.
 */
export function inspectNeurons(
  { inputs, labels: given }: DataSet,
  { width, epsilon, seed, seconds = NEURON_SECONDS, progress = () => {} }: NeuronOptions,
): NeuronInspection {
  const classes = [...new Set(given)].sort((a, b) => a - b);
  if (given === null || classes.length !== 2) {
    throw new UsageError({
      problem: '--neurons needs two classes',
      expected: 'labels of two values, as 1 and −1, in --labels y.npy',
      found: given === null ? 'no labels' : classes.slice(0, 5).join(', '),
    });
  }
  const labels = given.map((label) => (label === classes[1] ? 1 : -1));
  if (inputs.rows > MOST_FOLLOWED) {
    throw new UsageError({
      problem: 'too many inputs for --neurons, which follows the activation of every neuron on each',
      expected: `at most ${MOST_FOLLOWED}`,
      found: String(inputs.rows),
      hint: `draw some of them with --samples ${MOST_FOLLOWED}`,
    });
  }
  const within = inputs.columns > inputs.rows ? inTheirSpan(inputs) : inputs;
  const problem: NeuronProblem = {
    inputs: within,
    labels,
    ...drawStart(width, within.columns, stream(seed, 'weights')),
    logScale: Math.log(epsilon),
    loss: 'exponential',
  };
  const constants = alignmentConstants(problem);
  const { coherence, incoherentPairs } = constants;
  const warnings: string[] = [];
  if (classes[0] !== -1 || classes[1] !== 1) warnings.push(`the labels ${classes[0]} and ${classes[1]} are taken for −1 and 1`);
  if (!(coherence > 0)) {
    warnings.push(
      `the data are not coherent (μ = ${coherence.toPrecision(3)}, ${incoherentPairs} pairs oppose each other): the theorem says nothing of them; centre the inputs, or leave the worst pairs out`,
    );
  }
  const horizon = smallNormsTime(constants, problem.logScale);
  if (coherence > 0 && problem.logScale > constants.largestLogScale) {
    warnings.push(
      `ε is beyond the theorem's: it takes ln ε ≤ ${constants.largestLogScale.toPrecision(3)}, here ${problem.logScale.toPrecision(3)}`,
    );
  }
  const began = performance.now();
  const late = () => performance.now() - began > 1000 * seconds;
  const {
    states: all,
    grownAt,
    ended,
  } = follow(
    problem,
    (time) => time + LATE,
    ({ time }, count) => {
      progress(`neurons at time ${time.toPrecision(3)}, after ${count} steps …`);
      return count >= MOST_STEPS || late();
    },
  );
  const end = all.at(-1)!;
  if (!ended) {
    const why = late() ? `${seconds} s` : `${MOST_STEPS} steps`;
    warnings.push(
      `followed for ${why}, until time ${end.time.toPrecision(3)}, where the loss is ${(neuronLoss(problem, end) / neuronLoss(problem, all[0]!)).toPrecision(2)} of the initial one: some neurons slide along the boundary of an activation pattern, which takes many small steps; what is said holds until then`,
    );
  } else if (grownAt === null)
    warnings.push('one class never grows: no neuron of its sign activates an input of it; draw more neurons with --width');
  const states = recorded(all);
  const counted = states.map((state) => countsAt(problem, state));
  return {
    n: inputs.rows,
    d: inputs.columns,
    h: width,
    epsilon,
    coherence,
    incoherent: worstPairs(problem),
    incoherentPairs,
    alignmentTime: coherence > 0 ? constants.alignmentTime : null,
    smallNormsTime: horizon,
    lastChange: Math.max(...states.at(-1)!.lastChange),
    time: states.map(({ time }) => time),
    positive: counted.map(({ positive }) => positive),
    negative: counted.map(({ negative }) => negative),
    dead: counted.map(({ dead }) => dead),
    unsettled: counted.map(({ unsettled }) => unsettled),
    loss: states.map((state) => neuronLoss(problem, state) / inputs.rows),
    stableRank: states.map((state) => stableRank(state, problem.logScale).stableRank),
    warnings,
  };
}

/**
 * The states of the flow step by step until both classes have grown, and then to the end that depends on when; `grownAt` is null where one class never grows.
 * `enough` stops it before; then it has not `ended`.
 */
function follow(
  problem: NeuronProblem,
  end: (grownAt: number) => number,
  enough: (state: NeuronState, steps: number) => boolean,
): { states: NeuronState[]; grownAt: number | null; ended: boolean } {
  const flow = neuronFlow(problem);
  const states: NeuronState[] = [flow.state()];
  const grown = bothClassesGrown(problem);
  const limit = (20 * (1 + Math.abs(problem.logScale))) / alignmentConstants(problem).smallestNorm;
  let ended = true;
  const followed = (state: NeuronState) => {
    states.push(state);
    ended = !enough(state, states.length - 1);
    return !ended;
  };
  flow.run(limit, (state) => followed(state) || grown(state));
  if (!grown(flow.state())) return { states, grownAt: null, ended };
  const grownAt = flow.state().time;
  if (ended) flow.run(end(grownAt), followed);
  return { states, grownAt, ended };
}

/** About RECORDED of the states, the first and the last among them. */
function recorded(states: readonly NeuronState[]): NeuronState[] {
  return evenIndices(states.length - 1, RECORDED).map((k) => states[k]!);
}

/** Shares of the neurons in S_+, S_−, S_dead and in none of them, and the loss over the initial one, until shortly after both classes have grown. */
export function neuronSeries(problem: NeuronProblem): Series {
  const { states } = follow(
    problem,
    (grownAt) => 1.5 * grownAt,
    (_, steps) => steps >= MOST_PICTURED,
  );
  const shown = recorded(states);
  const counted = shown.map((state) => countsAt(problem, state));
  const share = (name: keyof (typeof counted)[number]) => counted.map((counts) => counts[name] / problem.signs.length);
  const initial = neuronLoss(problem, states[0]!);
  return {
    over: 'time',
    at: shown.map(({ time }) => time),
    scale: 'linear',
    curves: {
      'S₊': share('positive'),
      'S₋': share('negative'),
      dead: share('dead'),
      unsettled: share('unsettled'),
      'loss / initial': shown.map((state) => neuronLoss(problem, state) / initial),
    },
  };
}

/** The inputs in an orthonormal basis of their span, by Gram–Schmidt taken twice: n×n, with the same inner products. */
function inTheirSpan({ rows, columns, data }: Matrix32): Matrix32 {
  const basis: Float64Array[] = [];
  const result = new Float32Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    let rest = toFloat64(data.subarray(i * columns, (i + 1) * columns));
    const size = Math.sqrt(squaredNorm(rest));
    for (let pass = 0; pass < 2; pass++) {
      for (const [k, direction] of basis.entries()) {
        const along = dot(rest, 0, direction, 0, columns);
        result[i * rows + k] = result[i * rows + k]! + along;
        rest = rest.map((entry, l) => entry - along * direction[l]!);
      }
    }
    const length = Math.sqrt(squaredNorm(rest));
    // A repeated input adds nothing to the span.
    if (length <= 1e-6 * size) continue;
    result[i * rows + basis.length] = length;
    basis.push(rest.map((entry) => entry / length));
  }
  return { rows, columns: rows, data: result };
}

function countsAt(problem: NeuronProblem, state: NeuronState) {
  const counts = { positive: 0, negative: 0, dead: 0, unsettled: 0 };
  for (const [j, sign] of problem.signs.entries()) {
    if (isDead(problem.labels.length, state.masks, j)) counts.dead++;
    else if (!isSettled(problem, state, j)) counts.unsettled++;
    else if (sign > 0) counts.positive++;
    else counts.negative++;
  }
  return counts;
}

/** The pairs whose cosines are smallest, where one is negative. */
function worstPairs({ inputs, labels }: NeuronProblem): NeuronInspection['incoherent'] {
  const { rows: n, columns: d } = inputs;
  const [x, norms] = [toFloat64(inputs.data), rowNorms(inputs)];
  const pairs: { i: number; j: number; cosine: number }[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const cosine = (labels[i]! * labels[j]! * dot(x, i * d, x, j * d, d)) / (norms[i]! * norms[j]!);
      if (cosine <= 0) pairs.push({ i: j, j: i, cosine });
    }
  }
  return pairs.sort((a, b) => a.cosine - b.cosine).slice(0, PAIRS);
}
