import { type Control, defineClaim } from '../../src/claim/define.js';
import { activations, type TwoLayerInstance, twoLayerInstances } from '../../src/models/two-layer/instances.js';
import { byActivation, withActivation } from '../lib/by-activation.js';
import { infiniteWidthAssumptions } from './lib/assumptions.js';
import { type ExpectedKernel, expectedLayer, infiniteWidthBound } from './lib/kernel-bound.js';
import { kernelSpace } from './lib/kernel-space.js';
import {
  affineNumbers,
  biasedActivations,
  type KernelTheory,
  kernelTheory,
  slopedActivations,
  wrongTheories,
} from './lib/terms.js';

const biased = withActivation(biasedActivations);

interface InfiniteWidth {
  readonly layer: 'first' | 'second';
  readonly title: string;
  readonly statement: string;
  readonly formula: string;
  readonly controls?: readonly Control<TwoLayerInstance, KernelTheory>[];
}

/** Wants no capability of a subject: no subject computes the kernel at infinite width. */
function infiniteWidth({ layer, title, statement, formula, controls = [] }: InfiniteWidth) {
  return defineClaim<TwoLayerInstance, KernelTheory, ExpectedKernel>({
    id: `hu2020/${layer}-layer-kernel-infinite-width`,
    kind: 'bound',
    title,
    statement,
    formula,
    source: { paper: 'hu2020', place: `${layer}-layer kernel proposition, without its fluctuation in W` },
    assumptions: infiniteWidthAssumptions,
    lawTestedBy: [`hu2020/${layer}-layer-kernel-regression`],
    instances: byActivation(activations, (names) => twoLayerInstances({ ...kernelSpace, activations: names })),
    theory: kernelTheory,
    numbers: affineNumbers(
      layer === 'first'
        ? { slope: ['ζ²', 1.1], bias: ['ν²', 1.75] }
        : { slope: ['ζ²', 1.1], bias: ['ν²/2', 2], norm: ['qqᵀ', 1.1] },
    ),
    observe: async (instance) => expectedLayer(instance, layer),
    measure: async (instance, theory, laboratory, observed) => infiniteWidthBound(instance, layer, theory, laboratory, observed),
    controls: [
      { ...wrongTheories.noBias, where: withActivation(biasedActivations) },
      { ...wrongTheories.zeta, where: withActivation(slopedActivations) },
      ...controls,
    ],
  });
}

export const firstLayerKernelInfiniteWidth = infiniteWidth({
  layer: 'first',
  title: '‖E Θ₁ − Θ₁^lin‖ ≤ C (sum of its terms, without width) n/d',
  statement: '‖E Θ₁ − Θ₁^lin‖ ≤ C (T1 + T2 + T3 + T4 + T6) n/d, where E Θ₁ = Φ ∘ XXᵀ/d is the kernel at infinite width',
  formula: String.raw`\lVert \mathbb E \Theta_1 - \Theta^{\mathrm{lin}}_1 \rVert \le C\, (T_1 + T_2 + T_3 + T_4 + T_6)\, \frac nd, \quad \mathbb E \Theta_1 = \Phi \circ \frac{XX^{\mathsf T}}d`,
});

export const secondLayerKernelInfiniteWidth = infiniteWidth({
  layer: 'second',
  title: '‖E Θ₂ − Θ₂^lin‖ ≤ C (sum of its terms) n/d',
  statement:
    '‖E Θ₂ − Θ₂^lin‖ ≤ C (its terms without those of finite width) n/d, where E Θ₂ = E φφ is the kernel at infinite width',
  formula: String.raw`\lVert \mathbb E \Theta_2 - \Theta^{\mathrm{lin}}_2 \rVert \le C\, \Bigl(\sum_k T^{(2)}_k\Bigr)_{m = \infty} \frac nd, \quad (\mathbb E \Theta_2)_{ij} = \mathbb E_w\, \varphi\Bigl(\frac{\langle w, x_i \rangle}{\sqrt d}\Bigr) \varphi\Bigl(\frac{\langle w, x_j \rangle}{\sqrt d}\Bigr)`,
  controls: [{ ...wrongTheories.noNormFeature, where: (instance) => biased(instance) && instance.law !== 'rademacher' }],
});
