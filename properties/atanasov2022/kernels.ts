import fc from 'fast-check';
import type { Instance } from '../../src/claim/claim.js';
import { defineClaim, type ScaledNumber } from '../../src/claim/define.js';
import { logarithmically, seeds } from '../../src/math/arbitraries.js';
import { type DenseMatrix, type Matrix64, matrix64, squaredNorm } from '../../src/math/matrix.js';
import { stream } from '../../src/math/random.js';
import {
  applied,
  drawLinearProblem,
  inputsOf,
  type LinearInstance,
  type LinearProblem,
  linearInstances,
  linearWeights,
  loud,
  noInputs,
  orthonormal,
  silent,
} from '../../src/models/gradient-flow/instances.js';
import type { FlowState, GradientFlowProblem } from '../../src/models/gradient-flow/problem.js';
import { integrate, referenceFlowKernel } from '../../src/models/gradient-flow/reference.js';
import { type CheckedFlow, checkedFlow } from '../../src/models/gradient-flow/roundoff.js';
import { byDepth, inBasis, kernelMatrix, learned, linearPlan, within } from '../lib/linear-networks.js';
import { flowSeries } from './lib/over-time.js';
import { linearRegressionError } from './lib/regression.js';

/** The flow ends here, where the kernel no longer changes. */
const END = 1e-10;

interface StructureTheory {
  /** Weights of the spike ββᵀ and of I, and the scale, of the final kernel. */
  readonly spike: (depth: number) => number;
  readonly isotropic: (depth: number) => number;
  readonly exponent: (depth: number) => number;
}

const structure: StructureTheory = { spike: (depth) => depth - 1, isotropic: () => 1, exponent: (depth) => 2 - 2 / depth };
const structureNumbers: readonly ScaledNumber<StructureTheory>[] = [
  {
    name: 'L − 1',
    scaled: (factor) => ({ spike: (depth) => factor * (depth - 1) }),
    nearMiss: { id: 'spike-off', factor: 1.05 },
  },
  {
    name: '2 − 2/L',
    scaled: (factor) => ({ exponent: (depth) => factor * (2 - 2 / depth) }),
    nearMiss: { id: 'exponent-off', factor: 1.05 },
  },
];

export const kernelStructure = defineClaim<LinearInstance, StructureTheory>({
  id: 'atanasov2022/kernel-structure',
  title: 'final kernel s^{2−2/L} xᵀ[(L − 1)ββᵀ + I]x′',
  kind: 'bound',
  statement:
    "the final kernel is s^{2−2/L} xᵀ[(L − 1)ββᵀ + I]x' on the span of the data: relative Frobenius error at most σ̃²(1 + N/D) + 2·10⁻⁵, so the spike is L times the rest; L = 2, 3, 4",
  formula: String.raw`\frac{\lVert K_\infty - K^* \rVert_F}{\lVert K^* \rVert_F} \le \tilde\sigma^2 (1 + N/D) + 2 \cdot 10^{-5}, \quad K^*(x, x') = s^{2 - 2/L}\, x^{\mathsf T} \bigl[(L - 1)\, \beta \beta^{\mathsf T} + I\bigr] x', \quad L = 2, 3, 4`,
  source: { paper: 'atanasov2022', place: 'deep linear networks: the final kernel' },
  needs: ['flow.integrate'],
  instances: byDepth(),
  numbers: structureNumbers,
  theory: structure,
  measure: async (instance, { spike, isotropic, exponent }, { subject }) => {
    const { depth, scale: s, samples, inputDimension, width, relativeSigma } = instance;
    const drawn = drawLinearProblem(instance);
    const planned = integrate(drawn.problem, { ...linearPlan(instance, END), tolerance: 1e-4 });
    const flow = await checkedFlow(drawn.problem, planned, [planned.steps.length], subject);
    const direction = inBasis(drawn);
    const target = spiked(direction, s ** exponent(depth), spike(depth), isotropic(depth));
    const errorOf = ([state]: readonly FlowState[]) => relativeDistance(within(kernelMatrix(state!), drawn.basis), target);
    // Beyond the silent range the bound is that of its upper end.
    const sigma = Math.min(relativeSigma, silent[depth]![1]);
    const bound = sigma ** 2 * (1 + width / inputDimension) + 2e-5;
    const { observed, roundoff, rounding } = flow.carried(errorOf, bound);
    const inside = within(kernelMatrix(flow.states[0]!), drawn.basis);
    const along = direction.reduce((sum, entry, i) => sum + entry * applied(inside, direction)[i]!, 0);
    const trace = Array.from({ length: samples }, (_, i) => inside.data[i * samples + i]!).reduce((sum, entry) => sum + entry, 0);
    const rest = (trace - along) / (samples - 1);
    return {
      observed,
      bound,
      roundoff,
      quantities: { spikeToRest: along / rest, scale: rest / s ** (2 - 2 / depth), steps: planned.steps.length },
      rounding,
      series: flowSeries(drawn, planned),
    };
  },
  controls: [
    {
      id: 'factor-on-identity',
      statement: '(L − 1) on I in place of the spike, as the appendix prints it, for L = 3, 4',
      where: linearInstances({ depths: [3, 4] }),
      theory: { spike: () => 1, isotropic: (depth) => depth - 1 },
    },
    {
      id: 'wrong-scale',
      statement: 's^{2L−2} in place of s^{2−2/L}, as the appendix prints it, for |ln s| > ln 1.25',
      where: linearInstances({ leastLogScale: Math.log(1.25) }),
      theory: { exponent: (depth) => 2 * depth - 2 },
    },
    {
      id: 'large-sigma',
      statement: 'σ̃ up to 1, against the bound for the largest silent σ̃',
      where: linearInstances({ sigma: loud }),
    },
  ],
});

/** scale · (spike ββᵀ + isotropic I) in the basis of the data. */
function spiked(direction: Float64Array, scale: number, spike: number, isotropic: number): Matrix64 {
  const n = direction.length;
  const matrix = matrix64(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      matrix.data[i * n + j] = scale * (spike * direction[i]! * direction[j]! + (i === j ? isotropic : 0));
    }
  }
  return matrix;
}

/** Parts of the loss that have fallen when the kernel is looked at. */
const FALLEN = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

export const kernelPath = defineClaim<
  LinearInstance,
  StructureTheory,
  { readonly drawn: LinearProblem; readonly flow: CheckedFlow }
>({
  id: 'atanasov2022/kernel-path',
  title: 'while the loss falls, K = c^{2−2/L} xᵀ[(L − 1)ββᵀ + I]x′',
  kind: 'bound',
  statement:
    "the kernel is c^{2−2/L} xᵀ[(L − 1)ββᵀ + I]x', c = β·w what has been learned, not only at the end: its Frobenius error, relative to the larger of the two, is at most C_L σ̃ √(1 + N/D)/(c/s)^{1/L} when 5, 25, 50, 75 and 95 % of the loss have fallen; L = 2, 3, 4",
  formula: String.raw`\frac{\lVert K_t - K^*_t \rVert_F}{\max\{\lVert K_t \rVert_F, \lVert K^*_t \rVert_F\}} \le C_L\, \frac{\tilde\sigma \sqrt{1 + N/D}}{(c_t/s)^{1/L}}, \quad K^*_t(x, x') = c_t^{2 - 2/L}\, x^{\mathsf T} \bigl[(L - 1)\, \beta \beta^{\mathsf T} + I\bigr] x', \quad 1 - \frac{\mathcal L_t}{\mathcal L_0} = ${FALLEN.join(', ')}`,
  source: { paper: 'atanasov2022', place: 'deep linear networks: the kernel grows in scale once it is aligned' },
  needs: ['flow.integrate'],
  instances: byDepth(),
  numbers: structureNumbers,
  theory: structure,
  observe: async (instance, { subject }) => {
    const drawn = drawLinearProblem(instance);
    const planned = integrate(drawn.problem, linearPlan(instance, 1 - FALLEN.at(-1)!, FALLEN));
    return { drawn, flow: await checkedFlow(drawn.problem, planned, planned.events, subject) };
  },
  measure: async ({ depth, scale: s }, { spike, isotropic, exponent }, laboratory, { drawn, flow }) => {
    const direction = inBasis(drawn);
    const errorOf = (states: readonly FlowState[]) =>
      states.reduce((worst, state) => {
        const c = learned(state, drawn);
        const target = spiked(direction, c ** exponent(depth), spike(depth), isotropic(depth));
        const kernel = within(kernelMatrix(state), drawn.basis);
        const error = Math.min(relativeDistance(kernel, target), relativeDistance(target, kernel));
        return Math.max(worst, (error * (c / s) ** (1 / depth)) / Math.sqrt(drawn.residue));
      }, 0);
    const constant = `L = ${depth}`;
    const bound = laboratory.constant(constant);
    // c enters with its exponent.
    const { observed, roundoff, rounding } = flow.carried(errorOf, bound, (1 + exponent(depth)) / Math.sqrt(drawn.residue));
    return { observed, bound, roundoff, rounding, constant };
  },
  controls: [
    {
      id: 'factor-on-identity',
      statement: '(L − 1) on I in place of the spike, for L = 3, 4',
      where: ({ depth }) => depth > 2,
      theory: { spike: () => 1, isotropic: (depth) => depth - 1 },
    },
    {
      id: 'wrong-scale',
      statement: 'c^{2L−2} in place of c^{2−2/L}, as the appendix prints it',
      where: () => true,
      theory: { exponent: (depth) => 2 * depth - 2 },
    },
  ],
});

function relativeDistance(found: DenseMatrix, wanted: DenseMatrix): number {
  let sum = 0;
  for (let k = 0; k < wanted.data.length; k++) sum += (found.data[k]! - wanted.data[k]!) ** 2;
  return Math.sqrt(sum / squaredNorm(Float64Array.from(wanted.data)));
}

interface RegressionTheory {
  readonly kernel: 'final' | 'initial';
}

export const kernelRegression = defineClaim<LinearInstance, RegressionTheory>({
  id: 'atanasov2022/kernel-regression',
  title: 'D > P: trained network = f₀ + regression with its final kernel, error O(σ)',
  kind: 'bound',
  statement:
    'with more dimensions than points the trained network is f_0 plus regression with its final kernel: relative error on fresh inputs at most 2.2 σ̃ √(1 − P/D)/L; L = 2, 3, 4',
  formula: String.raw`\frac{\lVert f_\infty - f_0 - k_\infty^{\mathsf T} K_\infty^{-1} y \rVert}{\lVert f_\infty \rVert} \le \frac{2.2\, \tilde\sigma \sqrt{1 - P/D}}L \quad\text{for}\quad P < D,\; L = 2, 3, 4`,
  source: { paper: 'atanasov2022', place: 'silent alignment: the trained network is kernel regression with its final kernel' },
  needs: ['flow.integrate'],
  instances: byDepth({ shapes: ['fat'] }),
  theory: { kernel: 'final' },
  measure: async (instance, { kernel }, { subject }) => {
    const { depth, samples, inputDimension, relativeSigma } = instance;
    const drawn = drawLinearProblem(instance);
    const planned = integrate(drawn.problem, { ...linearPlan(instance, END), tolerance: 1e-4 });
    const flow = await checkedFlow(drawn.problem, planned, [0, planned.steps.length], subject);
    const sigma = Math.min(relativeSigma, silent[depth]![1]);
    const bound = (2.2 * sigma * Math.sqrt(1 - samples / inputDimension)) / depth;
    const { observed, roundoff, rounding } = flow.carried(
      (states) => linearRegressionError(drawn.problem, states, kernel),
      bound,
    );
    return {
      observed,
      bound,
      roundoff,
      quantities: {
        withInitialKernel: linearRegressionError(drawn.problem, flow.states, 'initial'),
        steps: planned.steps.length,
      },
      rounding,
    };
  },
  controls: [
    {
      id: 'initial-kernel',
      statement: 'regression with the initial kernel',
      where: linearInstances({ shapes: ['fat'] }),
      theory: { kernel: 'initial' },
    },
    {
      id: 'large-sigma',
      statement: 'σ̃ up to 1, against the bound for the largest silent σ̃',
      where: linearInstances({ shapes: ['fat'], sigma: loud }),
    },
  ],
});

/** A two-layer linear network with C = 2 or 3 outputs and as many modes, on whitened inputs with P = D. */
interface MultiInstance extends Instance {
  readonly inputDimension: number;
  readonly outputs: number;
  readonly width: number;
  /** s_α. */
  readonly modes: readonly number[];
  readonly relativeSigma: number;
}

const multiInstances: fc.Arbitrary<MultiInstance> = fc
  .record({
    inputDimension: fc.integer({ min: 6, max: 14 }),
    widening: logarithmically([1, 4]),
    modes: fc.array(logarithmically([0.7, 1.6]), { minLength: 2, maxLength: 3 }),
    relativeSigma: logarithmically([0.001, 0.03]),
    seed: seeds,
  })
  .map(({ widening, ...rest }) => ({
    ...rest,
    outputs: rest.modes.length,
    width: Math.min(48, Math.max(16, Math.round(rest.inputDimension * widening))),
  }));

interface MultiTheory {
  /** u_α² of a mode of strength s_α among all. */
  readonly strength: (s: number, all: readonly number[]) => number;
}

export const multiOutput = defineClaim<MultiInstance, MultiTheory>({
  id: 'atanasov2022/multi-output',
  title: 'final kernel with several outputs',
  kind: 'bound',
  statement:
    "two layers, several outputs, β = Σ s_α z_α v_αᵀ: the final kernel is xᵀ[Σ s_α z_α z_αᵀ ⊗ I + I ⊗ Σ s_α v_α v_αᵀ]x', relative Frobenius error at most 0.8 σ²(1 + N/D) + 1.5·10⁻⁴",
  formula: String.raw`\begin{gathered} \frac{\lVert K_\infty - K^* \rVert_F}{\lVert K^* \rVert_F} \le 0.8\, \sigma^2 (1 + N/D) + 1.5 \cdot 10^{-4}, \quad \beta = \sum_\alpha s_\alpha z_\alpha v_\alpha^{\mathsf T} \\ K^*(x, x') = x^{\mathsf T} \Bigl[\sum_\alpha s_\alpha z_\alpha z_\alpha^{\mathsf T} \otimes I + I \otimes \sum_\alpha s_\alpha v_\alpha v_\alpha^{\mathsf T}\Bigr] x' \end{gathered}`,
  source: { paper: 'atanasov2022', place: 'deep linear networks with several outputs' },
  needs: ['flow.integrate'],
  instances: multiInstances,
  theory: { strength: (s) => s },
  measure: async (instance, { strength }, { subject }) => {
    const { inputDimension: d, outputs, width, modes, relativeSigma, seed } = instance;
    const random = stream(seed, 'data');
    const [left, right] = [orthonormal(outputs, outputs, random), orthonormal(d, outputs, random)];
    const identity = matrix64(d, d);
    for (let k = 0; k < d; k++) identity.data[k * d + k] = 1;
    const inputs = inputsOf(identity);
    const labels = { rows: d, columns: outputs, data: new Float32Array(d * outputs) };
    for (let i = 0; i < d; i++) {
      for (let c = 0; c < outputs; c++) {
        let sum = 0;
        for (const [a, s] of modes.entries()) sum += s * left.data[c * outputs + a]! * right.data[i * outputs + a]!;
        labels.data[i * outputs + c] = Math.sqrt(d) * sum;
      }
    }
    const weights = linearWeights({ inputDimension: d, width, depth: 2 }, outputs, relativeSigma, stream(seed, 'weights'));
    const problem: GradientFlowProblem = { activation: 'linear', inputs, labels, freshInputs: noInputs(d), weights };
    const planned = integrate(problem, { tolerance: 1e-4, end: 1e-8, rate: 2 * Math.max(...modes) });
    const flow = await checkedFlow(problem, planned, [planned.steps.length], subject);
    // On the inputs √D e_i the kernel of outputs c, e is D times its matrix.
    const target = matrix64(outputs * d, outputs * d);
    const of = (matrix: Matrix64, i: number, j: number, columns: number) =>
      modes.reduce((sum, s, a) => sum + strength(s, modes) * matrix.data[i * columns + a]! * matrix.data[j * columns + a]!, 0);
    for (let c = 0; c < outputs; c++) {
      for (let e = 0; e < outputs; e++) {
        for (let i = 0; i < d; i++) {
          for (let j = 0; j < d; j++) {
            const value = (i === j ? of(left, c, e, outputs) : 0) + (c === e ? of(right, i, j, outputs) : 0);
            target.data[(c * d + i) * outputs * d + e * d + j] = d * value;
          }
        }
      }
    }
    const bound = 0.8 * relativeSigma ** 2 * (1 + width / d) + 1.5e-4;
    const errorOf = ([state]: readonly FlowState[]) => relativeDistance(referenceFlowKernel(problem, state!.weights), target);
    const { observed, roundoff, rounding } = flow.carried(errorOf, bound);
    return { observed, bound, roundoff, quantities: { steps: planned.steps.length }, rounding };
  },
  controls: [
    {
      id: 'no-root',
      statement: 'u_α = s_α in place of s_α^{1/2}',
      where: multiInstances,
      theory: { strength: (s) => s * s },
    },
    {
      id: 'one-strength',
      statement: 'all modes of one strength, their geometric mean',
      where: multiInstances,
      theory: { strength: (_, all) => Math.exp(all.reduce((sum, s) => sum + Math.log(s), 0) / all.length) },
    },
  ],
});
