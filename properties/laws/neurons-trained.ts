import { defineClaim } from '../../src/claim/define.js';
import { lossValue } from '../../src/math/margin-loss.js';
import { squaredNorm } from '../../src/math/matrix.js';
import { capable, type Families, trainingOfWeights } from '../../src/models/capability.js';
import { drawNeuronProblem, growingInstances, type NeuronInstance } from '../../src/models/relu-neurons/instances.js';
import {
  bothClassesGrown,
  largestOutput,
  type NeuronProblem,
  type NeuronStep,
  neuronLoss,
  stableRank,
} from '../../src/models/relu-neurons/problem.js';
import { neuronFlow, referenceNeurons } from '../../src/models/relu-neurons/reference.js';
import type { TwoLayerProblem } from '../../src/models/two-layer/problem.js';
import type { Subject } from '../../src/subject/subject.js';
import { InapplicableError } from '../../src/support/errors.js';
import { classSum } from '../../src/theory/coherence.js';
import { crossingTime } from '../lib/crossing-time.js';
import { asNetwork } from '../lib/neurons-as-network.js';

const instances = growingInstances({ scale: 'given', smallness: [8, 14], samples: [3, 8] });
const source = { paper: 'min2024', place: 'gradient flow of balanced ReLU neurons' };

/** The flow in float64, which that of a subject equals but for rounding: a law of its own. */
const reference: Families = { neurons: referenceNeurons };

/** Where loss and stable rank are compared, in units of t₂. */
const AFTER = [1.25, 1.5] as const;

/** A run through the fall of the loss: its steps, and how many lead to each of the ends. */
interface Plan {
  readonly steps: readonly NeuronStep[];
  readonly marks: readonly number[];
  readonly ends: readonly number[];
  /** The last change of a pattern, and t₂. */
  readonly aligned: number;
  readonly grown: number;
}

function planOf(problem: NeuronProblem): Plan {
  const flow = neuronFlow(problem);
  const { time: grown, lastChange } = flow.run(Number.MAX_VALUE, bothClassesGrown(problem));
  const ends = AFTER.map((share) => share * grown);
  const marks = ends.map((end) => {
    flow.run(end);
    return flow.steps.length;
  });
  return { steps: flow.steps, marks, ends, grown, aligned: Math.max(...lastChange) };
}

/** ln t₂, ln L at both ends, and the stable rank at the last, of one run; patterns at its end. */
interface Seen {
  readonly numbers: readonly number[];
  readonly masks: readonly boolean[];
}

/** The flow of the subject with each step in so many parts. */
async function integrated(
  problem: NeuronProblem,
  { steps, marks }: Plan,
  parts: number,
  heun: boolean,
  subject: Families,
): Promise<Seen> {
  const divided = steps.flatMap((step) =>
    Array.from({ length: parts }, () => ({ ...step, visible: heun && step.visible, duration: step.duration / parts })),
  );
  const record = Array.from({ length: divided.length + 1 }, (_, k) => k);
  const states = await capable(subject, 'neurons', 'integrate')(problem, divided, record);
  const t2 = crossingTime(
    states.map(({ time }) => time),
    (k, sign) => largestOutput(problem, states[k]!, sign),
  );
  const at = marks.map((mark) => states[parts * mark]!);
  return {
    numbers: [
      Math.log(t2),
      ...at.map((state) => Math.log(neuronLoss(problem, state))),
      stableRank(at.at(-1)!, problem.logScale).stableRank,
    ],
    masks: Array.from(at.at(-1)!.masks, (mask) => mask === 1),
  };
}

/** Outputs are looked at step by step between these, in units of t₂. */
const AROUND = [0.88, 1.05] as const;
/** η max ‖x_±‖ until patterns no longer change, and afterwards. */
const COARSE = 0.02;
const FINE = 0.001;

/** The network of the problem, trained by the subject with plain gradient descent, each step in so many parts. */
async function trained(
  problem: NeuronProblem,
  plan: Plan,
  fine: number,
  parts: number,
  faster: number,
  subject: Subject,
): Promise<Seen> {
  const { ends, aligned, grown } = plan;
  const { rows: h, columns: d } = problem.directions;
  const n = problem.labels.length;
  const train = trainingOfWeights(subject);
  const pull = Math.max(...[1, -1].map((sign) => Math.sqrt(squaredNorm(classSum(problem, sign)))));
  let { network } = asNetwork(problem, problem.logScale);
  let time = 0;
  const losses: number[] = [];
  const around: { readonly time: number; readonly outputs: ArrayLike<number> }[] = [];
  const legs = [
    { end: Math.min(1.1 * aligned, AROUND[0] * grown), step: fine },
    { end: AROUND[0] * grown, step: COARSE },
    { end: AROUND[1] * grown, step: COARSE, look: true },
    ...ends.map((end) => ({ end, step: COARSE, loss: true })),
  ] as readonly { end: number; step: number; look?: true; loss?: true }[];
  for (const { end, step, look, loss } of legs) {
    if (end <= time) continue;
    const count = Math.ceil(((end - time) * pull) / step) * parts;
    const eta = (end - time) / count;
    const record = look ? Array.from({ length: count + 1 }, (_, k) => k) : [count];
    const steps = { first: faster * eta * n * d, second: faster * eta * n * h };
    const { outputs, firstLayer, secondLayer } = await train(network, steps, record);
    if (look) around.push(...outputs.map((values, k) => ({ time: time + k * eta, outputs: values })));
    const last = outputs.at(-1)!;
    if (loss) losses.push(problem.labels.reduce((sum, label, i) => sum + lossValue(problem.loss, label * last[i]!), 0));
    network = {
      ...network,
      firstLayer: { ...network.firstLayer, data: Float32Array.from(firstLayer) },
      secondLayer: Float32Array.from(secondLayer),
    };
    time = end;
  }
  const t2 = crossingTime(
    around.map((state) => state.time),
    (k, sign) => Math.max(...problem.labels.map((label, i) => (label === sign ? sign * around[k]!.outputs[i]! : 0))),
  );
  const { rank, masks } = endOf(network);
  return { numbers: [Math.log(t2), ...losses.map(Math.log), rank], masks };
}

/** ‖W‖_F²/‖W‖² and the patterns of a network. */
function endOf({ firstLayer, inputs }: TwoLayerProblem) {
  const { rows: h, columns: d, data } = firstLayer;
  const rows = Array.from({ length: h }, (_, j) => data.subarray(j * d, (j + 1) * d));
  const logNorms = Float64Array.from(rows, (row) => Math.log(squaredNorm(row)) / 2);
  const directions = { rows: h, columns: d, data: Float64Array.from(data, (w, k) => w / Math.exp(logNorms[Math.floor(k / d)]!)) };
  const masks = rows.flatMap((row) =>
    Array.from({ length: inputs.rows }, (_, i) => row.reduce((z, w, k) => z + w * inputs.data[i * d + k]!, 0) > 0),
  );
  return { rank: stableRank({ directions, logNorms }, 0).stableRank, masks };
}

/** What is left of two runs when their leading error, of that order in the step, is taken out (Richardson). */
function extrapolated(whole: Seen, half: Seen, order: number): number[] {
  return half.numbers.map((number, k) => number + (number - whole.numbers[k]!) / (2 ** order - 1));
}

const same = (a: Seen, b: Seen) => a.masks.every((mask, k) => mask === b.masks[k]);
/** What the flow in quarters, extrapolated, and descent in halves leave: .37 of it at most in 640 trials. */
const AGREEMENT = 1e-3;
/** A neuron that grazes a boundary may fall on the other side by the length of a step: then shorter ones. */
const TRIES = 3;
const FINER = 4;

export const neuronsEqualTraining = defineClaim<NeuronInstance, { readonly faster: number }>({
  id: 'laws/neurons-equal-training',
  title: 'the flow of neurons is the limit of gradient descent of the network',
  kind: 'identity',
  statement: `the flow of balanced ReLU neurons is the limit of plain gradient descent of the network f(x) = Σ_j v_j relu(w_j·x) for small steps: ln t₂, ln L at 1.25 and 1.5 t₂ and the stable rank at 1.5 t₂ agree within ${AGREEMENT}, both extrapolated in their steps (Richardson)`,
  formula: String.raw`\lim_{\eta \to 0} \mathrm{GD}_{t/\eta}\bigl(w_j, v_j\bigr) = \text{flow}_t: \quad \bigl\lvert \Delta \ln t_2 \bigr\rvert,\; \bigl\lvert \Delta \ln \mathcal L(\tfrac54 t_2) \bigr\rvert,\; \bigl\lvert \Delta \ln \mathcal L(\tfrac32 t_2) \bigr\rvert,\; \Bigl\lvert \Delta \frac{\lVert W \rVert_F^2}{\lVert W \rVert^2} \Bigr\rvert \le 10^{-3}`,
  source,
  profile: 'standard',
  needs: ['twoLayer.train'],
  instances,
  theory: { faster: 1 },
  measure: async (instance, { faster }, { subject }) => {
    const problem = drawNeuronProblem(instance);
    const plan = planOf(problem);
    let fine = FINE;
    for (let tries = 0; tries < TRIES; tries++, fine /= FINER) {
      const whole = await trained(problem, plan, fine, 1, faster, subject);
      const half = await integrated(problem, plan, 2, true, reference);
      const quarter = await integrated(problem, plan, 4, true, reference);
      const flow = extrapolated(half, quarter, 2);
      const halved = await trained(problem, plan, fine, 2, faster, subject);
      if (!(same(whole, halved) && same(halved, quarter))) continue;
      const found = extrapolated(whole, halved, 1).map((number, k) => Math.abs(number - flow[k]!));
      const [t2, lossEarly, lossLate, rank] = found as [number, number, number, number];
      return { observed: Math.max(...found), bound: AGREEMENT, quantities: { t2, lossEarly, lossLate, rank } };
    }
    throw new InapplicableError('a neuron grazes the boundary of an input more closely than the finest steps tell');
  },
  controls: [{ id: 'two-percent-faster', statement: 'descent with 1.02 η', where: instances, theory: { faster: 1.02 } }],
});

/** Changes of ln L by halving the steps, and of ln t₂; and the order that halving them once more shows. */
const LARGEST_CHANGE = 0.06;
const LARGEST_DELAY = 0.005;
const LEAST_ORDER = 1.8;

export const neuronsHalveSteps = defineClaim<NeuronInstance, { readonly heun: boolean }>({
  id: 'laws/neurons-halve-steps',
  title: 'half the steps change the flow of neurons by a second order',
  kind: 'identity',
  statement: `the flow of neurons with its steps halved differs in ln L at 1.25 and 1.5 t₂ by at most ${LARGEST_CHANGE}, in ln t₂ by ${LARGEST_DELAY}, and halved once more in ln L by at most 2^−${LEAST_ORDER} of that: its integration is of second order`,
  formula: String.raw`\lvert \ln \mathcal L_{\Delta/2} - \ln \mathcal L_\Delta \rvert \le ${LARGEST_CHANGE}, \quad \log_2 \frac{\lvert \ln \mathcal L_{\Delta/2} - \ln \mathcal L_\Delta \rvert}{\lvert \ln \mathcal L_{\Delta/4} - \ln \mathcal L_{\Delta/2} \rvert} \ge ${LEAST_ORDER}`,
  source,
  needs: ['neurons.integrate'],
  instances,
  theory: { heun: true },
  measure: async (instance, { heun }, { subject }) => {
    const problem = drawNeuronProblem(instance);
    const plan = planOf(problem);
    const runs: Seen[] = [];
    for (const parts of [1, 2, 4]) runs.push(await integrated(problem, plan, parts, heun, subject));
    const [whole, half, quarter] = runs.map(({ numbers }) => numbers) as [number[], number[], number[]];
    const [first, second] = [half.map((x, k) => Math.abs(x - whole[k]!)), quarter.map((x, k) => Math.abs(x - half[k]!))];
    const orders = [1, 2].map((k) => Math.log2(first[k]! / second[k]!));
    const change = Math.max(first[1]!, first[2]!);
    const observed = Math.max(
      change / LARGEST_CHANGE,
      first[0]! / LARGEST_DELAY,
      LEAST_ORDER / Math.max(0.1, Math.min(...orders)),
    );
    return { observed, bound: 1, quantities: { change, delay: first[0]!, order: Math.min(...orders) } };
  },
  controls: [
    {
      id: 'frozen-residuals',
      statement: 'residuals frozen within a step, which is of first order',
      where: instances,
      theory: { heun: false },
    },
  ],
});
