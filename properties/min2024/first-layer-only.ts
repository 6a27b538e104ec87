import { defineClaim } from '../../src/claim/define.js';
import { squaredNorm } from '../../src/math/matrix.js';
import { drawNeuronProblem, growingInstances, type NeuronInstance } from '../../src/models/relu-neurons/instances.js';
import type { NeuronProblem } from '../../src/models/relu-neurons/problem.js';
import { referenceSubject } from '../../src/subject/reference.js';
import type { Subject } from '../../src/subject/subject.js';
import { classSum } from '../../src/theory/coherence.js';
import { byLoss } from '../lib/by-loss.js';
import { asNetwork, descended, relativeLoss } from '../lib/neurons-as-network.js';

interface FirstLayerTheory {
  readonly bothLayers: boolean;
}

const SMALL = 12;
/** A step moves a weight by at most this part of what the whole gradient of the start would in unit time. */
const RELATIVE_STEP = 0.02;
const STRETCH = 64;
const LONGEST = 64 * STRETCH;
/** float32 differs from float64 by less in every ratio of times; of a quantity of order 1 after some thousand steps. */
const AGREEMENT = 0.01;

/** Steps until the loss has fallen by 10 %, between steps by interpolation; at most LONGEST. */
async function fallTime(problem: NeuronProblem, logScale: number, bothLayers: boolean, subject: Subject): Promise<number> {
  const { rows: h, columns: d } = problem.directions;
  const { network } = asNetwork(problem, logScale, bothLayers);
  const longest = [1, -1].map((label) => Math.sqrt(squaredNorm(classSum(problem, label))));
  const step = (RELATIVE_STEP * problem.labels.length) / Math.max(...longest);
  const steps = { first: step * d, second: bothLayers ? step * h : 0 };
  const record = Array.from({ length: STRETCH }, (_, t) => t + 1);
  let before = Number.POSITIVE_INFINITY;
  for (let start = 0, at = network; start < LONGEST; start += STRETCH) {
    const { problem: next, outputs } = await descended(at, steps, record, subject);
    for (const [t, values] of outputs.entries()) {
      const loss = relativeLoss(problem.loss, problem.labels, values);
      if (loss <= 0.9) return start + t + Math.min(1, (before - 0.9) / (before - loss));
      before = loss;
    }
    at = next;
  }
  return LONGEST;
}

export const firstLayerOnly = defineClaim<NeuronInstance, FirstLayerTheory>({
  id: 'min2024/no-two-phases-with-first-layer-only',
  title: 'v fixed: no standstill, whatever ε',
  kind: 'bound',
  statement:
    'trained with v = ±1/√h fixed, the time until the loss has fallen by 10 % does not depend on ε: from ε = e^{−12} to ε² it changes by at most 10 %; there is no phase of alignment at standstill',
  formula: String.raw`\left\lvert \frac{t_{10\%}(\varepsilon^2)}{t_{10\%}(\varepsilon)} - 1 \right\rvert \le 0.1, \quad \mathcal L(t_{10\%}) = 0.9\, \mathcal L(0) \quad\text{for}\quad v_j = \pm \frac1{\sqrt h} \text{ fixed},\; \varepsilon = e^{-12}`,
  source: { paper: 'min2024', place: 'discussion: training only the first layer' },
  needs: ['twoLayer.train'],
  instances: byLoss(growingInstances({ samples: [3, 8] })),
  theory: { bothLayers: false },
  passRate: { claimed: 0.99, broken: 0.7 },
  measure: async (instance, { bothLayers }, { subject }) => {
    const problem = drawNeuronProblem(instance);
    const ratioOf = async (by: Subject) => {
      const larger = await fallTime(problem, -SMALL, bothLayers, by);
      if (larger === LONGEST) throw new Error(`the loss has not fallen by 10 % within ${LONGEST} steps`);
      return (await fallTime(problem, -2 * SMALL, bothLayers, by)) / larger;
    };
    const ratio = await ratioOf(subject);
    const error = subject === referenceSubject ? 0 : Math.abs(ratio - (await ratioOf(referenceSubject)));
    return {
      observed: Math.abs(ratio - 1),
      bound: 0.1,
      roundoff: error,
      quantities: { ratio },
      rounding: error / AGREEMENT,
    };
  },
  controls: [
    {
      id: 'both-layers',
      statement: 'both layers trained, from a balanced start',
      where: growingInstances({ samples: [3, 8] }),
      theory: { bothLayers: true },
    },
  ],
});
