import fc from 'fast-check';
import { defineClaim } from '../../src/claim/define.js';
import type { MarginLoss } from '../../src/math/margin-loss.js';
import { dot, squaredNorm, toFloat64 } from '../../src/math/matrix.js';
import {
  drawNeuronProblem,
  growingInstances,
  type NeuronInstance,
  neuronInstances,
} from '../../src/models/relu-neurons/instances.js';
import {
  type NeuronProblem,
  type NeuronState,
  neuronLoss,
  neuronOutputs,
  stableRank,
} from '../../src/models/relu-neurons/problem.js';
import { neuronFlow } from '../../src/models/relu-neurons/reference.js';
import { checkedNeurons } from '../../src/models/relu-neurons/roundoff.js';
import { type AlignmentConstants, alignmentConstants, smallNormsTime } from '../../src/theory/coherence.js';
import { byLoss } from '../lib/by-loss.js';
import { lateStates } from './lib/late-states.js';
import { coherent, logLargestOutput, threeSamples } from './lib/measures.js';

const lemmaScale = fc.oneof(
  neuronInstances({ scale: 'lemma', smallness: [0.5, 60], logarithmic: true }),
  neuronInstances({ scale: 'lemma', smallness: [0.5, 60], logarithmic: true }),
  neuronInstances({ scale: 'lemma', smallness: [60, 1e6], logarithmic: true }),
);

/** Keeps e^excess a number. */
const LARGEST = 600;

interface NormsTheory {
  /** The horizon as a multiple of T. */
  readonly horizon: (constants: AlignmentConstants) => number;
  /** The bounds hold for this power of ε. */
  readonly power: number;
}

export const smallNorms = defineClaim<NeuronInstance, NormsTheory>({
  id: 'min2024/small-norms',
  title: 'norms, outputs and direction errors up to T',
  kind: 'bound',
  statement:
    'up to T = ln(1/(√h ε))/(4 n X_max): ‖w_j‖² ≤ 2ε W_max²/√h, |f| ≤ 2ε √h X_max W_max², and directions err by at most 4ε n √h X_max² W_max²; the largest ratio, in logarithms',
  formula: String.raw`\begin{gathered} \lVert w_j \rVert^2 \le \frac{2 \varepsilon W_{\max}^2}{\sqrt h}, \quad \lvert f(x_i) \rvert \le 2 \varepsilon \sqrt h\, X_{\max} W_{\max}^2 \quad\text{for}\quad t \le T = \frac1{4 n X_{\max}} \ln \frac1{\sqrt h\, \varepsilon} \\ \left\lVert \frac{\mathrm d}{\mathrm dt} \frac{w_j}{\lVert w_j \rVert} - \operatorname{sign}(v_j)\, P_{w_j} \sum_{\langle w_j, x_i \rangle > 0} y_i x_i \right\rVert \le 4 \varepsilon n \sqrt h\, X_{\max}^2 W_{\max}^2, \quad P_w = I - \frac{w w^{\mathsf T}}{\lVert w \rVert^2} \end{gathered}`,
  source: { paper: 'min2024', place: 'lemma on small norms' },
  lawTestedBy: ['min2024/growth-law'],
  assumptions: [threeSamples],
  needs: ['neurons.integrate'],
  instances: byLoss(lemmaScale),
  theory: { horizon: () => 1, power: 1 },
  measure: async (instance, { horizon, power }, { subject }) => {
    const problem = drawNeuronProblem(instance);
    const constants = alignmentConstants(problem);
    const { n, h, largestNorm, largestWeight } = constants;
    const flow = neuronFlow(problem);
    const end = horizon(constants) * smallNormsTime(constants, problem.logScale);
    flow.run(end);
    const { states, roundoff, rounding } = await checkedNeurons(problem, flow, [flow.steps.length], subject);
    const state = states[0]!;
    const base = power * problem.logScale;
    const weight = 2 * Math.log(largestWeight);
    const rootWidth = Math.log(h) / 2;
    const excessOf = (at: NeuronState) => ({
      norm: 2 * (problem.logScale + Math.max(...at.logNorms)) - (base + Math.log(2) + weight - rootWidth),
      output: logLargestOutput(problem, at) - (base + Math.log(2 * largestNorm) + weight + rootWidth),
      direction: logDirectionError(problem, at) - (base + Math.log(4 * n * largestNorm ** 2) + weight + rootWidth),
    });
    const ratioOf = (at: NeuronState) => Math.exp(Math.min(LARGEST, Math.max(...Object.values(excessOf(at)))));
    return {
      observed: ratioOf(state),
      bound: 1,
      roundoff: roundoff((replica) => ratioOf(replica[0]!)),
      quantities: { ...excessOf(state), end },
      rounding,
    };
  },
  controls: [
    {
      id: 'longer-horizon',
      statement: 'T without its factor 1/(4n)',
      where: lemmaScale,
      theory: { horizon: ({ n }) => 4 * n },
    },
    { id: 'epsilon-squared', statement: 'the bounds with ε² for ε', where: lemmaScale, theory: { power: 2 } },
  ],
});

/** ln max_j ‖(I − u uᵀ) Σ_active (r_i − 1) y_i x_i‖, where r_i − 1 is that of the outputs; −∞ where they underflow to nothing. */
function logDirectionError(problem: NeuronProblem, state: NeuronState): number {
  const { rows: n, columns: d } = problem.inputs;
  const logOutput = logLargestOutput(problem, state);
  const x = toFloat64(problem.inputs.data);
  // In units of the largest output, so that nothing underflows: r − 1 = −y f to first order where f is tiny.
  const unit = Math.exp(logOutput);
  const outputs = neuronOutputs(problem, state);
  const largest = outputs.reduce((most, f) => Math.max(most, Math.abs(f)), 0);
  const change = (margin: number) => weightChange(problem.loss, margin);
  const relative = Array.from(outputs, (f, i) =>
    unit > 1e-12 ? change(problem.labels[i]! * f) / unit : largest > 0 ? (-problem.labels[i]! * f) / largest : -1,
  );
  let worst = 0;
  for (let j = 0; j < problem.signs.length; j++) {
    const field = new Float64Array(d);
    for (let i = 0; i < n; i++) {
      if (state.masks[j * n + i] === 0) continue;
      for (let k = 0; k < d; k++) field[k] = field[k]! + relative[i]! * problem.labels[i]! * x[i * d + k]!;
    }
    const u = toFloat64(state.directions.data.subarray(j * d, (j + 1) * d));
    const along = dot(u, 0, field, 0, d);
    worst = Math.max(worst, squaredNorm(field.map((entry, k) => entry - along * u[k]!)));
  }
  return Math.log(worst) / 2 + logOutput;
}

/** −ℓ'(z) − 1 without cancellation. */
function weightChange(loss: MarginLoss, margin: number): number {
  return loss === 'exponential' ? Math.expm1(-margin) : -Math.tanh(margin / 2);
}

const lateInstances = growingInstances({ scale: 'given', smallness: [10, 60] });
const MIDDLE = 1e3;
const END = 1.6e4;

interface RateTheory {
  /** L ~ t^exponent. */
  readonly exponent: number;
}

export const lossRate = defineClaim<NeuronInstance, RateTheory>({
  id: 'min2024/loss-rate',
  title: 'L ≤ L(t₂)/(L(t₂)aτ + 1); Lτ < 1; slope near −1',
  kind: 'bound',
  statement:
    'with τ = t − t₂: L ≤ L(t₂)/(L(t₂) a τ + 1), a = (μ X_min)²/(32 X_max), that is 1/L − 1/L(t₂) ≥ a τ, at every step to τ = 16,000; L τ < 1 at 1000 and 16,000, and the slope of ln L on ln τ between them within 0.25 of −1',
  formula: String.raw`\begin{gathered} \mathcal L(t_2 + \tau) \le \frac{\mathcal L(t_2)}{\mathcal L(t_2)\, a \tau + 1}, \quad a = \frac{(\mu X_{\min})^2}{32 X_{\max}} \quad\text{for}\quad 0 \le \tau \le 16\,000 \\ \mathcal L \tau < 1 \;\text{ at } \tau = 1000,\, 16\,000, \quad \left\lvert \frac{\Delta \ln \mathcal L}{\Delta \ln \tau} + 1 \right\rvert \le 0.25 \;\text{ between them} \end{gathered}`,
  source: { paper: 'min2024', place: 'theorem on the loss, and (L τ, slope) sharper than it' },
  lawTestedBy: ['min2024/loss-law'],
  assumptions: [coherent, threeSamples],
  needs: ['neurons.integrate'],
  instances: byLoss(lateInstances),
  theory: { exponent: -1 },
  numbers: [{ name: 'the exponent −1', scaled: (factor) => ({ exponent: -factor }) }],
  measure: async (instance, { exponent }, laboratory) => {
    const problem = drawNeuronProblem(instance);
    const { coherence, smallestNorm, largestNorm } = alignmentConstants(problem);
    const { states, marks, start, roundoff, rounding } = await lateStates(problem, [MIDDLE, END], laboratory);
    const a = (coherence * smallestNorm) ** 2 / (32 * largestNorm);
    const measured = (of: readonly NeuronState[]) => {
      const initial = neuronLoss(problem, of[0]!);
      // Not L over its bound, which is 1 at τ = 0 whatever the rate.
      const rate = Math.max(
        ...of.slice(1).map((state) => (a * (state.time - start)) / (1 / neuronLoss(problem, state) - 1 / initial)),
      );
      const [middle, end] = marks.map((mark) => neuronLoss(problem, of[mark]!)) as [number, number];
      const product = Math.max(middle * MIDDLE, end * END);
      const slope = Math.log(end / middle) / Math.log(END / MIDDLE);
      return { rate, product, slope, lossAtStart: initial };
    };
    const worst = (of: readonly NeuronState[]) => {
      const { rate, product, slope } = measured(of);
      return Math.max(rate, product, Math.abs(slope - exponent) / 0.25);
    };
    return {
      observed: worst(states),
      bound: 1,
      roundoff: roundoff(worst),
      quantities: { ...measured(states), t2: start },
      rounding,
    };
  },
  controls: [
    { id: 'slope-of-one-half', statement: 'a slope of −½ in place of −1', where: lateInstances, theory: { exponent: -0.5 } },
  ],
});

interface RankTheory {
  /** The bound on the stable rank at coherence μ. */
  readonly limit: (coherence: number) => number;
}

export const lowRank = defineClaim<NeuronInstance, RankTheory>({
  id: 'min2024/low-rank',
  title: '‖W‖_F² ≤ 2‖W‖² + 4√h ε W_max²; stable rank ≤ 2/(1 + μ)',
  kind: 'bound',
  statement: '‖W‖_F² ≤ 2‖W‖² + 4√h ε W_max² and stable rank ≤ 2/(1 + μ) + 0.01 at every step from t₂ to t₂ + 16,000',
  formula: String.raw`\lVert W \rVert_F^2 \le 2 \lVert W \rVert^2 + 4 \sqrt h\, \varepsilon W_{\max}^2, \quad \frac{\lVert W \rVert_F^2}{\lVert W \rVert^2} \le \frac2{1 + \mu} + 0.01 \quad\text{for}\quad t_2 \le t \le t_2 + 16\,000`,
  source: { paper: 'min2024', place: 'theorem on low rank, and (2/(1 + μ)) sharper than it' },
  assumptions: [coherent, threeSamples],
  needs: ['neurons.integrate'],
  instances: byLoss(lateInstances),
  theory: { limit: (coherence) => 2 / (1 + coherence) },
  numbers: [{ name: '2/(1 + μ)', scaled: (factor) => ({ limit: (coherence) => (2 * factor) / (1 + coherence) }) }],
  passRate: { claimed: 0.99, broken: 0.7 },
  measure: async (instance, { limit }, laboratory) => {
    const problem = drawNeuronProblem(instance);
    const { coherence, h, largestWeight } = alignmentConstants(problem);
    const { states, roundoff, rounding } = await lateStates(problem, [MIDDLE, END], laboratory);
    const slack = Math.log(4 * Math.sqrt(h) * largestWeight ** 2) + problem.logScale;
    const measured = (of: readonly NeuronState[]) => {
      const ranks = of.map((state) => stableRank(state, problem.logScale));
      return {
        paper: Math.max(...ranks.map(({ stableRank: rank, logSquaredNorm }) => rank / (2 + Math.exp(slack - logSquaredNorm)))),
        highest: Math.max(...ranks.map(({ stableRank: rank }) => rank)),
        atEnd: ranks.at(-1)!.stableRank,
      };
    };
    const worst = (of: readonly NeuronState[]) => {
      const { paper, highest } = measured(of);
      return Math.max(paper, highest / (limit(coherence) + 0.01));
    };
    return {
      observed: worst(states),
      bound: 1,
      roundoff: roundoff(worst),
      quantities: { ...measured(states), limit: limit(coherence) },
      rounding,
    };
  },
  controls: [
    {
      id: 'rank-one',
      statement: 'a limit of 1 in place of 2/(1 + μ)',
      where: growingInstances({ scale: 'given', smallness: [10, 60], coherence: [0.05, 0.2] }),
      theory: { limit: () => 1 },
    },
  ],
});
