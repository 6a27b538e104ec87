import { defineClaim } from '../../src/claim/define.js';
import { drawLinearProblem, type LinearInstance, linearInstances, loud } from '../../src/models/gradient-flow/instances.js';
import type { FlowState } from '../../src/models/gradient-flow/problem.js';
import { integrate } from '../../src/models/gradient-flow/reference.js';
import { checkedFlow } from '../../src/models/gradient-flow/roundoff.js';
import { alignment, byDepth, kernelMatrix, largestAlignment, learnedAt, linearPlan } from '../lib/linear-networks.js';
import { flowSeries } from './lib/over-time.js';

/** The drop of the loss at which alignment is looked at. */
const EARLY = 0.05;
/** The least progress that counts as alignment at all, however large σ. */
const CAP = 0.5;

interface AlignmentTheory {
  /** The alignment that counts as complete. */
  readonly complete: (depth: number, rank: number) => number;
}

const source = { paper: 'atanasov2022', place: 'silent alignment: the kernel aligns before the loss falls' };

export const alignmentPrecedesLearning = defineClaim<LinearInstance, AlignmentTheory>({
  id: 'atanasov2022/alignment-precedes-learning',
  title: 'the kernel is aligned when the loss has dropped by 5 %, L = 2, 3, 4',
  kind: 'bound',
  statement:
    'when the loss has dropped by 5 %, frac = (A − A_0)/(A_max − A_0) of the kernel’s alignment, A_max = L/√(L² + r − 1), is at least 1 − min(1.4 σ̃²(1 + N/D)/c^{2/L}, ½), c = 1 − √.95; L = 2, 3, 4 on whitened inputs',
  formula: String.raw`\begin{gathered} \frac{A - A_0}{A_{\max} - A_0} \ge 1 - \min\Bigl(\frac{1.4\, \tilde\sigma^2 (1 + N/D)}{c^{2/L}},\, \frac12\Bigr) \quad\text{when}\quad \mathcal L = 0.95\, \mathcal L_0 \\ A = \frac{y^{\mathsf T} K y}{\lVert K \rVert_F\, \lVert y \rVert^2}, \quad A_{\max} = \frac L{\sqrt{L^2 + r - 1}}, \quad c = 1 - \sqrt{0.95}, \quad L = 2, 3, 4 \end{gathered}`,
  source,
  needs: ['flow.integrate'],
  instances: byDepth(),
  theory: { complete: largestAlignment },
  measure: async (instance, { complete }, { subject }) => {
    const { depth, samples } = instance;
    const drawn = drawLinearProblem(instance);
    const planned = integrate(drawn.problem, linearPlan(instance, 1, [EARLY]));
    const flow = await checkedFlow(drawn.problem, planned, [0, planned.events[0]!], subject);
    const bound = Math.min((1.4 * drawn.residue) / learnedAt(EARLY) ** (2 / depth), CAP);
    const missing = ([start, early]: readonly FlowState[]) => {
      const [before, after] = [start!, early!].map((state) => alignment(kernelMatrix(state), drawn)) as [number, number];
      return 1 - (after - before) / (complete(depth, samples) - before);
    };
    const { observed, roundoff, rounding } = flow.carried(missing, bound);
    return {
      observed: Math.abs(observed),
      bound,
      roundoff,
      quantities: { frac: 1 - observed, time: flow.states[1]!.time, steps: planned.steps.length },
      rounding,
      series: flowSeries(drawn, planned),
    };
  },
  controls: [
    {
      id: 'large-sigma',
      statement: 'σ̃ up to 1: the kernel aligns while the loss falls, or not at all',
      where: linearInstances({ sigma: loud }),
    },
    {
      id: 'alignment-one',
      statement: 'A_max = 1, for L = 2, 3',
      where: linearInstances({ depths: [2, 3] }),
      theory: { complete: () => 1 },
    },
  ],
});
