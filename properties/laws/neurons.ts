import type { Laboratory } from '../../src/claim/claim.js';
import { defineClaim } from '../../src/claim/define.js';
import { type Matrix32, squaredNorm } from '../../src/math/matrix.js';
import { capable, trainingOfWeights } from '../../src/models/capability.js';
import { drawNeuronProblem, type NeuronInstance, neuronInstances } from '../../src/models/relu-neurons/instances.js';
import { isDead, type NeuronProblem, type NeuronState } from '../../src/models/relu-neurons/problem.js';
import type { NeuronFlow } from '../../src/models/relu-neurons/reference.js';
import { neuronDifference } from '../../src/models/relu-neurons/roundoff.js';
import { neuronFlowOf as flowOf } from '../lib/flows.js';
import { asNetwork } from '../lib/neurons-as-network.js';
import { identity } from './lib/small.js';

const instances = neuronInstances({ scale: 'given', smallness: [5, 40] });
const common = { kind: 'identity', instances } as const;
const source = { paper: 'min2024', place: 'gradient flow of balanced ReLU neurons' };

/** The subject's last state on that flow. */
async function lastState(problem: NeuronProblem, flow: NeuronFlow, { subject }: Laboratory): Promise<NeuronState> {
  const [state] = await capable(subject, 'neurons', 'integrate')(problem, flow.steps, [flow.steps.length]);
  return state!;
}

export const neuronsEqualReference = defineClaim<NeuronInstance, { stretch: number }>({
  ...common,
  id: 'laws/neurons-equal-reference',
  title: 'the flow of ReLU neurons equals the float64 reference',
  statement:
    'the flow of ReLU neurons equals that of the float64 reference: directions, norms, masks and the times of their events',
  formula: String.raw`\hat q_j = q_j^{\text{float64}} \quad\text{within rounding}, \quad q_j = \Bigl(\frac{w_j}{\lVert w_j \rVert},\, \lVert w_j \rVert,\, \bigl(\mathbf 1[\langle w_j, x_i \rangle > 0]\bigr)_{i \le n},\, t_j\Bigr), \quad \dot w_j = -\frac{\partial \mathcal L}{\partial w_j}`,
  source,
  needs: ['neurons.integrate'],
  theory: { stretch: 1 },
  measure: async (instance, { stretch }, { subject }) => {
    const problem = drawNeuronProblem(instance);
    const flow = flowOf(problem);
    const record = [1, flow.steps.length];
    const stretched = flow.steps.map((step) => ({ ...step, duration: step.duration * stretch }));
    const states = await capable(subject, 'neurons', 'integrate')(problem, stretched, record);
    const ratio = neuronDifference(problem, flow.steps, record, states, subject);
    return identity(Math.min(ratio, Number.MAX_VALUE), {}, stretch === 1 ? ratio : null);
  },
  controls: [{ id: 'longer-steps', statement: 'steps longer by one per cent', where: instances, theory: { stretch: 1.01 } }],
});

/** Rows in another order. */
function reordered<T extends Float32Array | Float64Array>(data: T, columns: number, order: readonly number[]): T {
  const result = data.slice() as T;
  order.forEach((from, to) => {
    result.set(data.subarray(from * columns, (from + 1) * columns), to * columns);
  });
  return result;
}
const reorderedMatrix = (matrix: Matrix32, order: readonly number[]): Matrix32 => ({
  ...matrix,
  data: reordered(matrix.data, matrix.columns, order),
});
const reversed = (length: number) => Array.from({ length }, (_, i) => length - 1 - i);

export const neuronsPermute = defineClaim<NeuronInstance, { restored: boolean }>({
  ...common,
  id: 'laws/neurons-permute',
  title: 'neurons and data in another order flow the same way',
  statement: 'neurons and data in another order flow the same way',
  formula: String.raw`W_t(PW_0, Pv_0;\, QX, Qy) = P\, W_t(W_0, v_0;\, X, y) \quad\text{for permutations } P, Q`,
  source,
  needs: ['neurons.integrate'],
  theory: { restored: true },
  measure: async (instance, theory, laboratory) => {
    const problem = drawNeuronProblem(instance);
    const flow = flowOf(problem);
    const [n, h] = [problem.labels.length, problem.signs.length];
    const [data, neurons] = [reversed(n), reversed(h)];
    const permuted: NeuronProblem = {
      ...problem,
      inputs: reorderedMatrix(problem.inputs, data),
      labels: reordered(problem.labels, 1, data),
      directions: reorderedMatrix(problem.directions, neurons),
      logNorms: reordered(problem.logNorms, 1, neurons),
      signs: reordered(problem.signs, 1, neurons),
    };
    const state = await lastState(permuted, flow, laboratory);
    const restored: NeuronState = {
      ...state,
      directions: { ...state.directions, data: reordered(state.directions.data, state.directions.columns, neurons) },
      logNorms: reordered(state.logNorms, 1, neurons),
      lastChange: reordered(state.lastChange, 1, neurons),
      masks: Uint8Array.from(state.masks, (_, k) => state.masks[(h - 1 - Math.floor(k / n)) * n + (n - 1 - (k % n))]!),
    };
    const compared = theory.restored ? restored : state;
    const ratio = neuronDifference(problem, flow.steps, [flow.steps.length], [compared], laboratory.subject);
    return identity(Math.min(ratio, Number.MAX_VALUE));
  },
  controls: [
    { id: 'not-restored', statement: 'the states left in the other order', where: instances, theory: { restored: false } },
  ],
});

export const neuronsSwap = defineClaim<NeuronInstance, { signs: boolean }>({
  ...common,
  id: 'laws/neurons-swap',
  title: 'negating labels and signs swaps S_+ and S_−',
  statement: 'negating labels and second-layer signs swaps S_+ and S_−: directions, norms and masks are the same',
  formula: String.raw`W_t(W_0, -v_0;\, X, -y) = W_t(W_0, v_0;\, X, y), \quad \mathcal S_\pm(-v_0, -y) = \mathcal S_\mp(v_0, y)`,
  source,
  needs: ['neurons.integrate'],
  theory: { signs: true },
  measure: async (instance, theory, laboratory) => {
    const problem = drawNeuronProblem(instance);
    const flow = flowOf(problem);
    const swapped = {
      ...problem,
      labels: problem.labels.map((label) => -label),
      signs: theory.signs ? problem.signs.map((sign) => -sign) : problem.signs,
    };
    const state = await lastState(swapped, flow, laboratory);
    const ratio = neuronDifference(problem, flow.steps, [flow.steps.length], [state], laboratory.subject);
    return identity(Math.min(ratio, Number.MAX_VALUE));
  },
  controls: [{ id: 'labels-alone', statement: 'the labels alone negated', where: instances, theory: { signs: false } }],
});

export const neuronsDead = defineClaim<NeuronInstance, { alive: boolean }>({
  ...common,
  id: 'laws/neurons-dead',
  title: 'a dead neuron stays dead: neither its direction nor its norm changes again',
  statement: 'a dead neuron stays dead: neither its direction nor its norm changes again',
  formula: String.raw`w_j(t_0) \in \mathcal S_{\mathrm{dead}} \quad\Longrightarrow\quad w_j(t) = w_j(t_0) \quad\text{for}\quad t \ge t_0`,
  source,
  needs: ['neurons.integrate'],
  theory: { alive: false },
  measure: async (instance, { alive }, { subject }) => {
    const problem = drawNeuronProblem(instance);
    const flow = flowOf(problem);
    const record = [Math.min(2, flow.steps.length), flow.steps.length];
    const [early, late] = (await capable(subject, 'neurons', 'integrate')(problem, flow.steps, record)) as [
      NeuronState,
      NeuronState,
    ];
    const [n, d] = [problem.inputs.rows, problem.inputs.columns];
    let changed = 0;
    for (let j = 0; j < problem.signs.length; j++) {
      if (isDead(n, early.masks, j) === alive) continue;
      const rows = [early, late].map(({ directions }) => directions.data.subarray(j * d, (j + 1) * d));
      const same = rows[0]!.every((entry, k) => entry === rows[1]![k]);
      if (!same || early.logNorms[j] !== late.logNorms[j]) changed++;
    }
    return { observed: changed, bound: 0.5, quantities: { changed } };
  },
  controls: [{ id: 'living-neurons', statement: 'the neurons that are not dead', where: instances, theory: { alive: true } }],
});

interface BalanceTheory {
  /** The step on the first layer relative to that on the second. */
  readonly ratio: number;
}

const STEPS = 100;

export const neuronsBalance = defineClaim<NeuronInstance, BalanceTheory>({
  ...common,
  id: 'laws/neurons-balance',
  title: 'v_j² − ‖w_j‖² stays 0 along the flow',
  statement:
    'v_j² − ‖w_j‖² stays 0 along the flow: after 100 steps η of gradient descent it is at most 100 η² G² max(v_j², ‖w_j‖²), the second-order remainder, G = max ‖x‖ max r',
  formula: String.raw`\begin{gathered} v_j^2 - \lVert w_j \rVert^2 = 0 \;\text{ along the flow} \\ \left\lvert v_j^2 - \lVert w_j \rVert^2 \right\rvert \le 100\, \eta^2 G^2 \max\bigl(v_j^2, \lVert w_j \rVert^2\bigr)  \;\text{ after 100 steps}, \quad G = \max_i \lVert x_i \rVert\, \max_i \left\lvert \ell'(y_i f(x_i)) \right\rvert \end{gathered}`,
  source,
  needs: ['twoLayer.train'],
  theory: { ratio: 1 },
  measure: async (instance, { ratio }, { subject }) => {
    const problem = drawNeuronProblem({ ...instance, scale: 'given', smallness: 1 });
    const { rows: h, columns: d } = problem.directions;
    const { network, largestNorm } = asNetwork(problem, -1);
    const step = 0.2 / (STEPS * largestNorm);
    const trained = await trainingOfWeights(subject)(network, { first: ratio * step * d, second: step * h }, [STEPS]);
    let worst = 0;
    for (let j = 0; j < h; j++) {
      const row = trained.firstLayer.subarray(j * d, (j + 1) * d);
      const [w, v] = [squaredNorm(row) / d, trained.secondLayer[j]! ** 2 / h];
      // Residual weights are at most those at the start times e^{|f|}, and |f| stays below 1 here.
      const pull = step * largestNorm * Math.E;
      const rounding = 4 * STEPS * subject.roundoff.accumulator * Math.max(w, v);
      worst = Math.max(worst, Math.abs(v - w) / (STEPS * pull ** 2 * Math.max(w, v) * (1 + pull) ** (2 * STEPS) + rounding));
    }
    return identity(worst);
  },
  controls: [{ id: 'unequal-steps', statement: 'a first-layer step of twice the size', where: instances, theory: { ratio: 2 } }],
});
