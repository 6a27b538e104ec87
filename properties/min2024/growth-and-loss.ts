import { defineClaim } from '../../src/claim/define.js';
import { dot, rowNorms, squaredNorm, toFloat64 } from '../../src/math/matrix.js';
import { mean } from '../../src/math/statistics.js';
import {
  drawNeuronProblem,
  growingInstances,
  growingStart,
  type NeuronInstance,
  neuronInstances,
} from '../../src/models/relu-neurons/instances.js';
import {
  bothClassesGrown,
  isDead,
  isSettled,
  largestOutput,
  type NeuronProblem,
  type NeuronState,
  stableRank,
} from '../../src/models/relu-neurons/problem.js';
import { neuronFlow } from '../../src/models/relu-neurons/reference.js';
import { checkedNeurons } from '../../src/models/relu-neurons/roundoff.js';
import { classSum } from '../../src/theory/coherence.js';
import { byLoss } from '../lib/by-loss.js';
import { crossingTime } from '../lib/crossing-time.js';
import { lateStates } from './lib/late-states.js';
import { coherent, threeSamples } from './lib/measures.js';

/** ‖x_±‖ for x_± = Σ_{i: y_i = ±1} x_i. */
const classNorm = (problem: NeuronProblem, sign: number) => Math.sqrt(squaredNorm(classSum(problem, sign)));

/** t₂, between these states of the flow. */
const t2Between = (problem: NeuronProblem, states: readonly NeuronState[]) =>
  crossingTime(
    states.map(({ time }) => time),
    (k, sign) => largestOutput(problem, states[k]!, sign),
  );

/** −ln ε, and how many times as large it is for the smaller start. */
const SMALLNESS = [60, 120] as const;
const FACTOR = 2;
/** Of the time at which the faster class is learned: neurons are aligned by the first, and outputs not visible by the second. */
const GROWING = [0.6, 0.9] as const;
const TOLERANCE = 0.01;

interface GrowthTheory {
  /** The rate at which the neurons of a class grow. */
  readonly rateOf: (problem: NeuronProblem, sign: number) => number;
}

interface Grown {
  readonly problem: NeuronProblem;
  /** At the two times at which growth is measured. */
  readonly growing: readonly [NeuronState, NeuronState];
  /** By how much later t₂ is for the smaller start. */
  readonly delay: number;
  readonly rounding: number;
}

export const growthLaw = defineClaim<NeuronInstance, GrowthTheory, Grown>({
  id: 'min2024/growth-law',
  title: 'neurons grow as e^{‖x_±‖t}; t₂ ~ ln(1/ε)/min ‖x_±‖',
  kind: 'estimate',
  statement: `aligned neurons grow at the rate ‖x_±‖, x_± = Σ_{y_i = ±1} x_i, until outputs are visible, and the time t₂ at which both classes exceed ¼ grows by ln(1/ε)/min(‖x_+‖, ‖x_−‖): d t₂/d ln(1/ε) · min ‖x_±‖ and d ln‖w_j‖/dt/‖x_±‖ are 1 within ${TOLERANCE} in the mean`,
  formula: String.raw`\frac{\mathrm d t_2}{\mathrm d \ln(1/\varepsilon)} \min\bigl(\lVert x_+ \rVert, \lVert x_- \rVert\bigr) = 1, \quad \frac1{\lVert x_\pm \rVert} \frac{\mathrm d}{\mathrm dt} \ln \lVert w_j \rVert = 1, \quad x_\pm = \sum_{y_i = \pm 1} x_i`,
  source: { paper: 'min2024', place: 'early alignment and growth; the law is sharper than the lemma on small norms' },
  assumptions: [coherent, threeSamples],
  needs: ['neurons.integrate'],
  instances: byLoss(growingInstances({ scale: 'given', smallness: SMALLNESS })),
  theory: { rateOf: classNorm },
  observe: async (instance, { subject }) => {
    const problem = drawNeuronProblem(instance);
    const fastest = Math.max(classNorm(problem, 1), classNorm(problem, -1));
    const flow = neuronFlow(problem);
    const marks = GROWING.map((share) => {
      flow.run((share * instance.smallness) / fastest);
      return flow.steps.length;
    });
    flow.run(Number.MAX_VALUE, bothClassesGrown(problem));
    const last = flow.steps.length;
    const early = await checkedNeurons(problem, flow, [...marks, last - 1, last], subject);
    const smaller = drawNeuronProblem({ ...instance, smallness: FACTOR * instance.smallness });
    const later = neuronFlow(smaller);
    later.run(Number.MAX_VALUE, bothClassesGrown(smaller));
    const end = later.steps.length;
    const late = await checkedNeurons(smaller, later, [end - 1, end], subject);
    const delay = t2Between(smaller, late.states) - t2Between(problem, early.states.slice(-2));
    const growing = early.states.slice(0, 2) as [NeuronState, NeuronState];
    return { problem, growing, delay, rounding: Math.max(early.rounding, late.rounding) };
  },
  measure: async ({ smallness }, { rateOf }, _, { problem, growing: [from, to], delay, rounding }) => {
    const n = problem.labels.length;
    const speeds: number[] = [];
    problem.signs.forEach((sign, j) => {
      if (!isSettled(problem, from, j) || isDead(n, from.masks, j)) return;
      speeds.push((to.logNorms[j]! - from.logNorms[j]!) / (to.time - from.time) / rateOf(problem, sign));
    });
    const number = (estimate: number) => ({ estimate, predicted: 1, tolerance: TOLERANCE });
    return {
      numbers: {
        delay: number((delay / ((FACTOR - 1) * smallness)) * Math.min(rateOf(problem, 1), rateOf(problem, -1))),
        speed: number(mean(speeds)),
      },
      quantities: { delay, neurons: speeds.length },
      rounding,
    };
  },
  controls: [
    {
      id: 'rate-two-percent-off',
      statement: '1.02 ‖x_±‖',
      where: () => true,
      theory: { rateOf: (problem, sign) => 1.02 * classNorm(problem, sign) },
    },
    {
      id: 'largest-rate',
      statement: 'n max ‖x_i‖, which the lemma bounds the rate by, in place of ‖x_±‖',
      where: () => true,
      theory: { rateOf: ({ inputs }) => inputs.rows * Math.max(...rowNorms(inputs)) },
    },
  ],
});

const MIDDLE = 1e3;
const END = 1.6e4;

/** cos(w_j, x_±) of aligned neurons. */
const LEAST_COSINE = 0.25;

interface AlignedTheory {
  readonly cosine: number;
  /** ‖W‖ at a time in units of what it was before. */
  readonly growth: number;
}

export const growsAligned = defineClaim<NeuronInstance, AlignedTheory>({
  id: 'min2024/grows-aligned',
  title: 'from alignment to t₂ cos(w_j, x_±) ≥ ¼; ‖W‖ grows without end',
  kind: 'bound',
  statement: `from the last change of a pattern to t₂ every neuron of S_± that is alive has cos(w_j, x_±) ≥ ${LEAST_COSINE}, and ‖W‖ is larger at τ = t − t₂ = 1000 than at t₂, and at 16,000 than at 1000`,
  formula: String.raw`\cos(w_j, x_\pm) \ge \tfrac14 \;\text{ from alignment to } t_2, \quad \lVert W(t_2) \rVert < \lVert W(t_2 + 1000) \rVert < \lVert W(t_2 + 16\,000) \rVert`,
  source: { paper: 'min2024', place: 'proof of the theorem on the loss' },
  assumptions: [coherent, threeSamples],
  needs: ['neurons.integrate'],
  instances: byLoss(growingInstances({ scale: 'given', smallness: [10, 60] })),
  theory: { cosine: LEAST_COSINE, growth: 1 },
  measure: async (instance, { cosine, growth }, { subject }) => {
    const problem = drawNeuronProblem(instance);
    const flow = neuronFlow(problem);
    flow.run(Number.MAX_VALUE, bothClassesGrown(problem));
    const grown = flow.steps.length;
    const start = flow.state().time;
    const late = [MIDDLE, END].map((after) => {
      flow.run(start + after);
      return flow.steps.length;
    });
    const record = [...Array.from({ length: grown + 1 }, (_, k) => k), ...late];
    const { states, roundoff, rounding } = await checkedNeurons(problem, flow, record, subject);
    const sums = [1, -1].map((sign) => classSum(problem, sign)) as [Float64Array, Float64Array];
    const smallest = (of: readonly NeuronState[]) => {
      const aligned = Math.max(...of[grown]!.lastChange);
      const after = of.slice(0, grown + 1).filter(({ time }) => time >= Math.min(aligned, start));
      return Math.min(...after.map((state) => leastCosine(problem, state, sums)));
    };
    const slowest = (of: readonly NeuronState[]) => {
      const [from, middle, end] = [of[grown]!, ...of.slice(grown + 1)].map(
        (state) => stableRank(state, problem.logScale).logSquaredNorm / 2,
      ) as [number, number, number];
      return Math.exp(Math.max(from - middle, middle - end));
    };
    const worst = (of: readonly NeuronState[]) => Math.max(cosine / smallest(of), growth * slowest(of));
    return {
      observed: worst(states),
      bound: 1,
      roundoff: roundoff(worst),
      quantities: { leastCosine: smallest(states), leastGrowth: 1 / slowest(states), t2: start },
      rounding,
    };
  },
  controls: [
    {
      id: 'parallel',
      statement: 'cos(w_j, x_±) ≥ .9999, as if alignment were with x_± and not with a cone',
      where: byLoss(growingInstances({ scale: 'given', smallness: [10, 60] })),
      theory: { cosine: 0.9999 },
    },
  ],
});

/** The smallest cosine of a living, settled neuron with the sum of its class. */
function leastCosine(problem: NeuronProblem, state: NeuronState, sums: readonly [Float64Array, Float64Array]): number {
  const d = problem.inputs.columns;
  let least = 1;
  problem.signs.forEach((sign, j) => {
    if (!isSettled(problem, state, j) || isDead(problem.labels.length, state.masks, j)) return;
    const sum = sums[sign > 0 ? 0 : 1];
    const along = dot(toFloat64(state.directions.data), j * d, sum, 0, d) / Math.sqrt(squaredNorm(sum));
    least = Math.min(least, along);
  });
  return least;
}

/** What the coarse steps of the late flow leave. */
const LOSS_TOLERANCE = 0.02;

/** One positive input under the exponential loss: its class's margin is its norm from the start. */
const singlePositive = neuronInstances({ scale: 'given', smallness: [10, 60] })
  .map((instance): NeuronInstance => ({ ...instance, positives: 1, loss: 'exponential' }))
  .filter((instance) => growingStart(drawNeuronProblem(instance)));

/** ∫ e^{z − to}/z dz from one margin to a larger one, by Simpson's rule: ∫ dG/ln G for G = e^z, over e^{to}. */
function integralOfInverseLogarithm(from: number, to: number): number {
  const panels = 2000;
  const width = (to - from) / panels;
  let sum = 0;
  for (let k = 0; k <= panels; k++) {
    const z = from + k * width;
    const weight = k === 0 || k === panels ? 1 : k % 2 === 1 ? 4 : 2;
    sum += (weight * Math.exp(z - to)) / z;
  }
  return (sum * width) / 3;
}

interface LossTheory {
  /** γ in units of ‖x_+‖. */
  readonly margin: number;
  /** Without it 1/L would grow at a constant rate. */
  readonly logarithm: boolean;
}

interface Learned {
  /** ‖x‖ of the single input. */
  readonly norm: number;
  /** f(x) at both times. */
  readonly margins: readonly [number, number];
  readonly start: number;
  readonly rounding: number;
}

export const lossLaw = defineClaim<NeuronInstance, LossTheory, Learned>({
  id: 'min2024/loss-law',
  title: 'd(1/L)/dt = 2γ ln(1/L) for a class of one input',
  kind: 'estimate',
  statement: `the loss L = ℓ(f(x)) of a class with a single input x falls by d(1/L)/dt = 2‖x‖ ln(1/L) under the exponential loss, so like 1/(2‖x‖ t ln t) and not like 1/t: from τ = t − t₂ = 1000 to 16,000, ∫ d(1/L)/ln(1/L) over 2‖x‖Δt is 1 within ${LOSS_TOLERANCE} in the mean`,
  formula: String.raw`\frac{\mathrm d}{\mathrm dt} \frac1{\mathcal L} = 2 \lVert x \rVert \ln \frac1{\mathcal L}: \quad \frac1{2 \lVert x \rVert\, \Delta t} \int_{1/\mathcal L(t_2 + 1000)}^{1/\mathcal L(t_2 + 16\,000)} \frac{\mathrm dG}{\ln G} = 1`,
  source: { paper: 'min2024', place: 'theorem on the loss; the law is sharper than its bound' },
  assumptions: [coherent, threeSamples],
  needs: ['neurons.integrate'],
  instances: singlePositive,
  theory: { margin: 1, logarithm: true },
  observe: async (instance, laboratory) => {
    const problem = drawNeuronProblem(instance);
    const { states, marks, start, rounding } = await lateStates(problem, [MIDDLE, END], laboratory);
    const margins = marks.map((mark) => largestOutput(problem, states[mark]!, 1)) as [number, number];
    return { norm: classNorm(problem, 1), margins, start, rounding };
  },
  measure: async (_, { margin, logarithm }, __, { norm, margins: [from, to], start, rounding }) => {
    const grown = logarithm ? integralOfInverseLogarithm(from, to) : 1 - Math.exp(from - to);
    const estimate = (Math.exp(to) * grown) / (2 * margin * norm * (END - MIDDLE));
    return {
      numbers: { integral: { estimate, predicted: 1, tolerance: LOSS_TOLERANCE } },
      quantities: { lossAtMiddle: Math.exp(-from), lossAtEnd: Math.exp(-to), t2: start },
      rounding,
    };
  },
  controls: [
    { id: 'margin-five-percent-off', statement: 'γ = 1.05 ‖x‖', where: () => true, theory: { margin: 1.05 } },
    { id: 'no-logarithm', statement: 'd(1/L)/dt = 2‖x‖', where: () => true, theory: { logarithm: false } },
  ],
});
