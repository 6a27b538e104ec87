import fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import type { Instance } from '../../src/claim/claim.js';
import { defineClaim } from '../../src/claim/define.js';
import type { PackagedSet } from '../../src/data/named.js';
import { logarithmically, seeds } from '../../src/math/arbitraries.js';
import { type Matrix32, type Matrix64, rounded } from '../../src/math/matrix.js';
import { stream } from '../../src/math/random.js';
import type { GradientFlowProblem } from '../../src/models/gradient-flow/problem.js';
import { dimensionOf, drawImages, onImages } from '../lib/images.js';
import { FRESH, formula, measureRelu, type ReluTheory, statement, twoLayers } from './lib/relu.js';

/** Images of two classes, whitened, and a ReLU network. */
interface ImagesInstance extends Instance {
  readonly classes: readonly [number, number];
  readonly samples: number;
  readonly relativeSigma: number;
}

const WIDTH = 60;
const POOL = 4;
/** Images of a pair that samples are drawn from. */
const IMAGES = 1500;

/** X = √P U Vᵀ from the images' singular vectors: K = XXᵀ = P·I on them, by (XXᵀ)^{−1/2}X; fresh inputs Gaussian in their span. */
function imagesProblem(set: PackagedSet, { classes, samples, relativeSigma, seed }: ImagesInstance): GradientFlowProblem {
  const { pixels, labels } = drawImages({ set, classes, images: IMAGES, pool: POOL }, samples, stream(seed, 'images'));
  const d = dimensionOf(POOL);
  const images: Matrix64 = { rows: samples, columns: d, data: pixels };
  const whitened = whitenedRows(images);
  const random = stream(seed, 'fresh');
  const inputs = rounded(whitened);
  const fresh: Matrix32 = { rows: FRESH, columns: d, data: new Float32Array(FRESH * d) };
  for (let i = 0; i < FRESH; i++) {
    const draw = Float64Array.from({ length: samples }, () => random.gaussian() / Math.sqrt(samples));
    for (let k = 0; k < d; k++) {
      let sum = 0;
      for (let j = 0; j < samples; j++) sum += draw[j]! * whitened.data[j * d + k]!;
      fresh.data[i * d + k] = sum;
    }
  }
  return {
    activation: 'relu',
    inputs,
    labels: { rows: samples, columns: 1, data: labels },
    freshInputs: fresh,
    weights: twoLayers(d, WIDTH, relativeSigma, seed),
  };
}

/** Rows with the same span, orthogonal and of length √P, each as near its own as can be: √P (AAᵀ)^{−1/2} A, by Newton's iteration for the polar factor. */
function whitenedRows(images: Matrix64): Matrix64 {
  const { rows, columns } = images;
  let a = Matrix.from1DArray(rows, columns, images.data);
  a = a.div(a.norm('frobenius'));
  for (let round = 0; round < 60; round++) {
    const product = a.mmul(a.transpose());
    const next = Matrix.eye(rows).mul(1.5).sub(product.mul(0.5)).mmul(a);
    const change = Matrix.sub(next, a).norm('frobenius');
    a = next;
    if (change < 1e-13) break;
  }
  return { rows, columns, data: Float64Array.from(a.mul(Math.sqrt(rows)).to1DArray()) };
}

/** What sets the two claims apart. */
interface WhitenedImages {
  readonly id: string;
  readonly title: string;
  readonly set: PackagedSet;
  readonly images: string;
  readonly pairs: readonly (readonly [number, number])[];
}

function whitenedImages({ id, title, set, images, pairs }: WhitenedImages) {
  const instancesOf = (sigma: readonly [number, number]): fc.Arbitrary<ImagesInstance> =>
    fc.record({
      classes: fc.constantFrom(...pairs),
      samples: fc.integer({ min: 12, max: 24 }),
      relativeSigma: logarithmically(sigma),
      seed: seeds,
    });
  return defineClaim<ImagesInstance, ReluTheory>({
    id,
    title,
    profile: 'standard',
    kind: 'bound',
    statement: `${statement}; 12 to 24 whitened images of ${images} pooled to 7×7, 60 units, σ from 0.003 to 0.01, Gaussian inputs in the span of the images`,
    formula: String.raw`\begin{gathered} ${formula} \\ X = \sqrt P\, (A A^{\mathsf T})^{-1/2} A \;\text{ for images } A, \quad 12 \le P \le 24, \quad N = ${WIDTH}, \quad 0.003 \le \sigma \le 0.01 \end{gathered}`,
    source: { paper: 'atanasov2022', place: 'experiments on whitened MNIST' },
    ...onImages(set),
    needs: ['flow.integrate', 'flow.tangentKernel'],
    instances: instancesOf([0.003, 0.01]),
    theory: { kernel: 'final' },
    passRate: { claimed: 0.99, broken: 0.7 },
    measure: (instance, { kernel }, laboratory) => measureRelu(imagesProblem(set, instance), 1, kernel, laboratory),
    controls: [
      {
        id: 'initial-kernel',
        statement: 'the initial kernel as the predictor',
        where: instancesOf([0.003, 0.01]),
        theory: { kernel: 'initial' },
      },
      { id: 'large-sigma', statement: 'σ from 0.5 to 1', where: instancesOf([0.5, 1]) },
    ],
  });
}

export const digitsWhitened = whitenedImages({
  id: 'atanasov2022/real-data',
  title: 'ReLU on whitened MNIST 0/1',
  set: 'mnist',
  images: 'MNIST 0 and 1',
  pairs: [[0, 1]],
});

export const fashionWhitened = whitenedImages({
  id: 'atanasov2022/real-data-fashion',
  title: 'ReLU on two whitened classes of Fashion-MNIST',
  set: 'fashion-mnist',
  images: 'two classes of Fashion-MNIST',
  pairs: Array.from({ length: 10 }, (_, a) => Array.from({ length: 10 }, (_, b) => [a, b] as const))
    .flat()
    .filter(([a, b]) => a !== b),
});
