import fc from 'fast-check';
import { activation } from '../../src/activation.js';
import { defineClaim, type RateDefinition } from '../../src/claim.js';
import { activations, dataLaws, samplesFor, seeds, type TwoLayerInstance } from '../../src/instance.js';
import { expectedFirstLayerKernel } from '../../src/kernel/infinite-width.js';
import { spectralNorm } from '../../src/kernel/spectral-norm.js';
import { inputKernel } from '../../src/matrix.js';
import { materialise } from '../../src/problem.js';
import { seedOf } from '../../src/random.js';
import { AFFORDABLE_SAMPLES, checkedTangentKernel } from '../../src/roundoff/check.js';
import { capable } from '../../src/subject/subject.js';
import { firstLayerError } from './first-layer-difference.js';
import { biasedActivations, type FirstLayerTheory, firstLayerTheory, momentsOf, wrongTheories } from './terms.js';

/** One replicate: a whole ladder of dimensions that share everything but their size. */
type LadderInstance = Pick<TwoLayerInstance, 'activation' | 'law' | 'mean' | 'seed'>;

/** Relative accuracy of ‖E‖: changes the slope by 10⁻⁴ at most. */
const NORM_TOLERANCE = 1e-4;
const LADDER = [16, 32, 64, 96] as const;
const ALPHA = 0.24;
const SAMPLES_FACTOR = 3;
const WIDTH_FACTOR = 8;

function rung({ seed, ...rest }: LadderInstance, d: number): TwoLayerInstance {
  return {
    ...rest,
    inputDimension: d,
    samples: samplesFor(SAMPLES_FACTOR, d, ALPHA),
    // The kernel of a symmetric network of width m is that of its m/2 independent units, at half the cost.
    width: Math.ceil((WIDTH_FACTOR * d ** (1 + ALPHA)) / 2),
    alpha: ALPHA,
    spectrum: 'isotropic',
    labels: 'constant',
    relativeStep: 0.1,
    initialization: 'independent',
    seed: seedOf(seed, 'rung', d),
  };
}

const laddersOf = (names: readonly string[], mean = 0): fc.Arbitrary<LadderInstance> =>
  fc.record({ activation: fc.constantFrom(...names), law: fc.constantFrom(...dataLaws), mean: fc.constant(mean), seed: seeds });

interface RateTheory extends FirstLayerTheory {
  /** Leaves the known diagonal of EΘ₁ − Θ₁^lin out of the error. */
  readonly diagonalCorrection: boolean;
}

type Common = Omit<RateDefinition<LadderInstance, RateTheory>, 'id' | 'statement' | 'theory' | 'slope' | 'controls'>;

const common: Common = {
  kind: 'rate',
  source: { paper: 'hu2020', place: 'first-layer kernel proposition, the exponent' },
  assumptions: [{ statement: 'inputs are centred: E x = 0', holds: ({ mean }) => mean === 0 }],
  instances: laddersOf(activations),
  ladder: LADDER,
  measure: async (ladder, theory, laboratory) => {
    const points: { size: number; value: number }[] = [];
    let rounding: number | null = null;
    for (const size of LADDER) {
      const instance = rung(ladder, size);
      const problem = materialise(instance);
      // The norms of the larger rungs need no rounding budget: it is 10⁻³ of them and less, and a slope is not judged case by case.
      const checked =
        problem.inputs.rows <= AFFORDABLE_SAMPLES ? await checkedTangentKernel(problem, 'first', laboratory.subject) : null;
      if (checked?.rounding != null) rounding = Math.max(rounding ?? 0, checked.rounding);
      const kernel = checked?.kernel ?? (await capable(laboratory.subject, 'tangentKernel')(problem, 'first'));
      const gram = checked?.gram ?? inputKernel(problem.inputs);
      const difference = firstLayerError(kernel, gram, problem.inputs, instance, theory);
      if (theory.diagonalCorrection) subtractDiagonal(difference, gram, instance, theory);
      points.push({ size, value: (spectralNorm(difference, NORM_TOLERANCE).norm * size) / instance.samples });
    }
    return { kind: 'rate', points, rounding };
  },
};

/** Takes diag(EΘ₁ − Θ₁^lin) out of E, in place. */
function subtractDiagonal(
  difference: { rows: number; data: Float64Array },
  gram: { rows: number; columns: number; data: Float64Array },
  instance: TwoLayerInstance,
  theory: FirstLayerTheory,
): void {
  const { constants } = activation(instance.activation);
  const { expectation } = expectedFirstLayerKernel(instance.activation, gram);
  const bias = theory.bias(constants, momentsOf(instance)) / instance.inputDimension;
  const n = difference.rows;
  for (let i = 0; i < n; i++) {
    const k = i * n + i;
    difference.data[k] = difference.data[k]! - (expectation.data[k]! - theory.slope(constants) * gram.data[k]! - bias);
  }
}

const biased = laddersOf(biasedActivations);

export const firstLayerKernelRate = defineClaim<LadderInstance, RateTheory>({
  ...common,
  id: 'hu2020/first-layer-kernel-rate',
  statement: `slope of ln(‖Θ₁ − Θ₁^lin‖ d/n) on ln d at most −α on d = ${LADDER.join(', ')} with α = ${ALPHA}, n = 3d^{1+α}, m = 8d^{1+α}`,
  theory: { ...firstLayerTheory, diagonalCorrection: false },
  slope: -ALPHA,
  controls: [
    { ...wrongTheories.noBias, where: biased },
    { ...wrongTheories.zeta, where: laddersOf(['erf', 'tanh', 'relu', 'gelu']) },
    { ...wrongTheories.half, where: laddersOf(['erf', 'tanh', 'relu', 'gelu']) },
    { id: 'uncentred', statement: 'inputs (x + 1)/√2, which have a mean', where: laddersOf(['erf', 'tanh', 'relu', 'gelu'], 1) },
  ],
});

export const firstLayerKernelRateDiagonal = defineClaim<LadderInstance, RateTheory>({
  ...common,
  id: 'hu2020/first-layer-kernel-rate-diagonal',
  statement: `the same slope at most −0.4 once the diagonal of E Θ₁ − Θ₁^lin is added to the affine kernel`,
  theory: { ...firstLayerTheory, diagonalCorrection: true },
  slope: -0.4,
  controls: [{ ...wrongTheories.noBias, where: biased }],
});
