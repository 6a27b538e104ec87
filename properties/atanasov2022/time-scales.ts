import { defineClaim } from '../../src/claim/define.js';
import { dot, matrix64, toFloat64 } from '../../src/math/matrix.js';
import {
  applied,
  drawLinearProblem,
  type LinearInstance,
  type LinearProblem,
  linearInstances,
} from '../../src/models/gradient-flow/instances.js';
import type { FlowState } from '../../src/models/gradient-flow/problem.js';
import { integrate } from '../../src/models/gradient-flow/reference.js';
import { checkedFlow } from '../../src/models/gradient-flow/roundoff.js';
import {
  alignment,
  byDepth,
  kernelMatrix,
  largestAlignment,
  lawTime,
  learned,
  learnedAt,
  linearPlan,
  productOf,
} from '../lib/linear-networks.js';
import { ALIGNED, alignmentCrossing } from './lib/alignment-crossing.js';

/** q = ½ βᵀMβ and r = aᵀWβ at the start of a two-layer network. */
function early({ problem, teacher }: LinearProblem): { readonly q: number; readonly r: number } {
  const start = { time: 0, weights: problem.weights };
  const kernel = kernelMatrix(start);
  return {
    q: dot(teacher, 0, applied(kernel, teacher), 0, teacher.length) / 2,
    r: dot(teacher, 0, productOf(start), 0, teacher.length),
  };
}

interface HalfTheory {
  /** Time at which the loss has halved. */
  readonly half: (values: { s: number; q: number; r: number; sigma: number }) => number;
}

const ROOT = Math.SQRT2 - 1;
const halfTime = (s: number, start: number) => Math.log(ROOT * ((2 * s) / start - 1)) / (2 * s);

export const timeScales = defineClaim<LinearInstance, HalfTheory>({
  id: 'atanasov2022/time-scales',
  title: 'two layers: half-loss time (1/2s) ln[(√2 − 1)(2s/(q₀ + r₀) − 1)]',
  kind: 'bound',
  statement:
    'two layers: the loss has halved at t = (1/2s) ln[(√2 − 1)(2s/(q_0 + r_0) − 1)], q = ½βᵀMβ, r = aᵀWβ, within (3 σ̃²(1 + N/D) + 5·10⁻⁴)/s',
  formula: String.raw`\left\lvert t_{1/2} - \frac1{2s} \ln\Bigl[(\sqrt2 - 1) \Bigl(\frac{2s}{q_0 + r_0} - 1\Bigr)\Bigr] \right\rvert \le \frac{3\, \tilde\sigma^2 (1 + N/D) + 5 \cdot 10^{-4}}s, \quad q = \tfrac12 \beta^{\mathsf T} M \beta, \quad r = a^{\mathsf T} W \beta`,
  source: { paper: 'atanasov2022', place: 'two-layer linear networks: time scales' },
  needs: ['flow.integrate'],
  instances: linearInstances({ depths: [2] }),
  theory: { half: ({ s, q, r }) => halfTime(s, q + r) },
  numbers: [
    {
      name: 't½',
      scaled: (factor) => ({ half: ({ s, q, r }) => factor * halfTime(s, q + r) }),
      nearMiss: { id: 'half-time-off', factor: 1.03 },
    },
  ],
  measure: async (instance, { half }, { subject }) => {
    const { scale: s } = instance;
    const drawn = drawLinearProblem(instance);
    const planned = integrate(drawn.problem, linearPlan(instance, 1, [0.5]));
    const landing = planned.events[0]!;
    const flow = await checkedFlow(drawn.problem, planned, [landing], subject);
    // The landing is close to a drop of one half; the scalar law gives the rest.
    const timeOf = (states: readonly FlowState[]) => {
      const state = states[0]!;
      return s * state.time - (lawTime(learned(state, drawn) / s, 2) - lawTime(learnedAt(0.5), 2)) / 2;
    };
    const bound = 3 * drawn.residue + 5e-4;
    const { observed, roundoff, rounding } = flow.carried(timeOf, bound, s * flow.states[0]!.time);
    const predicted = s * half({ s, ...early(drawn), sigma: drawn.sigma });
    return {
      observed: Math.abs(observed - predicted),
      bound,
      roundoff,
      quantities: { halfTime: observed / s, predicted: predicted / s, steps: planned.steps.length },
      rounding,
    };
  },
  controls: [
    {
      id: 'twice-too-long',
      statement: '(1/s) ln(s σ⁻²), as the text prints it',
      where: linearInstances({ depths: [2] }),
      theory: { half: ({ s, sigma }) => Math.log(s / sigma ** 2) / s },
    },
    {
      id: 'initial-function-dropped',
      statement: 'q_0 without r_0',
      where: linearInstances({ depths: [2] }),
      theory: { half: ({ s, q }) => halfTime(s, q) },
    },
  ],
});

const verySilent = { 2: [0.001, 0.01] } as const;

/** Time, in units of 1/s, at which frac reaches a level in the linear early phase: a = cosh t a_0 + sinh t Wβ and Wβ = cosh t (Wβ)_0 + sinh t a_0. */
function earlyAlignmentTime({ problem, basis, teacher }: LinearProblem, level: number): number {
  const [first, second] = problem.weights as [(typeof problem.weights)[0], (typeof problem.weights)[0]];
  const rank = basis.columns;
  const output = toFloat64(second.data);
  const projection = applied(first, teacher);
  const at = (t: number) => {
    const [c, s] = [Math.cosh(t), Math.sinh(t)];
    const a = output.map((entry, i) => c * entry + s * projection[i]!);
    const weights = toFloat64(first.data).slice();
    for (let i = 0; i < first.rows; i++) {
      const change = c * projection[i]! + s * output[i]! - projection[i]!;
      for (let k = 0; k < first.columns; k++)
        weights[i * first.columns + k] = weights[i * first.columns + k]! + change * teacher[k]!;
    }
    const state = { time: t, weights: [matrix64(first.rows, first.columns, weights), matrix64(1, second.columns, a)] };
    return alignment(kernelMatrix(state), { basis, teacher });
  };
  const start = at(0);
  const wanted = start + level * (largestAlignment(2, rank) - start);
  let [low, high] = [0, 20];
  for (let halvings = 0; halvings < 50; halvings++) {
    const middle = (low + high) / 2;
    if (at(middle) < wanted) low = middle;
    else high = middle;
  }
  return high;
}

interface AlignmentTimeTheory {
  /** Level of frac whose time is predicted. */
  readonly level: number;
}

export const alignmentTimeScale = defineClaim<LinearInstance, AlignmentTimeTheory>({
  id: 'atanasov2022/time-scales-alignment',
  title: 'two layers: alignment takes a time ~ 1/s that does not depend on σ',
  kind: 'bound',
  statement:
    'two layers, σ̃ ≤ 0.01: frac is 0.9 at a time that does not depend on σ: within 0.01/s of the early, linear dynamics and of that from σ/10',
  formula: String.raw`\left\lvert t_{0.9}(\sigma) - t_{0.9}^{\mathrm{lin}} \right\rvert \le \frac{0.01}s, \quad \left\lvert t_{0.9}(\sigma) - t_{0.9}(\sigma/10) \right\rvert \le \frac{0.01}s, \quad \frac{A(t_{0.9}) - A_0}{A_{\max} - A_0} = 0.9 \quad\text{for}\quad \tilde\sigma \le 0.01`,
  source: { paper: 'atanasov2022', place: 'two-layer linear networks: alignment takes 1/s' },
  needs: ['flow.integrate'],
  instances: linearInstances({ depths: [2], sigma: verySilent }),
  theory: { level: ALIGNED },
  measure: async (instance, { level }, { subject }) => {
    const times: number[] = [];
    let [roundoff, rounding] = [0, 0];
    const predicted = earlyAlignmentTime(drawLinearProblem(instance), level);
    for (const shrink of [1, 0.1]) {
      const smaller = { ...instance, relativeSigma: shrink * instance.relativeSigma };
      const drawn = drawLinearProblem(smaller);
      const planned = integrate(drawn.problem, linearPlan(instance, 1, [0.02]));
      const crossing = alignmentCrossing(planned.states, drawn, instance, ALIGNED);
      if (!crossing) {
        times.push(Number.POSITIVE_INFINITY);
        continue;
      }
      const flow = await checkedFlow(drawn.problem, planned, crossing.record, subject);
      const timeOf = (states: readonly FlowState[]) => instance.scale * crossing.timeOf(states);
      const measured = flow.carried(timeOf, 0.01, 10);
      times.push(measured.observed);
      roundoff = Math.max(roundoff, measured.roundoff);
      rounding = Math.max(rounding, measured.rounding);
    }
    const [large, small] = times as [number, number];
    const difference = Math.max(Math.abs(large - predicted), Math.abs(large - small));
    return {
      observed: Number.isFinite(difference) ? difference : 1,
      bound: 0.01,
      roundoff: 2 * roundoff,
      quantities: {
        predicted,
        ...(Number.isFinite(large) && { time: large }),
        ...(Number.isFinite(small) && { smaller: small }),
      },
      rounding,
    };
  },
  controls: [
    {
      id: 'level-of-eighty',
      statement: 'the predicted time of a frac of 0.8',
      where: linearInstances({ depths: [2], sigma: verySilent }),
      theory: { level: 0.8 },
    },
    {
      id: 'large-sigma',
      statement: 'σ̃ from 0.1 to 0.3',
      where: linearInstances({ depths: [2], sigma: { 2: [0.1, 0.3] } }),
    },
  ],
});

interface LawTheory {
  /** The factor of the law, in units of L. */
  readonly factor: (depth: number) => number;
}

export const scalarLaw = defineClaim<LinearInstance, LawTheory>({
  id: 'atanasov2022/scalar-law',
  title: 'ċ = L c^{2−2/L}(s − c), with the factor L',
  kind: 'bound',
  statement:
    'c = β·w obeys ċ = L c^{2−2/L}(s − c) from c = 0.1 s to 0.9 s: the factor is L within 0.85 σ̃²(1 + N/D) + 10⁻³ of it; L = 2, 3, 4',
  formula: String.raw`\begin{gathered} \dot c = L\, c^{2 - 2/L} (s - c), \quad c = \beta \cdot w, \quad L = 2, 3, 4 \\ \left\lvert \frac1{L\, \Delta t} \int_{0.1 s}^{0.9 s} \frac{\mathrm dc}{c^{2 - 2/L} (s - c)} - 1 \right\rvert \le 0.85\, \tilde\sigma^2 (1 + N/D) + 10^{-3}, \quad \Delta t = t_{c = 0.9 s} - t_{c = 0.1 s} \end{gathered}`,
  source: { paper: 'atanasov2022', place: 'deep linear networks: the scalar dynamics' },
  needs: ['flow.integrate'],
  instances: byDepth(),
  theory: { factor: (depth) => depth },
  numbers: [{ name: 'L', scaled: (by) => ({ factor: (depth) => by * depth }), nearMiss: { id: 'factor-off', factor: 1.05 } }],
  measure: async (instance, { factor }, { subject }) => {
    const { depth, scale: s } = instance;
    const drawn = drawLinearProblem(instance);
    const planned = integrate(drawn.problem, linearPlan(instance, 5e-3));
    const inside = [...planned.states.keys()].filter((k) => {
      const part = learned(planned.states[k]!, drawn) / s;
      return part >= 0.1 && part <= 0.9;
    });
    const flow = await checkedFlow(drawn.problem, planned, [inside[0]!, inside.at(-1)!], subject);
    const factorOf = (states: readonly FlowState[]) => {
      const [from, to] = states as [FlowState, FlowState];
      const change = lawTime(learned(to, drawn) / s, depth) - lawTime(learned(from, drawn) / s, depth);
      return change / ((to.time - from.time) * s ** (2 - 2 / depth));
    };
    const bound = 0.85 * drawn.residue + 1e-3;
    const { observed, roundoff, rounding } = flow.carried((states) => factorOf(states) / factor(depth), bound);
    return {
      observed: Math.abs(observed - 1),
      bound,
      roundoff,
      quantities: { factor: observed * factor(depth), steps: planned.steps.length },
      rounding,
    };
  },
  controls: [
    {
      id: 'no-factor',
      statement: 'ċ = c^{2−2/L}(s − c), without its factor L',
      where: linearInstances(),
      theory: { factor: () => 1 },
    },
  ],
});
