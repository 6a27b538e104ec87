import fc from 'fast-check';
import { defineClaim } from '../../src/claim/define.js';
import type { PackagedSet } from '../../src/data/named.js';
import { standardised } from '../../src/data/named.js';
import { inputGram } from '../../src/linear-algebra/products.js';
import { spectralNorm } from '../../src/linear-algebra/spectral-norm.js';
import { activation } from '../../src/math/activation.js';
import { evenly, seeds } from '../../src/math/arbitraries.js';
import { stream } from '../../src/math/random.js';
import { checkedTrajectory } from '../../src/models/checked.js';
import { layerWeights } from '../../src/models/two-layer/model.js';
import { drawWeights, type TwoLayerProblem } from '../../src/models/two-layer/problem.js';
import { type AffineKernel, affineKernel, affineKernelMatrix } from '../../src/theory/affine.js';
import { examineData } from '../../src/theory/data-scope.js';
import { byActivation } from '../lib/by-activation.js';
import { dimensionOf, drawImages, onImages } from '../lib/images.js';
import { comparedSteps, gapAgainst } from './lib/training-gap.js';

const FRESH_SAMPLES = 64;
const POOL = 4;
/** Images of a pair that samples are drawn from. */
const IMAGES = 1500;

/** n images of two classes, average-pooled to 7×7, and a drawn network. */
interface RealInstance {
  readonly classes: readonly [number, number];
  readonly samples: number;
  readonly width: number;
  readonly activation: string;
  readonly relativeStep: number;
  readonly seed: number;
}

const instancesOf = (names: readonly string[]): fc.Arbitrary<RealInstance> =>
  fc
    .record({
      first: fc.integer({ min: 0, max: 9 }),
      distance: fc.integer({ min: 1, max: 9 }),
      samples: fc.integer({ min: 200, max: 300 }),
      width: fc.integer({ min: 150, max: 250 }).map((half) => 2 * half),
      activation: fc.constantFrom(...names),
      relativeStep: evenly([0.05, 0.1]),
      seed: seeds,
    })
    .map(({ first, distance, ...rest }) => ({ ...rest, classes: [first, (first + distance) % 10] }));

/** A sample without replacement of the pair's images, centred and scaled to Tr Σ̂ = d; and symmetric weights. */
function materialiseReal(set: PackagedSet, { classes, samples, width, activation: name, seed }: RealInstance): TwoLayerProblem {
  const d = dimensionOf(POOL);
  const pair = { set, classes, images: IMAGES, pool: POOL } as const;
  const { pixels: raw, labels } = drawImages(pair, samples + FRESH_SAMPLES, stream(seed, 'images'));
  const data = Float32Array.from(standardised(raw, labels.length, d));
  return {
    activation: name,
    inputs: { rows: samples, columns: d, data: data.slice(0, samples * d) },
    labels: labels.slice(0, samples),
    freshInputs: { rows: FRESH_SAMPLES, columns: d, data: data.slice(samples * d) },
    ...drawWeights(width, d, 'symmetric', stream(seed, 'weights')),
  };
}

interface RealTheory {
  readonly affine: (kernel: AffineKernel) => AffineKernel;
}

const names = ['erf', 'tanh', 'relu', 'gelu'];

/** What sets the two claims apart. */
interface RealData {
  readonly id: string;
  readonly title: string;
  readonly set: PackagedSet;
  readonly images: string;
}

const realDataOf = ({ id, title, set, images }: RealData) =>
  defineClaim<RealInstance, RealTheory>({
    id,
    title,
    profile: 'standard',
    kind: 'bound',
    statement: `on pairs of ${images} pooled to 7×7, (1/n) Σ (f_t − f_t^lin)² ≤ C mean(y²) for T/8 ≤ t ≤ T = d ln d/η, first layer trained, with Tr Σ² estimated from the images; on training and on fresh images`,
    formula: String.raw`\frac1n \sum_{i=1}^n \bigl(f_t(x_i) - f^{\mathrm{lin}}_t(x_i)\bigr)^2 \le C\, \frac1n \sum_{i=1}^n y_i^2 \quad\text{for}\quad \frac T8 \le t \le T = \frac{d \ln d}\eta, \quad \nu^2 = \vartheta_1^2\, \frac{\widehat{\operatorname{Tr} \Sigma^2}}d`,
    source: { paper: 'hu2020', place: 'experiments on real data' },
    ...onImages(set),
    needs: ['twoLayer.train'],
    instances: byActivation(names, instancesOf),
    theory: { affine: (kernel) => kernel },
    passRate: { claimed: 0.99, broken: 0.7 },
    measure: async (instance, theory, laboratory) => {
      const problem = materialiseReal(set, instance);
      const { rows: n, columns: d } = problem.inputs;
      const gram = inputGram(problem.inputs);
      const { constants } = activation(instance.activation);
      const { spectralMoment } = examineData(problem.inputs, instance.width);
      const affine = affineKernel(constants, spectralMoment, d, layerWeights.first);
      // One direction dominates these spectra: at most half of the step at which descent of the linear model diverges.
      const step = Math.min(instance.relativeStep * d, n / spectralNorm(affineKernelMatrix(affine, problem.inputs, gram)).norm);
      const record = comparedSteps(Math.ceil((d * Math.log(d)) / step));
      const checked = await checkedTrajectory(problem, { first: step, second: 0 }, record, laboratory.subject);
      const model = { kernel: theory.affine(affine), step };
      return gapAgainst(problem, checked, record, model, () => 1, constants.theta1 === 0 ? 'odd' : 'biased', laboratory);
    },
    controls: [
      {
        id: 'no-slope',
        statement: 'the linear model of its bias feature alone',
        where: instancesOf(names),
        theory: { affine: (kernel) => ({ ...kernel, slope: 0 }) },
      },
    ],
  });

export const realData = realDataOf({
  id: 'hu2020/real-data',
  title: 'pairs of MNIST digits: network and linear model agree until T',
  set: 'mnist',
  images: 'MNIST digits',
});

export const realDataFashion = realDataOf({
  id: 'hu2020/real-data-fashion',
  title: 'pairs of Fashion-MNIST classes: network and linear model agree until T',
  set: 'fashion-mnist',
  images: 'classes of Fashion-MNIST',
});
