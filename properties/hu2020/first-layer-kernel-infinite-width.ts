import { defineClaim } from '../../src/claim/define.js';
import { twoLayerInstances } from '../../src/models/two-layer/instances.js';
import { infiniteWidthAssumptions } from './lib/assumptions.js';
import { infiniteWidthBound } from './lib/kernel-bound.js';
import { kernelSpace } from './lib/kernel-space.js';
import { biasedActivations, constantFor, firstLayerTerms, kernelTheory, slopedActivations, wrongTheories } from './lib/terms.js';

export const firstLayerKernelInfiniteWidth = defineClaim({
  id: 'hu2020/first-layer-kernel-infinite-width',
  title: '‖E Θ₁ − Θ₁^lin‖ ≤ C (sum of its terms, without width) n/d',
  kind: 'bound',
  statement: '‖E Θ₁ − Θ₁^lin‖ ≤ C (T1 + T2 + T3 + T4 + T6) n/d, where E Θ₁ = Φ ∘ XXᵀ/d is the kernel at infinite width',
  formula: String.raw`\lVert \mathbb E \Theta_1 - \Theta^{\mathrm{lin}}_1 \rVert \le C\, (T_1 + T_2 + T_3 + T_4 + T_6)\, \frac nd, \quad \mathbb E \Theta_1 = \Phi \circ \frac{XX^{\mathsf T}}d`,
  source: { paper: 'hu2020', place: 'first-layer kernel proposition, without its fluctuation in W' },
  assumptions: infiniteWidthAssumptions,
  instances: twoLayerInstances(kernelSpace),
  theory: kernelTheory,
  measure: async (instance, theory, laboratory) =>
    infiniteWidthBound(
      instance,
      'first',
      theory,
      firstLayerTerms(instance, 'infinite'),
      constantFor(instance.activation),
      laboratory,
    ),
  controls: [
    { ...wrongTheories.noBias, where: twoLayerInstances({ ...kernelSpace, activations: biasedActivations }) },
    { ...wrongTheories.zeta, where: twoLayerInstances({ ...kernelSpace, activations: slopedActivations }) },
  ],
});
