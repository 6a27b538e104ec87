import fc from 'fast-check';
import { defineClaim } from '../../src/claim/define.js';
import { activation } from '../../src/math/activation.js';
import { seeds } from '../../src/math/arbitraries.js';
import { type Matrix64, symmetricDifference } from '../../src/math/matrix.js';
import { seedOf } from '../../src/math/random.js';
import { type ConvolutionalInstance, lineInstances } from '../../src/models/layered/instances.js';
import { activations, samplesFor, type TwoLayerInstance } from '../../src/models/two-layer/instances.js';
import { drawData } from '../../src/models/two-layer/problem.js';
import { type AffineKernel, affineKernelMatrix } from '../../src/theory/affine.js';
import { expectedConvolutionalKernel } from '../../src/theory/convolutional.js';
import { byActivation } from '../lib/by-activation.js';
import { convolutionalAffineKernel, onCube, smallestFilter, wideEnough, wideFilter } from './lib/convolutional.js';
import { convolutionalTerms } from './lib/convolutional-terms.js';
import { judgedAgainst } from './lib/kernel-bound.js';
import { climb, relativeNorm, rungOf } from './lib/ladder.js';
import { affineNumbers, biasedActivations, constantFor, slopedActivations } from './lib/terms.js';

const space = {
  inputDimension: [32, 80],
  samplesFactor: [2, 4],
  widthFactor: [1, 1],
  widthOf: () => 2,
  alpha: [0.03, 0.12],
} as const;
const instancesOf = (names: readonly string[], filterOf = wideEnough) =>
  lineInstances({ ...space, activations: names, filterOf });

interface ConvolutionalTheory {
  readonly affine: (kernel: AffineKernel, instance: ConvolutionalInstance) => AffineKernel;
  /** The filter for which the terms of the bound are formed. */
  readonly boundFilter: (instance: ConvolutionalInstance) => number;
}

function difference(instance: ConvolutionalInstance, affine: ConvolutionalTheory['affine']): Matrix64 {
  const { inputs } = drawData(instance);
  const kernel = expectedConvolutionalKernel(instance.activation, inputs, instance.filter);
  return symmetricDifference(kernel, affineKernelMatrix(affine(convolutionalAffineKernel(instance), instance), inputs));
}

const quadraticBias = ({ activation: name, filter }: ConvolutionalInstance) =>
  (1.5 * activation(name).constants.theta1 ** 2) / filter;

export const convolutionalKernel = defineClaim<ConvolutionalInstance, ConvolutionalTheory>({
  id: 'hu2020/convolutional-kernel',
  title: 'Θ is affine for filters q ≥ d^{1/2+2α}; not for q = 4',
  kind: 'bound',
  statement:
    '‖Θ − (2ζ² XXᵀ/d + (ϑ₀² + (3/2)ϑ₁²/q) 11ᵀ)‖ ≤ C (sum of its terms) n/d at infinite width, one circular convolution with filters of q ≥ d^{1/2+2α}',
  formula: String.raw`\left\lVert \Theta - \Bigl(2 \zeta^2\, \frac{XX^{\mathsf T}}d + \Bigl(\vartheta_0^2 + \frac{3 \vartheta_1^2}{2q}\Bigr) \mathbf 1 \mathbf 1^{\mathsf T}\Bigr) \right\rVert \le C\, \Bigl(\sum_k T_k\Bigr) \frac nd \quad\text{for}\quad q \ge d^{1/2 + 2\alpha}`,
  source: { paper: 'hu2020', place: 'extension to convolutional networks' },
  assumptions: [onCube, wideFilter],
  lawTestedBy: ['hu2020/convolutional-kernel-regression', 'hu2020/convolutional-kernel-rate'],
  instances: byActivation(activations, (names) => instancesOf(names)),
  numbers: affineNumbers({ slope: ['2ζ²', 1.1], bias: ['the constant', 1.05] }),
  theory: { affine: (kernel) => kernel, boundFilter: ({ filter }) => filter },
  measure: async (instance, theory, laboratory) => {
    const terms = convolutionalTerms({ ...instance, filter: theory.boundFilter(instance) });
    const measured = { difference: difference(instance, theory.affine), roundoff: 0, rounding: null };
    return judgedAgainst(terms, constantFor(instance.activation), measured, instance, laboratory);
  },
  controls: [
    {
      id: 'small-filter',
      statement: 'filters of q = 4, against the bound for the smallest filter that the condition allows',
      where: instancesOf(['erf', 'tanh', 'sigmoid', 'relu', 'leaky-relu:0.2', 'abs'], () => 4),
      theory: { boundFilter: ({ inputDimension, alpha }) => smallestFilter(inputDimension, alpha) },
    },
    {
      id: 'dimension-for-filter',
      statement: '(3/2)ϑ₁²/d in place of (3/2)ϑ₁²/q',
      where: instancesOf(biasedActivations),
      theory: {
        affine: (kernel, instance) => ({
          ...kernel,
          bias: kernel.bias + quadraticBias(instance) * (instance.filter / instance.inputDimension - 1),
        }),
      },
    },
    {
      id: 'no-mean',
      statement: 'the affine kernel without ϑ₀²',
      where: instancesOf([...biasedActivations, 'sigmoid']),
      theory: { affine: (kernel, instance) => ({ ...kernel, bias: quadraticBias(instance) }) },
    },
    {
      id: 'one-layer-slope',
      statement: 'ζ² XXᵀ/d in place of 2ζ² XXᵀ/d',
      where: instancesOf(slopedActivations),
      theory: { affine: (kernel) => ({ ...kernel, slope: kernel.slope / 2 }) },
    },
  ],
});

const ladder = { dimensions: [16, 32, 64, 96], alpha: 0.125, samplesFactor: 3 };

interface RateTheory {
  readonly filterOf: (inputDimension: number) => number;
}

type LadderInstance = Pick<TwoLayerInstance, 'activation' | 'seed'>;
const laddersOf = (names: readonly string[]) =>
  byActivation(
    names,
    (chosen): fc.Arbitrary<LadderInstance> => fc.record({ activation: fc.constantFrom(...chosen), seed: seeds }),
  );

export const convolutionalKernelRate = defineClaim<LadderInstance, RateTheory>({
  id: 'hu2020/convolutional-kernel-rate',
  title: 'slope in d at most −.2 with q = d^{3/4}; none with q = 4',
  profile: 'standard',
  kind: 'rate',
  statement: `slope of ln(‖Θ − Θ^lin‖ d/n) on ln d at most −0.2 on d = ${ladder.dimensions.join(', ')}, n = 3d^{1.125}, with filters of q = d^{3/4}`,
  formula: String.raw`\operatorname{slope}_{\ln d} \ln\Bigl(\lVert \Theta - \Theta^{\mathrm{lin}} \rVert\, \frac dn\Bigr) \le -0.2 \quad\text{for}\quad d = ${ladder.dimensions.join(', ')},\; n = 3 d^{1.125},\; q = d^{3/4}`,
  source: { paper: 'hu2020', place: 'extension to convolutional networks, the condition on the filter' },
  instances: laddersOf(activations),
  theory: { filterOf: (d) => Math.min(Math.round(d ** 0.75), d / 2) },
  slope: -0.2,
  ladder: ladder.dimensions,
  measure: (instance, { filterOf }) =>
    climb(ladder.dimensions, async (d) => {
      const at: ConvolutionalInstance = rungOf({
        ...instance,
        law: 'rademacher' as const,
        inputDimension: d,
        samples: samplesFor(ladder.samplesFactor, d, ladder.alpha),
        width: 2,
        alpha: ladder.alpha,
        seed: seedOf(instance.seed, 'rung', d),
        depth: 1,
        filter: filterOf(d),
        geometry: 'line' as const,
      });
      return {
        value: relativeNorm(
          at,
          difference(at, (kernel) => kernel),
        ),
      };
    }),
  controls: [
    {
      id: 'fixed-filter',
      statement: 'filters of q = 4 at every size',
      where: laddersOf(['relu', 'leaky-relu:0.2', 'abs']),
      theory: { filterOf: () => 4 },
    },
  ],
});
