import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { defineClaim } from '../../src/claim/define.js';
import { dot, squaredNorm } from '../../src/math/matrix.js';
import { stream } from '../../src/math/random.js';
import {
  applied,
  drawSpectrum,
  inputsOf,
  type LinearInstance,
  linearInstances,
  linearWeights,
  noInputs,
  orthonormal,
  teacherLabels,
  unitVector,
} from '../../src/models/gradient-flow/instances.js';
import type { FlowState, GradientFlowProblem } from '../../src/models/gradient-flow/problem.js';
import { integrate } from '../../src/models/gradient-flow/reference.js';
import { checkedFlow } from '../../src/models/gradient-flow/roundoff.js';
import { kernelMatrix, productOf } from '../lib/linear-networks.js';
import { linearRegressionError } from './lib/regression.js';

/** Two layers, fat, so that what was not learned is seen. */
const instancesOf = () => linearInstances({ depths: [2], shapes: ['fat'], sigma: { 2: [0.002, 0.005] } });
const SPECTRUM = [0.5, 2] as const;

interface Unwhitened {
  readonly problem: GradientFlowProblem;
  readonly teacher: Float64Array;
  /** Σ̂β. */
  readonly early: Float64Array;
}

/**
 * Inputs with Σ̂ = V S^{2γ} Vᵀ, singular values log-uniform and of mean square 1, and a teacher whose labels are isotropic in whitened coordinates, β = V S^{−γ} b, or in those of the
 * inputs, β = V b; βᵀΣ̂β = 1.
 */
function unwhitened(instance: LinearInstance, power: number): Unwhitened {
  const { inputDimension: d, samples: rank, scale, relativeSigma, seed } = instance;
  const random = stream(seed, 'unwhitened');
  const basis = orthonormal(d, rank, random);
  const values = drawSpectrum(rank, SPECTRUM, power, random);
  const direction = unitVector(rank, random);
  const isotropicIn = random.sign() > 0 ? 'whitened' : 'inputs';
  const coordinates = direction.map((entry, k) => (isotropicIn === 'whitened' ? entry / values[k]! : entry));
  const size = Math.sqrt(coordinates.reduce((sum, entry, k) => sum + (entry * values[k]!) ** 2, 0));
  const teacher = applied(
    basis,
    coordinates.map((entry) => entry / size),
  );
  const early = applied(
    basis,
    coordinates.map((entry, k) => (entry * values[k]! ** 2) / size),
  );
  const inputs = inputsOf(basis, values);
  const weights = linearWeights(instance, 1, relativeSigma * Math.sqrt(scale), stream(seed, 'weights'));
  const problem: GradientFlowProblem = {
    activation: 'linear',
    inputs,
    labels: teacherLabels(inputs, teacher, scale),
    freshInputs: noInputs(d),
    weights,
  };
  return { problem, teacher, early };
}

/** |cos| of the leading eigenvector of the kernel's matrix with a vector. */
function leadingCosine(state: FlowState, vector: Float64Array): number {
  const kernel = kernelMatrix(state);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    Matrix.from1DArray(kernel.rows, kernel.columns, kernel.data),
    {
      assumeSymmetric: true,
    },
  );
  const top = realEigenvalues.indexOf(Math.max(...realEigenvalues));
  const leading = Float64Array.from(eigenvectorMatrix.getColumn(top));
  return Math.abs(dot(leading, 0, vector, 0, vector.length)) / Math.sqrt(squaredNorm(vector));
}

interface SpikeTheory {
  readonly along: (of: Unwhitened) => Float64Array;
}

export const earlySpike = defineClaim<LinearInstance, SpikeTheory>({
  id: 'atanasov2022/whitening-early-spike',
  title: 'inputs not whitened: the kernel first aligns with Σ̂β, not β',
  kind: 'bound',
  statement:
    'on inputs that are not whitened the kernel first aligns with Σ̂β, not with β: when the loss has dropped by 5 % its leading eigenvector has a cosine of at least 0.995 with Σ̂β; two linear layers, both designs of the labels',
  formula: String.raw`\left\lvert \cos\bigl(e_1(M),\, \hat\Sigma \beta\bigr) \right\rvert \ge 0.995 \quad\text{when}\quad \mathcal L = 0.95\, \mathcal L_0, \quad e_1 \text{: leading eigenvector}, \quad K(x, x') = x^{\mathsf T} M x'`,
  source: { paper: 'atanasov2022', place: 'data that are not whitened' },
  needs: ['flow.integrate'],
  instances: instancesOf(),
  theory: { along: ({ early }) => early },
  measure: async (instance, { along }, { subject }) => {
    const drawn = unwhitened(instance, 1);
    const planned = integrate(drawn.problem, { tolerance: 1e-4, end: 1, drops: [0.05], rate: 4 * instance.scale });
    const flow = await checkedFlow(drawn.problem, planned, [planned.events[0]!], subject);
    const missing = ([state]: readonly FlowState[]) => 1 - leadingCosine(state!, along(drawn));
    const { observed, roundoff, rounding } = flow.carried(missing, 0.005);
    return {
      observed,
      bound: 0.005,
      roundoff,
      quantities: { withTeacher: leadingCosine(flow.states[0]!, drawn.teacher), steps: planned.steps.length },
      rounding,
    };
  },
  controls: [
    { id: 'along-teacher', statement: 'β in place of Σ̂β', where: instancesOf(), theory: { along: ({ teacher }) => teacher } },
  ],
});

interface EarlyRateTheory {
  /** The rate at which β·w grows, in units of 2s. */
  readonly rateOf: (of: Unwhitened) => number;
}

interface EarlyGrowth {
  readonly drawn: Unwhitened;
  /** d ln⟨w, Σ̂β⟩/dt. */
  readonly rate: number;
  readonly rounding: number;
}

/** Parts of the loss between whose falls the growth is measured: they slow it by about as much. */
const BARELY = [0.001, 0.01] as const;
const EARLY_TOLERANCE = 0.01;
const lengthOf = (vector: Float64Array) => Math.sqrt(squaredNorm(vector));

export const earlyRate = defineClaim<LinearInstance, EarlyRateTheory, EarlyGrowth>({
  id: 'atanasov2022/whitening-early-rate',
  title: 'inputs not whitened: the network first grows at the rate 2s√(βᵀΣ̂²β)',
  kind: 'estimate',
  statement: `on inputs that are not whitened what two linear layers compute grows as e^{2s√(βᵀΣ̂²β) t} along Σ̂β until the loss falls: the rate between drops of the loss by .1 and 1 % over that is 1 within ${EARLY_TOLERANCE} in the mean, for both designs of the labels`,
  formula: String.raw`\frac{\mathrm d}{\mathrm dt} \ln \langle w, \hat\Sigma \beta \rangle = 2 s \sqrt{\beta^{\mathsf T} \hat\Sigma^2 \beta} \quad\text{until}\quad \mathcal L < 0.99\, \mathcal L_0`,
  source: { paper: 'atanasov2022', place: 'data that are not whitened; the early rate' },
  needs: ['flow.integrate'],
  instances: instancesOf(),
  theory: { rateOf: ({ early }) => lengthOf(early) },
  observe: async (instance, { subject }) => {
    const drawn = unwhitened(instance, 1);
    const clock = (drop: number) => Math.log(Math.max(drop, Number.EPSILON));
    const planned = integrate(drawn.problem, { tolerance: 1e-4, end: 1, drops: BARELY, rate: 4 * instance.scale, clock });
    const flow = await checkedFlow(drawn.problem, planned, planned.events, subject);
    const rateOf = ([from, to]: readonly FlowState[]) => {
      const [before, after] = [from!, to!].map((state) => dot(productOf(state), 0, drawn.early, 0, drawn.early.length));
      return Math.log(after! / before!) / (to!.time - from!.time);
    };
    const { observed, rounding } = flow.carried(rateOf, 1);
    return { drawn, rate: observed, rounding };
  },
  measure: async ({ scale }, { rateOf }, _, { drawn, rate, rounding }) => ({
    numbers: { rate: { estimate: rate / (2 * scale * rateOf(drawn)), predicted: 1, tolerance: EARLY_TOLERANCE } },
    rounding,
  }),
  controls: [
    {
      id: 'five-percent-off',
      statement: '1.05 × 2s√(βᵀΣ̂²β)',
      where: () => true,
      theory: { rateOf: ({ early }) => 1.05 * lengthOf(early) },
    },
  ],
});

interface MattersTheory {
  readonly kernel: 'final' | 'initial';
}

export const whiteningMatters = defineClaim<LinearInstance, MattersTheory>({
  id: 'atanasov2022/whitening-matters',
  title: 'not whitened: the network realigns to β and ends as kernel regression',
  kind: 'bound',
  statement:
    'on inputs that are not whitened (γ = ½) a two-layer linear network realigns: in the end its kernel’s leading eigenvector is β within 10⁻⁴, and it is f_0 plus regression with its final kernel, relative error at most 2.2 σ̃ √(1 − P/D)/2; both designs of the labels',
  formula: String.raw`1 - \left\lvert \cos\bigl(e_1(M_\infty),\, \beta\bigr) \right\rvert \le 10^{-4}, \quad \frac{\lVert f_\infty - f_0 - k_\infty^{\mathsf T} K_\infty^{-1} y \rVert}{\lVert f_\infty \rVert} \le \frac{2.2\, \tilde\sigma \sqrt{1 - P/D}}2 \quad\text{for}\quad \gamma = \tfrac12`,
  source: { paper: 'atanasov2022', place: 'data that are not whitened' },
  needs: ['flow.integrate'],
  instances: instancesOf(),
  theory: { kernel: 'final' },
  measure: async (instance, { kernel }, { subject }) => {
    const { inputDimension, samples, relativeSigma, scale } = instance;
    const drawn = unwhitened(instance, 0.5);
    const planned = integrate(drawn.problem, { tolerance: 1e-4, end: 1e-8, rate: 4 * scale });
    const flow = await checkedFlow(drawn.problem, planned, [0, planned.steps.length], subject);
    const allowed = 1.1 * relativeSigma * Math.sqrt(1 - samples / inputDimension);
    const ratioOf = (states: readonly FlowState[]) =>
      Math.max(
        linearRegressionError(drawn.problem, states, kernel) / allowed,
        (1 - leadingCosine(states[1]!, drawn.teacher)) / 1e-4,
      );
    const { observed, roundoff, rounding } = flow.carried(ratioOf, 1, 1 / allowed);
    return {
      observed,
      bound: 1,
      roundoff,
      quantities: {
        regression: linearRegressionError(drawn.problem, flow.states, 'final'),
        withInitialKernel: linearRegressionError(drawn.problem, flow.states, 'initial'),
        leadingCosine: leadingCosine(flow.states[1]!, drawn.teacher),
        steps: planned.steps.length,
      },
      rounding,
    };
  },
  controls: [
    {
      id: 'initial-kernel',
      statement: 'regression with the initial kernel',
      where: instancesOf(),
      theory: { kernel: 'initial' },
    },
  ],
});
