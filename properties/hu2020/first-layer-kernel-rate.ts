import { defineClaim, type RateDefinition } from '../../src/claim/define.js';
import { activation } from '../../src/math/activation.js';
import { type Matrix64, matrix64 } from '../../src/math/matrix.js';
import { activations, type TwoLayerInstance } from '../../src/models/two-layer/instances.js';
import { layerWeights } from '../../src/models/two-layer/model.js';
import { affineKernel } from '../../src/theory/affine.js';
import { expectedFirstLayerKernel } from '../../src/theory/infinite-width.js';
import { centred } from './lib/assumptions.js';
import { kernelDifference } from './lib/kernel-difference.js';
import { climbDimensions, type Ladder, type LadderInstance, laddersOf } from './lib/ladder.js';
import { biasedActivations, type KernelTheory, kernelTheory, momentsOf, wrongTheories } from './lib/terms.js';

const ALPHA = 0.24;
const ladder: Ladder = {
  dimensions: [16, 32, 64, 96],
  alpha: ALPHA,
  samplesFactor: 3,
  widthFactor: 8,
  widthExponent: 1 + ALPHA,
};

interface RateTheory extends KernelTheory {
  /** Leaves the known diagonal of EΘ₁ − Θ₁^lin out of the error. */
  readonly diagonalCorrection: boolean;
}

type Common = Omit<RateDefinition<LadderInstance, RateTheory>, 'id' | 'statement' | 'theory' | 'slope' | 'controls'>;

const common: Common = {
  kind: 'rate',
  source: { paper: 'hu2020', place: 'first-layer kernel proposition, the exponent' },
  assumptions: [centred],
  instances: laddersOf(activations),
  ladder: ladder.dimensions,
  measure: (instance, theory, laboratory) =>
    climbDimensions(instance, ladder, async (rung) => {
      const { difference, gram, rounding } = await kernelDifference(rung, layerWeights.first, theory, laboratory);
      if (theory.diagonalCorrection) subtractDiagonal(difference, gram, rung, theory);
      return { difference, rounding };
    }),
};

/** Takes diag(EΘ₁ − Θ₁^lin) out of E, in place. */
function subtractDiagonal(difference: Matrix64, gram: Matrix64, instance: TwoLayerInstance, theory: RateTheory): void {
  const { constants } = activation(instance.activation);
  const moments = momentsOf(instance);
  const { slope, bias } = theory.affine(
    affineKernel(constants, moments.second, instance.inputDimension, layerWeights.first),
    constants,
    moments,
  );
  const n = difference.rows;
  for (let i = 0; i < n; i++) {
    const k = i * n + i;
    const own = gram.data[k]!;
    const { expectation } = expectedFirstLayerKernel(instance.activation, matrix64(1, 1, Float64Array.of(own)));
    difference.data[k] = difference.data[k]! - (expectation.data[0]! - slope * own - bias);
  }
}

const biased = laddersOf(biasedActivations);
const separable = ['erf', 'tanh', 'relu', 'gelu'];

export const firstLayerKernelRate = defineClaim<LadderInstance, RateTheory>({
  ...common,
  id: 'hu2020/first-layer-kernel-rate',
  title: 'slope of ‖Θ₁ − Θ₁^lin‖ d/n in d at most −α = −.24',
  statement: `slope of ln(‖Θ₁ − Θ₁^lin‖ d/n) on ln d at most −α on d = ${ladder.dimensions.join(', ')} with α = ${ALPHA}, n = 3d^{1+α}, m = 8d^{1+α}`,
  formula: String.raw`\operatorname{slope}_{\ln d} \ln\Bigl(\lVert \Theta_1 - \Theta^{\mathrm{lin}}_1 \rVert\, \frac dn\Bigr) \le -\alpha \quad\text{for}\quad d = ${ladder.dimensions.join(', ')},\; \alpha = ${ALPHA},\; n = 3 d^{1+\alpha},\; m = 8 d^{1+\alpha}`,
  theory: { ...kernelTheory, diagonalCorrection: false },
  slope: -ALPHA,
  controls: [
    { ...wrongTheories.noBias, where: biased },
    { ...wrongTheories.zeta, where: laddersOf(separable), profile: 'standard' },
    { ...wrongTheories.half, where: laddersOf(separable), profile: 'standard' },
    {
      id: 'uncentred',
      statement: 'inputs (x + 1)/√2, which have a mean',
      where: laddersOf(separable, 1),
      profile: 'standard',
    },
  ],
});

export const firstLayerKernelRateDiagonal = defineClaim<LadderInstance, RateTheory>({
  ...common,
  id: 'hu2020/first-layer-kernel-rate-diagonal',
  title: 'slope of the first-layer error in d at most −.4, the diagonal corrected',
  profile: 'standard',
  statement: `the same slope at most −0.4 once the diagonal of E Θ₁ − Θ₁^lin is added to the affine kernel`,
  formula: String.raw`\operatorname{slope}_{\ln d} \ln\Bigl(\left\lVert \Theta_1 - \Theta^{\mathrm{lin}}_1 - \operatorname{diag}(\mathbb E \Theta_1 - \Theta^{\mathrm{lin}}_1) \right\rVert\, \frac dn\Bigr) \le -0.4`,
  theory: { ...kernelTheory, diagonalCorrection: true },
  slope: -0.4,
  controls: [{ ...wrongTheories.noBias, where: biased }],
});
