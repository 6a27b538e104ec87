import { defineClaim } from '../../src/claim/define.js';
import { squaredNorm } from '../../src/math/matrix.js';
import { stream } from '../../src/math/random.js';
import { drawNeuronProblem, type NeuronInstance, neuronInstances } from '../../src/models/relu-neurons/instances.js';
import type { NeuronProblem } from '../../src/models/relu-neurons/problem.js';
import type { Subject } from '../../src/subject/subject.js';
import { InapplicableError } from '../../src/support/errors.js';
import { byLoss } from '../lib/by-loss.js';
import { coherent, threeSamples } from './lib/measures.js';
import { largestPull, type Pull, switchingTime, type Wait, waitsOf } from './lib/waits.js';

/** Neurons of a case that are followed, of those that change their pattern. */
const FOLLOWED = 2;
/** η ‖Σ y_i x_i‖, and half of it: what is linear in the step cancels between the two. */
const STEP = 0.04;
const PARTS = [1, 2] as const;
/** Cosines of the input that waits, and how many others are active. */
const COSINES = [1e-2, 1e-3] as const;
const MOST_ACTIVE = 6;
/** What float32 and the square of the step leave. */
const TOLERANCE = 1e-3;

interface AlignmentTheory {
  readonly timeOf: (pull: Pull) => number;
  /** Of k unit inputs that pull the same way. */
  readonly rateOf: (active: number) => number;
}

interface Followed {
  /** By part of the step. */
  readonly waits: readonly (readonly Wait[])[];
  readonly active: number;
  /** d t/d ln(1/μ). */
  readonly delay: number;
}

/** What the step leaves of a number, extrapolated to 0 from the whole and the half of it. */
const atOnce = ([whole, half]: readonly number[]) => 2 * half! - whole!;

/** Σ A·observed/Σ A·predicted, so that slow waits weigh no more than fast ones. */
function ratioOf(waits: readonly Wait[], timeOf: AlignmentTheory['timeOf']): number {
  let [observed, predicted] = [0, 0];
  for (const { observed: seen, pulls } of waits) {
    observed += pulls[0]!.size * seen;
    predicted += pulls[0]!.size * Math.min(...pulls.map(timeOf));
  }
  return observed / predicted;
}

/** A neuron that k equal unit inputs pull, and one more at that cosine from them, on the other side of its boundary. */
function waitingProblem({ seed, inputDimension: d, loss }: NeuronInstance, active: number, cosine: number): NeuronProblem {
  const n = active + 1;
  const random = stream(seed, 'waiting');
  const sign = random.sign();
  const data = new Float32Array(n * d);
  for (let i = 0; i < active; i++) data[i * d] = 1;
  data[active * d] = cosine;
  data[active * d + 1] = Math.sqrt(1 - cosine ** 2);
  const direction = Float64Array.from(
    { length: d },
    (_, k) => (k < 2 ? 1 - 2 * k : 1) * (k < 2 ? 0.3 + random.uniform() : random.gaussian()),
  );
  const length = Math.sqrt(squaredNorm(direction));
  return {
    inputs: { rows: n, columns: d, data },
    labels: new Float32Array(n).fill(sign),
    directions: { rows: 1, columns: d, data: Float32Array.from(direction, (entry) => entry / length) },
    logNorms: Float64Array.of(0),
    signs: Float32Array.of(sign),
    logScale: -20,
    loss,
  };
}

/** d t/d ln(1/μ) of the time at which the waiting input is switched on, for each part of the step. */
async function delaysOf(instance: NeuronInstance, active: number, subject: Subject): Promise<number[]> {
  const delays: number[] = [];
  for (const part of PARTS) {
    const times: number[] = [];
    for (const cosine of COSINES) {
      const problem = waitingProblem(instance, active, cosine);
      const [wait] = await waitsOf(problem, 0, STEP / part / largestPull(problem), subject);
      times.push(wait!.observed);
    }
    delays.push((times[1]! - times[0]!) / Math.log(COSINES[0] / COSINES[1]));
  }
  return delays;
}

export const alignmentLaw = defineClaim<NeuronInstance, AlignmentTheory, Followed>({
  id: 'min2024/alignment-law',
  title: 'when a neuron switches an input on or off; t ~ ln(1/μ)/k',
  kind: 'estimate',
  statement: `the times that training takes until a neuron switches an input on or off, over (1/A) ln{[−σp + √(p² + (1 − c²)ρ²)]/((1 + c)|ρ|)} with a = s Σ_active y_i x_i and steps extrapolated to 0, are 1; and k unit inputs that pull alike let one at cosine μ wait so that k dt/d ln(1/μ) is 1; both within ${TOLERANCE} in the mean`,
  formula: String.raw`t = \frac1A \ln \frac{-\sigma p + \sqrt{p^2 + (1 - c^2) \rho^2}}{(1 + c)\, \lvert \rho \rvert}, \quad a = s \sum_{\text{active}} y_i x_i,\; A = \lVert a \rVert,\; c = \cos(w, a),\; \rho = \cos(a, x),\; p = \Bigl\langle \frac w{\lVert w \rVert} - c\, \frac aA, \frac x{\lVert x \rVert} \Bigr\rangle,\; \sigma = \operatorname{sign} \rho; \quad k\, \frac{\mathrm dt}{\mathrm d \ln(1/\mu)} = 1`,
  source: { paper: 'min2024', place: 'theorem on early alignment; the law is sharper than its t₁' },
  assumptions: [coherent, threeSamples],
  needs: ['twoLayer.train'],
  instances: byLoss(neuronInstances({ scale: 'given', smallness: [16, 24], samples: [3, 8], coherence: [0.001, 0.6] })),
  theory: { timeOf: switchingTime, rateOf: (active) => active },
  observe: async (instance, { subject }) => {
    const problem = drawNeuronProblem(instance);
    const waits: Wait[][] = [];
    for (const part of PARTS) {
      const step = STEP / part / largestPull(problem);
      const each: (readonly Wait[])[] = [];
      for (let j = 0; j < problem.signs.length && each.length < FOLLOWED; j++) {
        const own = await waitsOf(problem, j, step, subject);
        if (own.length > 0) each.push(own);
      }
      waits.push(each.flat());
    }
    if (waits.some((list) => list.length === 0)) throw new InapplicableError('no neuron changes its pattern');
    const active = 1 + (instance.seed % MOST_ACTIVE);
    return { waits, active, delay: atOnce(await delaysOf(instance, active, subject)) };
  },
  measure: async (_, { timeOf, rateOf }, __, { waits, active, delay }) => {
    const number = (estimate: number) => ({ estimate, predicted: 1, tolerance: TOLERANCE });
    return {
      numbers: {
        times: number(atOnce(waits.map((list) => ratioOf(list, timeOf)))),
        delay: number(rateOf(active) * delay),
      },
      quantities: { waits: waits[0]!.length, active },
    };
  },
  controls: [
    {
      id: 'five-percent-longer',
      statement: 'times × 1.05',
      where: () => true,
      theory: { timeOf: (pull) => 1.05 * switchingTime(pull), rateOf: (active) => active / 1.05 },
    },
    {
      id: 'five-percent-shorter',
      statement: 'times × .95',
      where: () => true,
      theory: { timeOf: (pull) => 0.95 * switchingTime(pull), rateOf: (active) => active / 0.95 },
    },
    {
      id: 'one-more-active',
      statement: 'k + 1 inputs that pull, where k do',
      where: () => true,
      theory: {
        timeOf: (pull) => (pull.active / (pull.active + 1)) * switchingTime(pull),
        rateOf: (active) => active + 1,
      },
    },
    {
      id: 'projection-without-sign',
      statement: '|p| in place of −σp',
      where: () => true,
      theory: { timeOf: (pull) => switchingTime({ ...pull, across: -Math.sign(pull.along) * Math.abs(pull.across) }) },
    },
  ],
});
