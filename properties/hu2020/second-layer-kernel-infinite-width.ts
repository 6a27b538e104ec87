import { defineClaim } from '../../src/claim/define.js';
import { twoLayerInstances } from '../../src/models/two-layer/instances.js';
import { infiniteWidthAssumptions } from './lib/assumptions.js';
import { infiniteWidthBound } from './lib/kernel-bound.js';
import { kernelSpace } from './lib/kernel-space.js';
import {
  biasedActivations,
  kernelTheory,
  secondLayerConstant,
  secondLayerTerms,
  slopedActivations,
  wrongTheories,
} from './lib/terms.js';

export const secondLayerKernelInfiniteWidth = defineClaim({
  id: 'hu2020/second-layer-kernel-infinite-width',
  title: '‖E Θ₂ − Θ₂^lin‖ ≤ C (sum of its terms) n/d',
  kind: 'bound',
  statement:
    '‖E Θ₂ − Θ₂^lin‖ ≤ C (its terms without those of finite width) n/d, where E Θ₂ = E φφ is the kernel at infinite width',
  formula: String.raw`\lVert \mathbb E \Theta_2 - \Theta^{\mathrm{lin}}_2 \rVert \le C\, \Bigl(\sum_k T^{(2)}_k\Bigr)_{m = \infty} \frac nd, \quad (\mathbb E \Theta_2)_{ij} = \mathbb E_w\, \varphi\Bigl(\frac{\langle w, x_i \rangle}{\sqrt d}\Bigr) \varphi\Bigl(\frac{\langle w, x_j \rangle}{\sqrt d}\Bigr)`,
  source: { paper: 'hu2020', place: 'second-layer kernel proposition, without its fluctuation in W' },
  assumptions: infiniteWidthAssumptions,
  instances: twoLayerInstances(kernelSpace),
  theory: kernelTheory,
  measure: async (instance, theory, laboratory) =>
    infiniteWidthBound(
      instance,
      'second',
      theory,
      secondLayerTerms(instance, 'infinite'),
      secondLayerConstant(instance.activation),
      laboratory,
    ),
  controls: [
    { ...wrongTheories.noBias, where: twoLayerInstances({ ...kernelSpace, activations: biasedActivations }) },
    { ...wrongTheories.zeta, where: twoLayerInstances({ ...kernelSpace, activations: slopedActivations }) },
    {
      ...wrongTheories.noNormFeature,
      where: twoLayerInstances({ ...kernelSpace, activations: biasedActivations, laws: ['gaussian', 'uniform'] }),
    },
  ],
});
