import fc from 'fast-check';
import { defineClaim } from '../../src/claim/define.js';
import { eigenvalues } from '../../src/linear-algebra/eigenvalues.js';
import { inputGram } from '../../src/linear-algebra/products.js';
import { spectralNorm } from '../../src/linear-algebra/spectral-norm.js';
import { type ActivationConstants, activation } from '../../src/math/activation.js';
import { seeds } from '../../src/math/arbitraries.js';
import { type DenseMatrix, type Matrix64, rowNorms } from '../../src/math/matrix.js';
import { median } from '../../src/math/statistics.js';
import {
  activations,
  type TwoLayerInstance,
  type TwoLayerSpace,
  twoLayerInstances,
} from '../../src/models/two-layer/instances.js';
import { layerWeights } from '../../src/models/two-layer/model.js';
import { drawData, drawProblem } from '../../src/models/two-layer/problem.js';
import { expectedFirstLayerKernel } from '../../src/theory/infinite-width.js';
import { byActivation, withActivation } from '../lib/by-activation.js';
import { differenceFromAffine, observedKernel } from './lib/kernel-difference.js';
import { climb, fluctuation } from './lib/ladder.js';
import { biasedActivations, kernelTheory, oddActivations, slopedActivations, wrongTheories } from './lib/terms.js';

const source = { paper: 'hu2020', place: 'first-layer kernel proposition, term by term (sharper than the paper)' };
const passRate = { claimed: 0.99, broken: 0.7 };
const sphere: TwoLayerSpace = {
  inputDimension: [32, 48],
  samplesFactor: [2, 3],
  widthFactor: [1, 1],
  widthOf: () => 2,
  alpha: [0.1, 0.2],
  activations,
  spectra: ['isotropic'],
  laws: ['sphere'],
};

/** E Θ₁ − Θ₁^lin at infinite width on the given inputs. */
function infiniteWidthDifference(instance: TwoLayerInstance, inputs: DenseMatrix): Matrix64 {
  const gram = inputGram(inputs);
  const { expectation } = expectedFirstLayerKernel(instance.activation, gram);
  return differenceFromAffine({ kernel: expectation, gram, inputs }, instance, layerWeights.first, kernelTheory);
}

function withoutDiagonal(a: Matrix64): Matrix64 {
  const data = a.data.slice();
  for (let i = 0; i < a.rows; i++) data[i * a.rows + i] = 0;
  return { ...a, data };
}

const bulkOf = (a: Matrix64) => median([...eigenvalues(a)])!;

export const sharpDiagonal = defineClaim<TwoLayerInstance, { readonly variance: (constants: ActivationConstants) => number }>({
  id: 'hu2020/sharp-terms-diagonal',
  title: 'the bulk of E Θ₁ − Θ₁^lin is V I; the diagonal correction removes it',
  kind: 'bound',
  statement:
    'the bulk of E Θ₁ − Θ₁^lin is V I: its median eigenvalue is between 0.8 V and 1.05 V on the sphere, and within 0.2 V of 0 once the diagonal is taken out',
  formula: String.raw`0.8\, V \le \operatorname{median} \lambda(E) \le 1.05\, V, \quad \left\lvert \operatorname{median} \lambda(E - \operatorname{diag} E) \right\rvert \le 0.2\, V \quad\text{for}\quad E = \mathbb E \Theta_1 - \Theta^{\mathrm{lin}}_1`,
  source,
  instances: byActivation(activations, (names) => twoLayerInstances({ ...sphere, activations: names })),
  theory: { variance: ({ slopeVariance }) => slopeVariance },
  numbers: [
    {
      name: 'V',
      scaled: (factor) => ({ variance: ({ slopeVariance }) => factor * slopeVariance }),
      nearMiss: { id: 'variance-off', factor: 1.25 },
    },
  ],
  passRate,
  measure: async (instance, { variance }) => {
    const difference = infiniteWidthDifference(instance, drawData(instance).inputs);
    const size = variance(activation(instance.activation).constants);
    const [bulk, rest] = [bulkOf(difference) / size, bulkOf(withoutDiagonal(difference)) / size];
    return {
      observed: Math.max(Math.abs(bulk - 0.925) / 0.125, Math.abs(rest) / 0.2),
      bound: 1,
      quantities: { bulk, withoutDiagonal: rest },
    };
  },
  controls: [
    {
      id: 'second-moment-for-variance',
      statement: "E φ'² in place of V",
      where: withActivation(slopedActivations),
      theory: { variance: ({ slopeVariance, zeta }) => slopeVariance + zeta ** 2 },
    },
  ],
});

/** Inputs scaled to ‖x‖² = d. */
function normalised(inputs: DenseMatrix): DenseMatrix {
  const lengths = rowNorms(inputs);
  const { columns } = inputs;
  return {
    ...inputs,
    data: Float64Array.from(inputs.data, (x, k) => (x * Math.sqrt(columns)) / lengths[Math.floor(k / columns)]!),
  };
}

const RATIO = 3.5;
const gaussian: TwoLayerSpace = { ...sphere, inputDimension: [32, 64], activations: oddActivations, laws: ['gaussian'] };

export const sharpNorm = defineClaim({
  id: 'hu2020/sharp-terms-norm',
  title: 'odd φ: the rest comes from ‖x‖, and is gone on the sphere',
  kind: 'bound',
  statement: `for odd activations the error off the diagonal comes from ‖x‖: at least ${RATIO} times as large on Gaussian inputs as on the same inputs scaled to the sphere`,
  formula: String.raw`\left\lVert (E - \operatorname{diag} E)(X) \right\rVert \ge ${RATIO}\, \left\lVert (E - \operatorname{diag} E)(\tilde X) \right\rVert, \quad E = \mathbb E \Theta_1 - \Theta^{\mathrm{lin}}_1, \quad \tilde x_i = \frac{\sqrt d\, x_i}{\lVert x_i \rVert}`,
  source,
  instances: byActivation(oddActivations, (names) => twoLayerInstances({ ...gaussian, activations: names })),
  passRate,
  measure: async (instance) => {
    const { inputs } = drawData(instance);
    const norms = [inputs, normalised(inputs)].map(
      (at) => spectralNorm(withoutDiagonal(infiniteWidthDifference(instance, at))).norm,
    );
    return {
      observed: (RATIO * norms[1]!) / norms[0]!,
      bound: 1,
      quantities: { ratio: norms[0]! / norms[1]! },
    };
  },
  controls: [
    {
      id: 'cube',
      statement: 'inputs of ±1, whose length does not vary',
      where: twoLayerInstances({ ...gaussian, laws: ['rademacher'] }),
    },
  ],
});

const degreeSpace: TwoLayerSpace = {
  ...sphere,
  inputDimension: [32, 64],
  widthFactor: [8, 12],
  widthOf: (factor, d, alpha) => factor * d ** (1 + alpha),
};
const RELATIVE = 0.08;
const ODD = 0.006;

export const sharpDegreeTwo = defineClaim<TwoLayerInstance, { readonly coefficient: (constants: ActivationConstants) => number }>(
  {
    id: 'hu2020/sharp-terms-degree-two',
    title: 'the coefficient of K∘K is ϑ₁², and 0 for odd φ',
    kind: 'bound',
    statement: `the coefficient of K∘K off the diagonal of Θ₁ − Θ₁^lin is ϑ₁² within ${RELATIVE} of it, and at most ${ODD} for odd activations, on the sphere`,
    formula: String.raw`\lvert a - \vartheta_1^2 \rvert \le ${RELATIVE}\, \vartheta_1^2, \quad \lvert a \rvert \le ${ODD} \;\text{ for odd } \varphi, \quad a = \frac{\sum_{i \ne j} (K_{ij}^2 - \frac1d) E_{ij}}{\sum_{i \ne j} (K_{ij}^2 - \frac1d)^2}, \quad E = \Theta_1 - \Theta^{\mathrm{lin}}_1`,
    source,
    needs: ['twoLayer.tangentKernel'],
    instances: byActivation(activations, (names) => twoLayerInstances({ ...degreeSpace, activations: names })),
    theory: { coefficient: ({ theta1 }) => theta1 ** 2 },
    numbers: [
      {
        name: 'ϑ₁²',
        scaled: (factor) => ({ coefficient: ({ theta1 }) => factor * theta1 ** 2 }),
        nearMiss: { id: 'coefficient-off', factor: 1.15 },
      },
    ],
    passRate,
    measure: async (instance, { coefficient }, laboratory) => {
      const observed = await observedKernel(drawProblem(instance), layerWeights.first, laboratory);
      const { gram, roundoff, rounding } = observed;
      const difference = differenceFromAffine(observed, instance, layerWeights.first, kernelTheory);
      const { constants } = activation(instance.activation);
      const n = instance.samples;
      let [product, square] = [0, 0];
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          if (i === j) continue;
          const feature = gram.data[i * n + j]! ** 2 - 1 / instance.inputDimension;
          product += feature * difference.data[i * n + j]!;
          square += feature ** 2;
        }
      }
      const tolerance = constants.theta1 === 0 ? ODD : RELATIVE * constants.theta1 ** 2;
      const found = product / square;
      return {
        observed: Math.abs(found - coefficient(constants)) / tolerance,
        bound: 1,
        // Cauchy–Schwarz with ‖δE‖_F, which the bound on the norm is.
        roundoff: (await roundoff()).norm / Math.sqrt(square) / tolerance,
        quantities: { coefficient: found },
        rounding,
      };
    },
    controls: [
      {
        id: 'second-layer-coefficient',
        statement: 'ϑ₁²/2, the coefficient of the second layer',
        where: withActivation(biasedActivations),
        theory: { coefficient: ({ theta1 }) => theta1 ** 2 / 2 },
      },
    ],
  },
);

const WIDTHS = [128, 256, 512, 1024];
const WIDTH_DIMENSION = 32;
const WIDTH_SAMPLES = 150;
type WidthInstance = Pick<TwoLayerInstance, 'activation' | 'seed'>;
const widthLadders = byActivation(activations, (names) => fc.record({ activation: fc.constantFrom(...names), seed: seeds }));

export const sharpWidth = defineClaim<WidthInstance, { readonly scale: number }>({
  id: 'hu2020/sharp-terms-width',
  title: '‖Θ₁ − E Θ₁‖ falls as 1/√m',
  kind: 'rate',
  statement: `‖Θ₁ − E Θ₁‖ falls as 1/√m: slope on ln m at most −0.35 on m = ${WIDTHS.join(', ')} at d = ${WIDTH_DIMENSION}, n = ${WIDTH_SAMPLES}`,
  formula: String.raw`\lVert \Theta_1 - \mathbb E \Theta_1 \rVert \sim \frac1{\sqrt m}: \quad \operatorname{slope}_{\ln m} \ln \lVert \Theta_1 - \mathbb E \Theta_1 \rVert \le -0.35 \quad\text{for}\quad m = ${WIDTHS.join(', ')},\; d = ${WIDTH_DIMENSION},\; n = ${WIDTH_SAMPLES}`,
  source,
  needs: ['twoLayer.tangentKernel'],
  instances: widthLadders,
  theory: { scale: 1 },
  slope: -0.35,
  ladder: WIDTHS,
  measure: (instance, { scale }, { subject }) =>
    climb(WIDTHS, (width) => {
      const sizes = { inputDimension: WIDTH_DIMENSION, samples: WIDTH_SAMPLES, units: width / 2 };
      return fluctuation(instance, sizes, 'first', scale, subject);
    }),
  controls: [{ ...wrongTheories.half, where: widthLadders, theory: { scale: 0.5 } }],
});
