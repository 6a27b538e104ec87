import { defineClaim } from '../../src/claim/define.js';
import { twoLayerInstances } from '../../src/models/two-layer/instances.js';
import { layerWeights } from '../../src/models/two-layer/model.js';
import { kernelAssumptions } from './lib/assumptions.js';
import { finiteWidthBound } from './lib/kernel-bound.js';
import { kernelSpace } from './lib/kernel-space.js';
import { biasedActivations, constantFor, firstLayerTerms, kernelTheory, slopedActivations, wrongTheories } from './lib/terms.js';

const biased = twoLayerInstances({ ...kernelSpace, activations: biasedActivations });
const withSlope = twoLayerInstances({ ...kernelSpace, activations: slopedActivations });

export const firstLayerKernel = defineClaim({
  id: 'hu2020/first-layer-kernel',
  title: '‖Θ₁ − (ζ² XXᵀ + ν² 11ᵀ)/d‖ ≤ C (T1 + … + T6) n/d',
  kind: 'bound',
  statement: '‖Θ₁(W(0)) − (ζ² XXᵀ + ν² 11ᵀ)/d‖ ≤ C (T1 + … + T6) n/d, of order n/d^{1+α} for m ≳ d^{1+α}',
  formula: String.raw`\left\lVert \Theta_1(W(0)) - \frac{\zeta^2 XX^{\mathsf T} + \nu^2 \mathbf 1 \mathbf 1^{\mathsf T}}d \right\rVert \le C\, (T_1 + \dots + T_6)\, \frac nd = O\Bigl(\frac n{d^{1+\alpha}}\Bigr) \quad\text{for}\quad m \gtrsim d^{1+\alpha}`,
  source: { paper: 'hu2020', place: 'first-layer kernel proposition' },
  assumptions: kernelAssumptions,
  instances: twoLayerInstances(kernelSpace),
  theory: kernelTheory,
  measure: (instance, theory, laboratory) =>
    finiteWidthBound(
      instance,
      layerWeights.first,
      theory,
      firstLayerTerms(instance),
      constantFor(instance.activation),
      laboratory,
    ),
  controls: [
    { ...wrongTheories.noBias, where: biased },
    { ...wrongTheories.zeta, where: withSlope },
    { ...wrongTheories.half, where: withSlope },
    { id: 'uncentred', statement: 'inputs (x + 1)/√2, which have a mean', where: twoLayerInstances({ ...kernelSpace, mean: 1 }) },
    {
      id: 'heavy-tails',
      statement: 'inputs with a Student t₃ scale',
      where: twoLayerInstances({ ...kernelSpace, laws: ['student-t3'] }),
    },
  ],
});
