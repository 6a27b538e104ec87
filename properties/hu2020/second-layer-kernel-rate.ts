import fc from 'fast-check';
import { type Control, defineClaim } from '../../src/claim/define.js';
import type { ProfileName } from '../../src/claim/profile.js';
import { seeds } from '../../src/math/arbitraries.js';
import type { TwoLayerInstance } from '../../src/models/two-layer/instances.js';
import { type LayerCoefficients, layerWeights } from '../../src/models/two-layer/model.js';
import { centred } from './lib/assumptions.js';
import { kernelDifference } from './lib/kernel-difference.js';
import { climb, climbDimensions, fluctuation, type Ladder, type LadderInstance, laddersOf } from './lib/ladder.js';
import { type KernelTheory, kernelTheory, wrongTheories } from './lib/terms.js';

const ALPHA = 0.24;

/** ϑ₀ ≠ 0: n = 3d^{1+α}, m = d^{2+α}. */
const withMean: Ladder = {
  dimensions: [8, 16, 32, 56],
  draws: [12, 6, 2, 1],
  alpha: ALPHA,
  samplesFactor: 3,
  widthFactor: 1,
  widthExponent: 2 + ALPHA,
};
/** ϑ₀ = 0: n = d^{1+α}, m = 16d^{1+α}. */
const meanless: Ladder = {
  dimensions: [16, 32, 64, 96],
  draws: [4, 2, 1, 1],
  alpha: ALPHA,
  samplesFactor: 1,
  widthFactor: 16,
  widthExponent: 1 + ALPHA,
};
const meanNames = ['relu', 'leaky-relu:0.2', 'gelu', 'softplus'];
const meanlessNames = ['erf', 'tanh'];

interface Rate {
  readonly id: string;
  readonly title: string;
  readonly kernel: string;
  readonly exponent: number;
  readonly meaning: string;
  /** The kernel and the exponent in LaTeX. */
  readonly latex: { readonly kernel: string; readonly exponent: string };
  readonly ladder: Ladder;
  readonly names: readonly string[];
  readonly weights: LayerCoefficients;
  readonly controls: readonly Omit<Control<LadderInstance, KernelTheory>, 'where'>[];
  readonly reason?: string;
  readonly profile?: ProfileName;
}

/** A factor before d. */
const times = (factor: number) => (factor === 1 ? '' : String(factor));

/** c d, in LaTeX. */
const timesDimension = (factor: number) => (factor === 1 ? 'd' : `${factor} d`);

function rateClaim({
  id,
  title,
  kernel,
  exponent,
  meaning,
  latex,
  ladder,
  names,
  weights,
  controls,
  reason,
  profile = 'quick',
}: Rate) {
  return defineClaim<LadderInstance, KernelTheory>({
    id,
    title,
    profile,
    kind: 'rate',
    statement: `slope of ln(‖${kernel} − its affine kernel‖ d/n) on ln d at most ${meaning} on d = ${ladder.dimensions.join(', ')} with α = ${ALPHA}, n = ${times(ladder.samplesFactor)}d^{1+α}, m = ${times(ladder.widthFactor)}d^{${ladder === meanless ? '1' : '2'}+α}`,
    formula: String.raw`\operatorname{slope}_{\ln d} \ln\Bigl(\lVert ${latex.kernel} - ${latex.kernel}^{\mathrm{lin}} \rVert\, \frac dn\Bigr) \le ${latex.exponent} \quad\text{for}\quad d = ${ladder.dimensions.join(', ')},\; \alpha = ${ALPHA},\; n = ${timesDimension(ladder.samplesFactor)}^{1+\alpha},\; m = ${timesDimension(ladder.widthFactor)}^{${ladder === meanless ? '1' : '2'}+\alpha}`,
    source: { paper: 'hu2020', place: 'second-layer kernel proposition, the exponent' },
    assumptions: [centred],
    instances: laddersOf(names),
    theory: kernelTheory,
    slope: exponent,
    ladder: ladder.dimensions,
    measure: (instance, theory, laboratory) =>
      climbDimensions(instance, ladder, (rung) => kernelDifference(rung, weights, theory, laboratory)),
    controls: controls.map((control) => ({ ...control, where: laddersOf(names) })),
    ...(reason ? { expected: { verdict: 'refuted', reason } } : {}),
  });
}

const noMeanFeature = {
  id: 'no-mean-feature',
  statement: 'the affine kernel without the feature ϑ₀ + ϑ₁(‖x‖/√d − 1) + ϑ₂(‖x‖/√d − 1)²',
  theory: { affine: (kernel) => ({ ...kernel, norm: null }) } satisfies Partial<KernelTheory>,
};
const slower =
  'with m of the order that the condition names, the finite width alone leaves n/√(dm) = n/d^{1+α/2}; the ladder shows a slope above −α, and at these sizes even somewhat above −α/2';

export const secondLayerKernelRate = rateClaim({
  id: 'hu2020/second-layer-kernel-rate',
  title: 'second layer, ϑ₀ ≠ 0: slope of the kernel error in d at most −α/2',
  kernel: 'Θ₂',
  exponent: -ALPHA / 2,
  meaning: '−α/2',
  latex: { kernel: String.raw`\Theta_2`, exponent: String.raw`-\frac\alpha2` },
  ladder: withMean,
  names: meanNames,
  weights: layerWeights.second,
  controls: [{ ...wrongTheories.half, profile: 'standard' }, noMeanFeature],
});

export const secondLayerKernelRatePaper = rateClaim({
  id: 'hu2020/second-layer-kernel-rate-paper',
  title: 'second layer, ϑ₀ = 0: slope at most −α, the paper’s exponent',
  kernel: 'Θ₂',
  exponent: -ALPHA,
  meaning: "−α, the paper's exponent,",
  latex: { kernel: String.raw`\Theta_2`, exponent: String.raw`-\alpha` },
  ladder: meanless,
  names: meanlessNames,
  weights: layerWeights.second,
  controls: [wrongTheories.half],
  reason: slower,
});

export const bothLayersKernelRate = rateClaim({
  id: 'hu2020/both-layers-kernel-rate',
  title: 'both layers, ϑ₀ ≠ 0: slope of the kernel error in d at most −α/2',
  kernel: 'Θ',
  exponent: -ALPHA / 2,
  meaning: '−α/2',
  latex: { kernel: String.raw`\Theta`, exponent: String.raw`-\frac\alpha2` },
  ladder: withMean,
  names: meanNames,
  weights: layerWeights.both,
  controls: [wrongTheories.half, wrongTheories.zeta],
  profile: 'standard',
});

export const bothLayersKernelRatePaper = rateClaim({
  id: 'hu2020/both-layers-kernel-rate-paper',
  title: 'both layers, ϑ₀ = 0: slope at most −α, the paper’s exponent',
  kernel: 'Θ',
  exponent: -ALPHA,
  meaning: "−α, the paper's exponent,",
  latex: { kernel: String.raw`\Theta`, exponent: String.raw`-\alpha` },
  ladder: meanless,
  names: meanlessNames,
  weights: layerWeights.both,
  controls: [wrongTheories.half],
  reason: slower,
  profile: 'standard',
});

const WIDTH_FACTORS = [4, 8, 16, 32];
const WIDTH_DIMENSION = 32;
const WIDTH_SAMPLES = 147;
type WidthInstance = Pick<TwoLayerInstance, 'activation' | 'seed'>;
const widthLadders = fc.record({ activation: fc.constantFrom(...meanlessNames, 'relu', 'leaky-relu:0.2', 'abs'), seed: seeds });

interface WidthTheory {
  readonly scale: number;
}

export const secondLayerWidthRate = defineClaim<WidthInstance, WidthTheory>({
  id: 'hu2020/second-layer-width-rate',
  title: '‖Θ₂ − E Θ₂‖ falls as 1/√m: n/d^{1+α/2} in the stated regime',
  kind: 'rate',
  source: { paper: 'hu2020', place: 'second-layer kernel proposition, the dependence on the width' },
  statement: `‖Θ₂ − E Θ₂‖ falls as 1/√m: slope on ln m at most −0.35 at d = ${WIDTH_DIMENSION}, n = ${WIDTH_SAMPLES}, m = 4…32 d^{1.24}. With m ∝ d^{1+α} this is n/d^{1+α/2}; the paper's n/d^{1+α} would need 1/m`,
  formula: String.raw`\begin{gathered} \operatorname{slope}_{\ln m} \ln \lVert \Theta_2 - \mathbb E \Theta_2 \rVert \le -0.35 \quad\text{for}\quad d = ${WIDTH_DIMENSION},\; n = ${WIDTH_SAMPLES},\; m = 4 d^{1.24}, \dots, 32 d^{1.24} \\ \lVert \Theta_2 - \mathbb E \Theta_2 \rVert \sim \frac1{\sqrt m}: \quad \frac n{d^{1+\alpha/2}} \;\text{ for } m \propto d^{1+\alpha} \end{gathered}`,
  instances: widthLadders,
  theory: { scale: 1 },
  slope: -0.35,
  ladder: WIDTH_FACTORS,
  measure: (instance, { scale }, { subject }) =>
    climb(WIDTH_FACTORS, (factor) => {
      const units = Math.ceil((factor * WIDTH_DIMENSION ** (1 + ALPHA)) / 2);
      const sizes = { inputDimension: WIDTH_DIMENSION, samples: WIDTH_SAMPLES, units };
      return fluctuation(instance, sizes, 'second', scale, subject);
    }),
  controls: [{ ...wrongTheories.half, where: widthLadders, theory: { scale: 0.5 } }],
});
