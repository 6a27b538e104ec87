import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { defineClaim } from '../../src/claim/define.js';
import { toMatrix } from '../../src/linear-algebra/ml-matrix.js';
import { evenly, seeds } from '../../src/math/arbitraries.js';
import { type Matrix64, squaredNorm, toFloat64 } from '../../src/math/matrix.js';
import { stream } from '../../src/math/random.js';
import { checkedLayeredTrajectory } from '../../src/models/checked.js';
import type { ConvolutionalInstance } from '../../src/models/layered/instances.js';
import { drawConvolutionalProblem } from '../../src/models/layered/problem.js';
import type { DataLaw, LabelKind } from '../../src/models/two-layer/instances.js';
import type { AffineKernel } from '../../src/theory/affine.js';
import { kernelExpansion } from '../../src/theory/deep.js';
import { symmetricInitialization } from './lib/assumptions.js';
import { covarianceSlope } from './lib/deep-terms.js';
import { saturatingForm } from './lib/layered-training.js';
import { comparedSteps, gapAgainst, horizon } from './lib/training-gap.js';

const SIDE = 8;
const FILTER = 3;
const WIDTH = 16;
const FRESH_SAMPLES = 32;

/** Images of 8×8 independent entries, one channel; 2 or 3 convolutions of 3×3 with erf; n = 2d to 2.5d; up to T/2. */
const instancesOf = (changes: Partial<ConvolutionalInstance> = {}): fc.Arbitrary<ConvolutionalInstance> =>
  fc
    .record({
      samples: fc.integer({ min: 2 * SIDE ** 2, max: 2.5 * SIDE ** 2 }),
      depth: fc.constantFrom(2, 3),
      law: fc.constantFrom<DataLaw>('gaussian', 'rademacher'),
      labels: fc.constantFrom<LabelKind>('teacher', 'linear'),
      relativeStep: evenly([0.2, 0.35]),
      seed: seeds,
    })
    .map((drawn) => ({
      inputDimension: SIDE ** 2,
      width: WIDTH,
      alpha: 0.1,
      activation: 'erf',
      spectrum: 'isotropic',
      mean: 0,
      stepRatio: 1,
      initialization: 'symmetric',
      filter: FILTER,
      geometry: { side: SIDE, channels: 1 },
      ...drawn,
      ...changes,
    }));

interface DeepConvolutionalTheory {
  readonly stepRatio: number;
  readonly affine: (kernel: AffineKernel, instance: ConvolutionalInstance) => AffineKernel;
}

const lastStep = (instance: ConvolutionalInstance) => Math.ceil(horizon(instance) / 2);

export const deepConvolutionalTraining = defineClaim<ConvolutionalInstance, DeepConvolutionalTheory>({
  id: 'hu2020/deep-convolutional-training',
  title: 'agreement until T/2, CNN of 2 or 3 layers on 8×8 images',
  profile: 'standard',
  kind: 'bound',
  statement:
    "(1/n) Σ (f_t − f_t^lin)² ≤ C [(w + (B + w θ'(0) κ_K) ηt/d)/(1 + θ'(0) ηt/d)]² mean(y²) for T/16 ≤ t ≤ T/2 for a CNN of L = 2, 3 circular 3×3 convolutions with erf on 8×8 inputs, θ of the fully connected network of that depth, w = √(L/m), B = (θ(1) − θ'(0)) d/n + θ'''(0) κ_K/18",
  formula: String.raw`\begin{gathered} \frac1n \sum_{i=1}^n \bigl(f_t(x_i) - f^{\mathrm{lin}}_t(x_i)\bigr)^2 \le C\, \biggl[\frac{w + (B + w\, \theta'(0)\, \kappa_K)\, \eta t/d}{1 + \theta'(0)\, \eta t/d}\biggr]^2 \frac1n \sum_{i=1}^n y_i^2 \quad\text{for}\quad \frac T{16} \le t \le \frac T2 \\ w = \sqrt{\frac Lm}, \quad B = \bigl(\theta(1) - \theta'(0)\bigr) \frac dn + \frac{\theta'''(0)\, \kappa_K}{18}, \quad L = 2, 3 \end{gathered}`,
  source: { paper: 'hu2020', place: 'extension to convolutional networks, deep CNNs (empirical)' },
  assumptions: [symmetricInitialization],
  needs: ['layered.train'],
  instances: instancesOf(),
  theory: { stepRatio: 1, affine: (kernel) => kernel },
  passRate: { claimed: 0.99, broken: 0.6 },
  measure: async (instance, theory, laboratory) => {
    const { inputDimension: d, samples: n, depth, relativeStep } = instance;
    const problem = drawConvolutionalProblem(instance, FRESH_SAMPLES);
    const record = comparedSteps(lastStep(instance));
    const step = relativeStep * d;
    const checked = await checkedLayeredTrajectory(problem, step, record, laboratory.subject);
    // Averages over circular windows keep ⟨x, x'⟩/d, so that the slope is that of the fully connected network.
    const { slope, diagonal, third } = kernelExpansion('erf', depth);
    const kernelError = ((diagonal - slope) * d) / n + (third / 2 / FILTER ** 2) * (1 + Math.sqrt(d / n)) ** 2;
    const form = saturatingForm(instance, problem, { slope, kernelError, widthError: Math.sqrt(depth / WIDTH) });
    const kernel = theory.affine({ slope, bias: 0, norm: null }, instance);
    return gapAgainst(problem, checked, record, { kernel, step: step * theory.stepRatio }, form, 'all', laboratory);
  },
  controls: [
    {
      id: 'doubled-step',
      statement: 'the linear model trained with 2η',
      where: instancesOf({ labels: 'linear' }),
      theory: { stepRatio: 2 },
    },
    {
      id: 'covariance-slope',
      statement: "S_L'(0), the slope of the covariance of the last layer, in place of θ'(0)",
      where: instancesOf(),
      theory: { affine: (kernel, instance) => ({ ...kernel, slope: covarianceSlope(instance) }) },
    },
    {
      id: 'single-network',
      statement: 'one network in place of the difference of two copies, so that f ≠ 0 at step 0',
      where: instancesOf({ initialization: 'independent' }),
    },
  ],
});

interface ResidualTheory {
  /** The subspace that is said to be learned first: V_lin, or a random one of its dimension. */
  readonly subspace: 'inputs' | 'random';
}

/** An orthonormal basis (rows, d×n) of the span of the columns of A, n×d: A V Λ^{−1/2} from the eigenpairs of AᵀA. */
function orthonormalBasis(a: Matrix64): Matrix {
  const columns = toMatrix(a);
  const gram = columns.transpose().mmul(columns);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const scaled = columns.mmul(eigenvectorMatrix).transpose();
  return scaled.mulColumnVector(realEigenvalues.map((value) => 1 / Math.sqrt(value)));
}

/** What V_lin leaves at most, and its complement at least, of the labels' energy there at T/2. */
const LEARNED_BELOW = 0.15;
const LEFT_ABOVE = 0.4;

export const deepConvolutionalResidual = defineClaim<ConvolutionalInstance, ResidualTheory>({
  id: 'hu2020/deep-convolutional-residual',
  title: 'V_lin is learned first, its complement later',
  profile: 'standard',
  kind: 'bound',
  statement: `V_lin, the span of the inputs, is learned first: at T/2 at most ${LEARNED_BELOW} of the residual's energy is left in it and at least ${LEFT_ABOVE} in its complement`,
  formula: String.raw`\frac{\lVert P (f_{T/2} - y) \rVert^2}{\lVert P y \rVert^2} \le ${LEARNED_BELOW}, \quad \frac{\lVert (I - P) (f_{T/2} - y) \rVert^2}{\lVert (I - P)\, y \rVert^2} \ge ${LEFT_ABOVE} \quad\text{for the projection } P \text{ onto } V_{\mathrm{lin}} = \{X \beta : \beta \in \mathbb R^d\}`,
  source: { paper: 'hu2020', place: 'deep CNNs, the residual in V_lin and in its complement (empirical)' },
  assumptions: [symmetricInitialization],
  needs: ['layered.train'],
  instances: instancesOf({ labels: 'teacher' }),
  theory: { subspace: 'inputs' },
  passRate: { claimed: 0.99, broken: 0.6 },
  measure: async (instance, theory, laboratory) => {
    const problem = drawConvolutionalProblem(instance);
    const { rows: n, columns: d } = problem.inputs;
    const step = instance.relativeStep * d;
    const { trajectory, roundoff, rounding } = await checkedLayeredTrajectory(
      problem,
      step,
      [lastStep(instance)],
      laboratory.subject,
    );
    const random = stream(instance.seed, 'subspace');
    const spanning =
      theory.subspace === 'inputs'
        ? { ...problem.inputs, data: toFloat64(problem.inputs.data) }
        : { rows: n, columns: d, data: Float64Array.from({ length: n * d }, () => random.gaussian()) };
    const basis = orthonormalBasis(spanning);
    const inside = (vector: Float64Array) => squaredNorm(Float64Array.from(basis.mmul(Matrix.columnVector(vector)).to1DArray()));
    const labels = toFloat64(problem.labels);
    const residual = labels.map((label, i) => trajectory.outputs[0]![i]! - label);
    const learned = inside(residual) / inside(labels);
    const left = (squaredNorm(residual) - inside(residual)) / (squaredNorm(labels) - inside(labels));
    return {
      observed: Math.max(learned / LEARNED_BELOW, LEFT_ABOVE / left),
      bound: 1,
      roundoff: (4 * roundoff.outputs[0]!) / LEARNED_BELOW,
      quantities: { leftInSpan: learned, leftInComplement: left },
      rounding,
    };
  },
  controls: [
    {
      id: 'random-subspace',
      statement: 'a random subspace of the same dimension in place of V_lin',
      where: instancesOf({ labels: 'teacher' }),
      theory: { subspace: 'random' },
    },
  ],
});
