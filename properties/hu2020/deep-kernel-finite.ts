import fc from 'fast-check';
import { defineClaim } from '../../src/claim/define.js';
import type { Strata } from '../../src/claim/strata.js';
import { inputGram } from '../../src/linear-algebra/products.js';
import { seeds } from '../../src/math/arbitraries.js';
import type { Matrix64 } from '../../src/math/matrix.js';
import { checkedLayeredKernel } from '../../src/models/checked.js';
import type { DeepInstance } from '../../src/models/layered/instances.js';
import { drawDeepProblem } from '../../src/models/layered/problem.js';
import { activations, type DataLaw } from '../../src/models/two-layer/instances.js';
import { expectedDeepKernel } from '../../src/theory/deep.js';
import { byActivation } from '../lib/by-activation.js';
import { climb, rungOf } from './lib/ladder.js';

const WIDTHS = [64, 128, 256, 512];
const INPUT_DIMENSION = 24;
const SAMPLES = 48;

/** One replicate: the same inputs at every width, fresh weights at each. */
type LadderInstance = Pick<DeepInstance, 'activation' | 'law' | 'depth' | 'seed'>;

const laddersOf = (names: readonly string[], depths: readonly number[]): Strata<LadderInstance> =>
  byActivation(names, (chosen) =>
    fc.record({
      activation: fc.constantFrom(...chosen),
      law: fc.constantFrom<DataLaw>('rademacher', 'sphere'),
      depth: fc.constantFrom(...depths),
      seed: seeds,
    }),
  );

interface FiniteTheory {
  /** Factor of the subject's kernel. */
  readonly scale: number;
  /** Hidden layers of the kernel at infinite width, less those of the network. */
  readonly depthOffset: number;
}

/** ‖P A P‖_F with P = I − 11ᵀ/n: without the common mean of the entries, whose fluctuation hides the rest. */
function centredNorm({ rows: n, data }: Matrix64): number {
  const means = Array.from({ length: n }, (_, i) => data.subarray(i * n, (i + 1) * n).reduce((sum, entry) => sum + entry, 0) / n);
  const mean = means.reduce((sum, value) => sum + value, 0) / n;
  let total = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) total += (data[i * n + j]! - means[i]! - means[j]! + mean) ** 2;
  }
  return Math.sqrt(total);
}

export const deepKernelFinite = defineClaim<LadderInstance, FiniteTheory>({
  id: 'hu2020/deep-kernel-finite',
  title: 'networks of width m fluctuate as 1/√m around Θ_L',
  kind: 'rate',
  statement: `networks of width m fluctuate as 1/√m around the kernel at infinite width: slope of ln(‖P(Θ̂ − Θ_L)P‖_F/‖PΘ_LP‖_F) on ln m at most −0.35 on m = ${WIDTHS.join(', ')}, L = 2, 3, P = I − 11ᵀ/n`,
  formula: String.raw`\operatorname{slope}_{\ln m} \ln \frac{\lVert P (\hat\Theta - \Theta_L) P \rVert_F}{\lVert P\, \Theta_L P \rVert_F} \le -0.35 \quad\text{for}\quad m = ${WIDTHS.join(', ')},\; L = 2, 3,\; P = I - \tfrac1n \mathbf 1 \mathbf 1^{\mathsf T}`,
  source: { paper: 'hu2020', place: 'extension to deep fully connected networks, at finite width' },
  assumptions: [{ statement: 'inputs of length √d', holds: ({ law }) => law === 'rademacher' || law === 'sphere' }],
  needs: ['layered.tangentKernel'],
  instances: laddersOf(activations, [2, 3]),
  theory: { scale: 1, depthOffset: 0 },
  slope: -0.35,
  ladder: WIDTHS,
  measure: (instance, theory, { subject }) =>
    climb(WIDTHS, async (width) => {
      const sizes = { inputDimension: INPUT_DIMENSION, samples: SAMPLES, width, alpha: 0.1 };
      const problem = drawDeepProblem(rungOf({ ...instance, ...sizes }));
      const { kernel, rounding } = await checkedLayeredKernel(problem, subject);
      const { expectation } = expectedDeepKernel(
        instance.activation,
        inputGram(problem.inputs),
        instance.depth + theory.depthOffset,
      );
      const difference = expectation.data.map((entry, k) => theory.scale * kernel.data[k]! - entry);
      return { value: centredNorm({ ...expectation, data: difference }) / centredNorm(expectation), rounding };
    }),
  controls: [
    {
      id: 'half-kernel',
      statement: '1/m over half of the units',
      where: laddersOf(activations, [2, 3]),
      theory: { scale: 0.5 },
    },
    {
      id: 'fewer-layers',
      statement: 'the kernel at infinite width of L − 1 hidden layers',
      where: laddersOf(['relu', 'leaky-relu:0.2', 'gelu', 'softplus', 'sigmoid'], [2, 3]),
      theory: { depthOffset: -1 },
      profile: 'standard',
    },
  ],
});
