import fc from 'fast-check';
import type { Instance } from '../../src/claim/claim.js';
import { defineClaim } from '../../src/claim/define.js';
import { seeds } from '../../src/math/arbitraries.js';
import { seedOf, stream } from '../../src/math/random.js';
import { coherentInputs } from '../../src/models/relu-neurons/instances.js';
import { drawStart, type NeuronProblem, type NeuronState } from '../../src/models/relu-neurons/problem.js';
import { neuronFlow } from '../../src/models/relu-neurons/reference.js';
import { checkedNeurons } from '../../src/models/relu-neurons/roundoff.js';

const SAMPLES = 6;
const DIMENSION = 5;
const NEURONS = 128;
const HIGH = 0.5;
/** Longer than any alignment here; the outputs stay 0 until then. */
const END = 100;

interface PairTheory {
  readonly low: number;
  /** Both data sets are made of the same draws. */
  readonly paired: boolean;
}

/** One data set at a coherence, all else the same: unit norms, three inputs of each label, and neurons so small that each moves alone. */
function problemAt(coherence: number, { seed }: Instance): NeuronProblem {
  const labels = Float32Array.from({ length: SAMPLES }, (_, i) => (i % 2 === 0 ? 1 : -1));
  const shape = { coherence, inputDimension: DIMENSION, smallestNorm: 1, normRatio: 1 };
  return {
    inputs: coherentInputs(shape, labels, stream(seed, 'inputs')),
    labels,
    ...drawStart(NEURONS, DIMENSION, stream(seed, 'weights')),
    logScale: -1e4,
    loss: 'exponential',
  };
}

const meanTime = (states: readonly NeuronState[]) => states[0]!.lastChange.reduce((sum, time) => sum + time, 0) / NEURONS;

export const coherenceDependence = defineClaim<Instance, PairTheory>({
  id: 'min2024/coherence-dependence',
  title: 'alignment is slower at μ = .02 than at μ = .5',
  kind: 'bound',
  statement:
    'alignment is slower on less coherent data: the time at which a neuron last changes its pattern, on average over 128 neurons, is at least 1.25 times as long for μ = 0.02 as for μ = 0.5 on data that are otherwise the same',
  formula: String.raw`\frac1{128} \sum_{j=1}^{128} t_j(\mu = 0.02) \ge 1.25 \cdot \frac1{128} \sum_{j=1}^{128} t_j(\mu = 0.5), \quad t_j = \text{last change of } \bigl(\mathbf 1[\langle w_j, x_i \rangle > 0]\bigr)_{i \le n}`,
  source: { paper: 'min2024', place: 'theorem on early alignment: t₁ grows as μ falls' },
  needs: ['neurons.integrate'],
  instances: fc.record({ seed: seeds }),
  theory: { low: 0.02, paired: true },
  passRate: { claimed: 0.99, broken: 0.7 },
  measure: async (instance, { low, paired }, { subject }) => {
    const times: { time: number; error: number; rounding: number }[] = [];
    for (const [coherence, seed] of [
      [low, instance.seed],
      [HIGH, paired ? instance.seed : seedOf(instance.seed, 'another')],
    ] as const) {
      const problem = problemAt(coherence, { seed });
      const flow = neuronFlow(problem);
      flow.run(END);
      const { states, roundoff, rounding } = await checkedNeurons(problem, flow, [flow.steps.length], subject);
      times.push({ time: meanTime(states), error: roundoff(meanTime), rounding });
    }
    const [slow, fast] = times as [(typeof times)[0], (typeof times)[0]];
    const observed = (1.25 * fast.time) / slow.time;
    return {
      observed,
      bound: 1,
      roundoff: observed * (slow.error / slow.time + fast.error / fast.time),
      quantities: { slow: slow.time, fast: fast.time, ratio: slow.time / fast.time },
      rounding: Math.max(slow.rounding, fast.rounding),
    };
  },
  controls: [
    {
      id: 'same-coherence',
      statement: 'μ = 0.5 in both of two unrelated data sets',
      where: fc.record({ seed: seeds }),
      theory: { low: HIGH, paired: false },
    },
  ],
});
