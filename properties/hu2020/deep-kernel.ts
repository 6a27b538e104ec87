import fc from 'fast-check';
import { defineClaim } from '../../src/claim/define.js';
import { inputGram } from '../../src/linear-algebra/products.js';
import type { Range } from '../../src/math/arbitraries.js';
import { symmetricDifference } from '../../src/math/matrix.js';
import { type DeepInstance, deepInstances } from '../../src/models/layered/instances.js';
import { activations, type TwoLayerSpace } from '../../src/models/two-layer/instances.js';
import { drawData } from '../../src/models/two-layer/problem.js';
import { type AffineKernel, affineKernelMatrix } from '../../src/theory/affine.js';
import { deepAffineKernel, expectedDeepKernel, kernelExpansion } from '../../src/theory/deep.js';
import { byActivation } from '../lib/by-activation.js';
import { infiniteWidthAssumptions } from './lib/assumptions.js';
import { covarianceSlope, deepTerms } from './lib/deep-terms.js';
import { judgedAgainst } from './lib/kernel-bound.js';
import { affineNumbers, biasedActivations, constantFor, momentsOf, slopedActivations } from './lib/terms.js';

const space: TwoLayerSpace & { depth: Range } = {
  inputDimension: [32, 80],
  samplesFactor: [2, 4],
  widthFactor: [1, 1],
  widthOf: () => 2,
  alpha: [0.1, 0.24],
  activations,
  depth: [1, 4],
};

const unitLength = (names: readonly string[], changes: Partial<typeof space> = {}) =>
  fc.oneof(
    deepInstances({ ...space, ...changes, activations: names, laws: ['rademacher'] }),
    deepInstances({ ...space, ...changes, activations: names, laws: ['sphere'], spectra: ['isotropic'] }),
  );
const anyLength = (names: readonly string[], changes: Partial<typeof space> = {}) =>
  deepInstances({ ...space, ...changes, activations: names, laws: ['gaussian', 'uniform'] });

const homogeneous = ['relu', 'leaky-relu:0.2', 'abs'];
/** Activations whose slope changes by more than the bound from one depth to the next. */
const changing = ['tanh', 'sigmoid', 'relu', 'leaky-relu:0.2', 'gelu', 'softplus'];

interface DeepTheory {
  readonly affine: (kernel: AffineKernel, instance: DeepInstance) => AffineKernel;
}

function constantOf({ activation: name, law }: DeepInstance): string {
  if (law === 'rademacher' || law === 'sphere') return `unit-${constantFor(name)}`;
  return homogeneous.includes(name) ? 'homogeneous' : 'any-length';
}

export const deepKernel = defineClaim<DeepInstance, DeepTheory>({
  id: 'hu2020/deep-kernel',
  title: 'Θ_L at infinite width is affine, L = 1…4',
  kind: 'bound',
  statement:
    "‖Θ_L − (θ(0) 11ᵀ + θ'(0) XXᵀ/d + θ\"(0) Tr Σ²/(2d²) 11ᵀ)‖ ≤ C (sum of its terms) n/d at infinite width, L = 1…4, all layers trained; ‖x‖‖x'‖/d in place of the first 11ᵀ for homogeneous φ",
  formula: String.raw`\begin{gathered} \left\lVert \Theta_L - \Bigl(\theta(0)\, \rho \rho^{\mathsf T} + \theta'(0)\, \frac{XX^{\mathsf T}}d + \theta''(0)\, \frac{\operatorname{Tr} \Sigma^2}{2d^2}\, \mathbf 1 \mathbf 1^{\mathsf T}\Bigr) \right\rVert \le C\, \Bigl(\sum_k T^{(L)}_k\Bigr) \frac nd, \quad L = 1, \dots, 4 \\ \rho = \mathbf 1, \quad\text{or}\quad \rho_i = \frac{\lVert x_i \rVert}{\sqrt d} \;\text{ for homogeneous } \varphi \end{gathered}`,
  source: { paper: 'hu2020', place: 'extension to deep fully connected networks' },
  assumptions: infiniteWidthAssumptions,
  lawTestedBy: ['hu2020/deep-kernel-regression'],
  instances: byActivation(activations, (names) =>
    [...homogeneous, 'erf'].includes(names[0]!) ? fc.oneof(unitLength(names), anyLength(names)) : unitLength(names),
  ),
  theory: { affine: (kernel) => kernel },
  numbers: affineNumbers({ slope: ["θ'(0)", 1.05], bias: ['the constant', 1.05], norm: ['θ(0)', 1.1] }),
  measure: async (instance, theory, laboratory) => {
    const { inputs } = drawData(instance);
    const gram = inputGram(inputs);
    const { expectation, error } = expectedDeepKernel(instance.activation, gram, instance.depth);
    const affine = theory.affine(
      deepAffineKernel(instance.activation, instance.depth, momentsOf(instance).second, instance.inputDimension),
      instance,
    );
    const difference = symmetricDifference(expectation, affineKernelMatrix(affine, inputs, gram));
    const measured = { difference, roundoff: error, rounding: null };
    return judgedAgainst(deepTerms(instance), constantOf(instance), measured, instance, laboratory);
  },
  controls: [
    {
      id: 'no-intercept',
      statement: 'the affine kernel without θ(0)',
      where: unitLength([...biasedActivations, 'sigmoid']),
      theory: {
        affine: (kernel, { activation: name, depth }) =>
          kernel.norm ? { ...kernel, norm: null } : { ...kernel, bias: kernel.bias - kernelExpansion(name, depth).value },
      },
    },
    {
      id: 'no-curvature-term',
      statement: 'the affine kernel without θ"(0) Tr Σ²/(2d²)',
      where: unitLength(biasedActivations),
      theory: {
        affine: (kernel, instance) => ({
          ...kernel,
          bias:
            kernel.bias -
            (kernelExpansion(instance.activation, instance.depth).curvature * momentsOf(instance).second) /
              (2 * instance.inputDimension),
        }),
      },
    },
    {
      id: 'slope-of-next-depth',
      statement: "θ'(0) of L + 1 hidden layers",
      where: unitLength(changing),
      theory: {
        affine: (kernel, { activation: name, depth }) => ({ ...kernel, slope: kernelExpansion(name, depth + 1).slope }),
      },
    },
    {
      id: 'covariance-slope',
      statement: "S_L'(0), the slope of the covariance of the last layer, in place of θ'(0)",
      where: unitLength(slopedActivations),
      theory: { affine: (kernel, instance) => ({ ...kernel, slope: covarianceSlope(instance) }) },
    },
    {
      id: 'no-norm-feature',
      statement: "θ(0) 11ᵀ in place of θ(0) ‖x‖‖x'‖/d",
      where: anyLength(homogeneous),
      theory: { affine: (kernel) => ({ ...kernel, norm: kernel.norm && [kernel.norm[0], 0, 0] }) },
    },
    {
      id: 'uncentred',
      statement: 'inputs (x + 1)/√2, which have a mean',
      where: anyLength([...homogeneous, 'erf'], { mean: 1 }),
    },
  ],
});
