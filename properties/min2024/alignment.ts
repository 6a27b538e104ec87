import fc from 'fast-check';
import { defineClaim } from '../../src/claim/define.js';
import { neuronSeries } from '../../src/inspect/neurons.js';
import { lossValue } from '../../src/math/margin-loss.js';
import { drawNeuronProblem, type NeuronInstance, neuronInstances } from '../../src/models/relu-neurons/instances.js';
import { bothClassesGrown, type NeuronProblem, neuronLoss } from '../../src/models/relu-neurons/problem.js';
import { type NeuronFlow, neuronFlow } from '../../src/models/relu-neurons/reference.js';
import { checkedNeurons } from '../../src/models/relu-neurons/roundoff.js';
import { alignmentConstants } from '../../src/theory/coherence.js';
import { byLoss } from '../lib/by-loss.js';
import { coherent, counted, theoremAssumptions, threeSamples, unsettled, visible, wronglyDead } from './lib/measures.js';

/** Half with ε as small as the theorem asks, half far beyond it: ln ε from −1000 to −15. */
const anyScale = fc.oneof(neuronInstances(), neuronInstances({ scale: 'given', smallness: [15, 1000], logarithmic: true }));
const flipped = neuronInstances({ flipped: true, samples: [4, 10] });
const source = { paper: 'min2024', place: 'theorem on early alignment' };
/** t₁; with a flipped label, where there is none, a time by which coherent data are aligned. */
const alignmentTimeOf = ({ alignmentTime, smallestNorm }: ReturnType<typeof alignmentConstants>) =>
  Number.isNaN(alignmentTime) ? 6 / smallestNorm : alignmentTime;

/** Through the fall of the loss, to t₂; with the theorem's own ε, whose t₂ float32 cannot time, to 2 t₁. */
function goOn({ scale }: NeuronInstance, problem: NeuronProblem, flow: NeuronFlow): void {
  const { alignmentTime: t1, smallestNorm } = alignmentConstants(problem);
  if (scale === 'theorem') flow.run(2 * t1, visible(flow));
  else flow.run(flow.state().time + (3 * Math.abs(problem.logScale)) / smallestNorm, bothClassesGrown(problem));
}

export const alignmentTime = defineClaim<NeuronInstance, { factor: number }>({
  id: 'min2024/alignment-time',
  title: 'all neurons in S_+, S_− or S_dead by 0.1 t₁',
  kind: 'bound',
  statement:
    'by 0.1 t₁, t₁ = 16 ln n/(min{μ², ζ₂} √μ X_min), every neuron of V_+ is in S_+ or S_dead (in S_+ if it activated a positive at the start), and V_− likewise; also for ε beyond the theorem’s',
  formula: String.raw`\begin{gathered} w_j(t) \in \mathcal S_\pm \cup \mathcal S_{\mathrm{dead}} \quad\text{for}\quad j \in \mathcal V_\pm,\; 0.1\, t_1 \le t \le t_1, \quad t_1 = \frac{16 \ln n}{\min\{\mu^2, \zeta_2\}\, \sqrt\mu\, X_{\min}} \\ w_j(t) \in \mathcal S_\pm \quad\text{if}\quad \langle w_j(0), x_i \rangle > 0 \;\text{ for some } i \text{ with } y_i = \pm 1 \end{gathered}`,
  source,
  assumptions: theoremAssumptions,
  needs: ['neurons.integrate'],
  instances: byLoss(anyScale),
  theory: { factor: 0.1 },
  measure: async (instance, { factor }, { subject }) => {
    const problem = drawNeuronProblem(instance);
    const { alignmentTime: t1 } = alignmentConstants(problem);
    const bound = factor * t1;
    const flow = neuronFlow(problem);
    flow.run(t1, visible(flow));
    const { states, roundoff, rounding } = await checkedNeurons(problem, flow, [flow.steps.length], subject);
    const state = states[0]!;
    const failures = unsettled(problem, state) + wronglyDead(problem, state);
    const aligned = Math.max(...state.lastChange);
    return {
      observed: failures > 0 ? 2 * bound : aligned,
      bound,
      roundoff: roundoff((replica) => Math.max(...replica[0]!.lastChange)),
      quantities: { alignedAt: aligned, failures, logScale: problem.logScale, endTime: state.time },
      rounding,
    };
  },
  controls: [
    {
      id: 'scaled-by-epsilon',
      statement: 'directions moving as if their speed grew as 1/ε, ε = 10⁻⁶: by 10⁻⁶ of that time',
      where: anyScale,
      theory: { factor: 1e-7 },
    },
  ],
});

export const staysAligned = defineClaim<NeuronInstance, object>({
  id: 'min2024/stays-aligned',
  title: 'aligned neurons stay in S_+, S_− or S_dead',
  kind: 'bound',
  statement:
    'settled at t₁, every neuron has the same activation pattern from then on, through the fall of the loss (t₂ + 1000; with the theorem’s own ε, to 2 t₁)',
  formula: String.raw`\mathbf 1[\langle w_j(t), x_i \rangle > 0] = \mathbf 1[\langle w_j(t_1), x_i \rangle > 0] \quad\text{for}\quad t_1 \le t \le t_2 + 1000 \;\text{ (the theorem’s } \varepsilon\text{: } 2 t_1\text{)}, \quad w_j(t_1) \in \mathcal S_+ \cup \mathcal S_- \cup \mathcal S_{\mathrm{dead}}`,
  source,
  assumptions: theoremAssumptions,
  needs: ['neurons.integrate'],
  instances: byLoss(anyScale),
  measure: async (instance, _, { subject }) => {
    const problem = drawNeuronProblem(instance);
    const constants = alignmentConstants(problem);
    const flow = neuronFlow(problem);
    const settled = () => unsettled(problem, flow.state()) === 0;
    flow.run(alignmentTimeOf(constants), visible(flow));
    const marks = [flow.steps.length];
    if (settled()) {
      goOn(instance, problem, flow);
      marks.push(flow.steps.length);
      if (instance.scale === 'given') {
        flow.run(flow.state().time + 1000);
        marks.push(flow.steps.length);
      }
    }
    const { states, rounding } = await checkedNeurons(problem, flow, marks, subject);
    const failures = unsettled(problem, states[0]!);
    const settledSince = states[0]!.lastChange;
    const changed = states.at(-1)!.lastChange.filter((time, j) => time !== settledSince[j]).length;
    return counted(failures + changed, { unsettled: failures, changed, endTime: states.at(-1)!.time }, rounding);
  },
  controls: [{ id: 'flipped-label', statement: 'data with one label flipped, taken for coherent, at 6/X_min', where: flipped }],
});

export const monotoneActivation = defineClaim<NeuronInstance, object>({
  id: 'min2024/monotone-activation',
  title: 'no neuron of V_+ loses a positive or gains a negative; V_− likewise',
  kind: 'bound',
  statement:
    'a neuron of V_+ never loses a positive nor gains a negative, and V_− likewise, until t₂ (with the theorem’s own ε, until 2 t₁)',
  formula: String.raw`y_i \operatorname{sign}(v_j)\, \mathbf 1[\langle w_j(t), x_i \rangle > 0] \;\text{ does not decrease in } t \quad\text{for}\quad t \le t_2 \;\text{ (the theorem’s } \varepsilon\text{: } 2 t_1\text{)}`,
  source: { paper: 'min2024', place: 'proof of early alignment' },
  assumptions: [coherent, threeSamples],
  needs: ['neurons.integrate'],
  instances: byLoss(anyScale),
  measure: async (instance, _, { subject }) => {
    const problem = drawNeuronProblem(instance);
    const constants = alignmentConstants(problem);
    const flow = neuronFlow(problem);
    const last = alignmentTimeOf(constants);
    flow.run(last, visible(flow));
    if (constants.coherence > 0) goOn(instance, problem, flow);
    const { states, rounding } = await checkedNeurons(problem, flow, [flow.steps.length], subject);
    const { monotonicityViolations, lastChange, time } = states[0]!;
    return counted(monotonicityViolations, { lastEvent: Math.max(...lastChange), endTime: time }, rounding);
  },
  controls: [
    { id: 'flipped-label', statement: 'data with one label flipped, taken for coherent, until 6/X_min', where: flipped },
  ],
});

/** ε and μ near 0. */
const nearlyIncoherent = (smallness: number) =>
  neuronInstances({ scale: 'given', smallness: [smallness, smallness], coherence: [1e-4, 1e-2] });

export const alignmentPrecedesLoss = defineClaim<NeuronInstance, object>({
  id: 'min2024/alignment-precedes-loss',
  title: 'ε = e^{−40}: loss within 1 % of its start when the last neuron is aligned',
  kind: 'bound',
  statement: 'with ε = e^{−40} the loss has fallen by at most 1 % when the last neuron is aligned, also for μ from 10⁻⁴ to 10⁻²',
  formula: String.raw`\mathcal L(t_{\mathrm{align}}) \ge 0.99\, \mathcal L(0) \quad\text{for}\quad \varepsilon = e^{-40},\; 10^{-4} \le \mu \le 10^{-2}, \quad w_j(t_{\mathrm{align}}) \in \mathcal S_+ \cup \mathcal S_- \cup \mathcal S_{\mathrm{dead}} \;\text{ for all } j`,
  source: { paper: 'min2024', place: 'theorem on early alignment: alignment before growth' },
  assumptions: [coherent, threeSamples],
  needs: ['neurons.integrate'],
  instances: byLoss(nearlyIncoherent(40)),
  measure: async (instance, _, { subject }) => {
    const problem = drawNeuronProblem(instance);
    const flow = neuronFlow(problem);
    const initial = problem.labels.length * lossValue(problem.loss, 0);
    const settled = () => unsettled(problem, flow.state()) === 0;
    const fallen = () => neuronLoss(problem, flow.state()) < 0.9 * initial;
    if (!settled()) flow.run(1e4, () => settled() || fallen());
    const { states, roundoff, rounding } = await checkedNeurons(problem, flow, [flow.steps.length], subject);
    const loss = neuronLoss(problem, states[0]!) / initial;
    const open = unsettled(problem, states[0]!);
    return {
      observed: open > 0 ? 1 : 1 - loss,
      bound: 0.01,
      roundoff: roundoff((replica) => neuronLoss(problem, replica[0]!) / initial),
      quantities: { loss, unsettled: open, time: states[0]!.time },
      rounding,
      series: neuronSeries(problem),
    };
  },
  controls: [{ id: 'large-initialization', statement: 'ε = 0.1', where: nearlyIncoherent(Math.log(10)) }],
});

export const flippedLabel = defineClaim<NeuronInstance, object>({
  id: 'min2024/scope-flipped-label',
  title: 'scope edge: one label flipped',
  kind: 'bound',
  statement: 'one flipped label makes μ < 0: the theorem says nothing of such data',
  formula: String.raw`\mu = \min_{i \ne j} \cos(y_i x_i, y_j x_j) < 0 \quad\text{after}\quad y_k \mapsto -y_k \;\text{ for one } k`,
  source: { paper: 'min2024', place: 'assumption on the data' },
  assumptions: [coherent],
  needs: ['neurons.integrate'],
  instances: flipped,
  measure: async (instance, _, { subject }) => {
    const problem = drawNeuronProblem(instance);
    const flow = neuronFlow(problem);
    flow.run(alignmentTimeOf(alignmentConstants(problem)), visible(flow));
    const { states, rounding } = await checkedNeurons(problem, flow, [flow.steps.length], subject);
    return counted(unsettled(problem, states[0]!), { time: states[0]!.time }, rounding);
  },
  controls: [
    { id: 'taken-for-coherent', statement: 'the same data without the assumption: neurons stay unsettled', where: flipped },
  ],
  expected: { verdict: 'inapplicable', reason: 'with one label flipped min cos(y_i x_i, y_j x_j) is negative' },
});
