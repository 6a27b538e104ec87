import { type Control, defineClaim } from '../../src/claim/define.js';
import type { ProfileName } from '../../src/claim/profile.js';
import { type Matrix64, matrix64 } from '../../src/math/matrix.js';
import { activations, type TwoLayerInstance } from '../../src/models/two-layer/instances.js';
import { layerWeights, type TrainedLayers } from '../../src/models/two-layer/model.js';
import { drawProblem } from '../../src/models/two-layer/problem.js';
import { expectedFirstLayerKernel } from '../../src/theory/infinite-width.js';
import { centred } from './lib/assumptions.js';
import { differenceFromAffine, observedKernel, predictedKernel } from './lib/kernel-difference.js';
import { climbDimensions, type Ladder, type LadderInstance, laddersOf } from './lib/ladder.js';
import { biasedActivations, type KernelTheory, kernelTheory, wrongTheories } from './lib/terms.js';

const ALPHA = 0.24;

interface RateTheory extends KernelTheory {
  /** Leaves the known diagonal of EΘ₁ − Θ₁^lin out of the error. */
  readonly diagonalCorrection: boolean;
}

/** What sets the exponents of Θ₁, Θ₂ and both apart. */
interface Rate {
  readonly layers: TrainedLayers;
  readonly id: string;
  readonly title: string;
  readonly statement: string;
  readonly formula: string;
  readonly slope: number;
  readonly ladder: Ladder;
  readonly names: readonly string[];
  readonly diagonalCorrection?: boolean;
  readonly controls: readonly (Omit<Control<LadderInstance, RateTheory>, 'where'> &
    Partial<Pick<Control<LadderInstance, RateTheory>, 'where'>>)[];
  readonly profile?: ProfileName;
  /** Why the numbers refute it. */
  readonly refuted?: string;
}

function rateClaim({ layers, ladder, names, diagonalCorrection = false, controls, refuted, ...said }: Rate) {
  return defineClaim<LadderInstance, RateTheory>({
    ...said,
    kind: 'rate',
    source: { paper: 'hu2020', place: `${layers === 'first' ? 'first' : 'second'}-layer kernel proposition, the exponent` },
    assumptions: [centred],
    needs: ['twoLayer.tangentKernel'],
    instances: laddersOf(names),
    theory: { ...kernelTheory, diagonalCorrection },
    ladder: ladder.dimensions,
    measure: (instance, theory, laboratory) =>
      climbDimensions(instance, ladder, async (rung) => {
        const observed = await observedKernel(drawProblem(rung), layerWeights[layers], laboratory);
        const difference = differenceFromAffine(observed, rung, layerWeights[layers], theory);
        if (theory.diagonalCorrection) subtractDiagonal(difference, observed.gram, rung, theory);
        return { difference, rounding: observed.rounding };
      }),
    controls: controls.map((control) => ({ where: laddersOf(names), ...control })),
    ...(refuted ? { expected: { verdict: 'refuted', reason: refuted } } : {}),
  });
}

/** Takes diag(EΘ₁ − Θ₁^lin) out of E, in place. */
function subtractDiagonal(difference: Matrix64, gram: Matrix64, instance: TwoLayerInstance, theory: RateTheory): void {
  const { slope, bias } = predictedKernel(instance, layerWeights.first, theory);
  const n = difference.rows;
  for (let i = 0; i < n; i++) {
    const k = i * n + i;
    const own = gram.data[k]!;
    const { expectation } = expectedFirstLayerKernel(instance.activation, matrix64(1, 1, Float64Array.of(own)));
    difference.data[k] = difference.data[k]! - (expectation.data[0]! - slope * own - bias);
  }
}

const first: Ladder = {
  dimensions: [16, 32, 64, 96],
  alpha: ALPHA,
  samplesFactor: 3,
  widthFactor: 8,
  widthExponent: 1 + ALPHA,
};
const biased = laddersOf(biasedActivations);
const separable = ['erf', 'tanh', 'relu', 'gelu'];

export const firstLayerKernelRate = rateClaim({
  layers: 'first',
  id: 'hu2020/first-layer-kernel-rate',
  title: 'slope of ‖Θ₁ − Θ₁^lin‖ d/n in d at most −α = −.24',
  statement: `slope of ln(‖Θ₁ − Θ₁^lin‖ d/n) on ln d at most −α on d = ${first.dimensions.join(', ')} with α = ${ALPHA}, n = 3d^{1+α}, m = 8d^{1+α}`,
  formula: String.raw`\operatorname{slope}_{\ln d} \ln\Bigl(\lVert \Theta_1 - \Theta^{\mathrm{lin}}_1 \rVert\, \frac dn\Bigr) \le -\alpha \quad\text{for}\quad d = ${first.dimensions.join(', ')},\; \alpha = ${ALPHA},\; n = 3 d^{1+\alpha},\; m = 8 d^{1+\alpha}`,
  slope: -ALPHA,
  ladder: first,
  names: activations,
  controls: [
    { ...wrongTheories.noBias, where: biased },
    { ...wrongTheories.zeta, where: laddersOf(separable), profile: 'standard' },
    { ...wrongTheories.half, where: laddersOf(separable), profile: 'standard' },
    { id: 'uncentred', statement: 'inputs (x + 1)/√2, which have a mean', where: laddersOf(separable, 1), profile: 'standard' },
  ],
});

export const firstLayerKernelRateDiagonal = rateClaim({
  layers: 'first',
  id: 'hu2020/first-layer-kernel-rate-diagonal',
  title: 'slope of the first-layer error in d at most −.4, the diagonal corrected',
  statement: 'the same slope at most −0.4 once the diagonal of E Θ₁ − Θ₁^lin is added to the affine kernel',
  formula: String.raw`\operatorname{slope}_{\ln d} \ln\Bigl(\left\lVert \Theta_1 - \Theta^{\mathrm{lin}}_1 - \operatorname{diag}(\mathbb E \Theta_1 - \Theta^{\mathrm{lin}}_1) \right\rVert\, \frac dn\Bigr) \le -0.4`,
  slope: -0.4,
  ladder: first,
  names: activations,
  diagonalCorrection: true,
  controls: [{ ...wrongTheories.noBias, where: biased }],
  profile: 'standard',
});

/** The two regimes of the second layer. */
interface SecondRegime {
  readonly ladder: Ladder;
  readonly names: readonly string[];
}

const withMean: SecondRegime = {
  ladder: {
    dimensions: [8, 16, 32, 56],
    draws: [12, 6, 2, 1],
    alpha: ALPHA,
    samplesFactor: 3,
    widthFactor: 1,
    widthExponent: 2 + ALPHA,
  },
  names: ['relu', 'leaky-relu:0.2', 'gelu', 'softplus'],
};
const meanless: SecondRegime = {
  ladder: {
    dimensions: [16, 32, 64, 96],
    draws: [4, 2, 1, 1],
    alpha: ALPHA,
    samplesFactor: 1,
    widthFactor: 16,
    widthExponent: 1 + ALPHA,
  },
  names: ['erf', 'tanh'],
};

/** c d^{e+α}. */
const power = (factor: number, whole: number) => `${factor === 1 ? '' : factor}d^{${whole}+α}`;
const latex = (text: string) => text.replace('d', ' d').replace('α', String.raw`\alpha`).trim();

/** A kernel of the second layer, or of both, in one regime: with the exponent −α/2 that is left at finite width, or the paper's −α. */
function secondRate(
  layers: 'second' | 'both',
  { ladder, names }: SecondRegime,
  exponent: 'half' | 'paper',
  rest: Pick<Rate, 'title' | 'controls' | 'profile' | 'refuted'>,
) {
  const kernel = layers === 'second' ? 'Θ₂' : 'Θ';
  const symbol = layers === 'second' ? String.raw`\Theta_2` : String.raw`\Theta`;
  const meaning = exponent === 'half' ? '−α/2' : "−α, the paper's exponent,";
  const limit = exponent === 'half' ? String.raw`-\frac\alpha2` : String.raw`-\alpha`;
  const dimensions = ladder.dimensions.join(', ');
  const samples = power(ladder.samplesFactor, 1);
  const width = power(ladder.widthFactor, Math.round(ladder.widthExponent - ALPHA));
  return rateClaim({
    ...rest,
    layers,
    id: `hu2020/${layers === 'second' ? 'second-layer' : 'both-layers'}-kernel-rate${exponent === 'paper' ? '-paper' : ''}`,
    statement: `slope of ln(‖${kernel} − its affine kernel‖ d/n) on ln d at most ${meaning} on d = ${dimensions} with α = ${ALPHA}, n = ${samples}, m = ${width}`,
    formula: String.raw`\operatorname{slope}_{\ln d} \ln\Bigl(\lVert ${symbol} - ${symbol}^{\mathrm{lin}} \rVert\, \frac dn\Bigr) \le ${limit} \quad\text{for}\quad d = ${dimensions},\; \alpha = ${ALPHA},\; n = ${latex(samples)},\; m = ${latex(width)}`,
    slope: exponent === 'half' ? -ALPHA / 2 : -ALPHA,
    ladder,
    names,
  });
}

const slower =
  'with m of the order that the condition names, the finite width alone leaves n/√(dm) = n/d^{1+α/2}; the ladder shows a slope above −α, and at these sizes even somewhat above −α/2';

export const secondLayerKernelRate = secondRate('second', withMean, 'half', {
  title: 'second layer, ϑ₀ ≠ 0: slope of the kernel error in d at most −α/2',
  controls: [
    { ...wrongTheories.half, profile: 'standard' },
    {
      id: 'no-mean-feature',
      statement: 'the affine kernel without the feature ϑ₀ + ϑ₁(‖x‖/√d − 1) + ϑ₂(‖x‖/√d − 1)²',
      theory: { affine: (kernel) => ({ ...kernel, norm: null }) },
    },
  ],
});

export const secondLayerKernelRatePaper = secondRate('second', meanless, 'paper', {
  title: 'second layer, ϑ₀ = 0: slope at most −α, the paper’s exponent',
  controls: [wrongTheories.half],
  refuted: slower,
});

export const bothLayersKernelRate = secondRate('both', withMean, 'half', {
  title: 'both layers, ϑ₀ ≠ 0: slope of the kernel error in d at most −α/2',
  controls: [wrongTheories.half, wrongTheories.zeta],
  profile: 'standard',
});

export const bothLayersKernelRatePaper = secondRate('both', meanless, 'paper', {
  title: 'both layers, ϑ₀ = 0: slope at most −α, the paper’s exponent',
  controls: [wrongTheories.half],
  profile: 'standard',
  refuted: slower,
});
