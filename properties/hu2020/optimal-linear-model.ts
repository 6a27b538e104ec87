import { defineClaim } from '../../src/claim/define.js';
import { activation } from '../../src/math/activation.js';
import { stream } from '../../src/math/random.js';
import { checkedTrajectory, rootMeanSquareDifference } from '../../src/models/checked.js';
import { type TwoLayerInstance, type TwoLayerSpace, twoLayerInstances } from '../../src/models/two-layer/instances.js';
import { layerWeights } from '../../src/models/two-layer/model.js';
import { drawProblem } from '../../src/models/two-layer/problem.js';
import { meanSquareRoundoff } from '../../src/models/two-layer/roundoff.js';
import { type AffineKernel, affineFeatures, affineKernel } from '../../src/theory/affine.js';
import { leastSquares, linearOutputs } from '../../src/theory/linear-model.js';
import { byActivation } from '../lib/by-activation.js';
import { trainingAssumptions } from './lib/assumptions.js';
import { firstLayerTerms, momentsOf, sumOfTerms } from './lib/terms.js';
import { meanSquare } from './lib/training-gap.js';

const FRESH_SAMPLES = 128;
const space: TwoLayerSpace = {
  inputDimension: [16, 32],
  samplesFactor: [4, 8],
  widthFactor: [2, 4],
  alpha: [0.1, 0.24],
  spectra: ['isotropic'],
  relativeStep: [0.1, 0.2],
  activations: ['erf', 'tanh', 'relu', 'leaky-relu:0.2', 'gelu'],
};

interface OptimalTheory {
  /** Part of T at which training stops. */
  readonly part: number;
  readonly affine: (kernel: AffineKernel) => AffineKernel;
  /** The labels that the predictor fits. */
  readonly labels: (labels: Float32Array, instance: TwoLayerInstance) => Float32Array;
}

/** T = d ln d/(η ζ²) in steps: the time in which the linear model's slowest direction, of rate ζ²η/d, falls to 1/d. */
function optimalHorizon({ activation: name, inputDimension: d, relativeStep }: TwoLayerInstance): number {
  return Math.ceil(Math.log(d) / (relativeStep * activation(name).constants.zeta ** 2));
}

function shuffled(labels: Float32Array, { seed }: TwoLayerInstance): Float32Array {
  const random = stream(seed, 'other-labels');
  return labels.map((label) => label * random.sign());
}

export const optimalLinearModel = defineClaim<TwoLayerInstance, OptimalTheory>({
  id: 'hu2020/optimal-linear-model',
  title: 'at T = d ln d/(ηζ²) the network is near least squares in ψ₁',
  kind: 'bound',
  statement:
    'mean (f_T − f*)² ≤ C {(ln d · (T1 + … + T6)/ζ²)² mean(y²)/20 + mean(f*²) d^{−2(1 − √(d/n))²} + 4 ȳ² d^{−2ϑ₁²/ζ²}} at T = d ln d/(ηζ²), on training and on fresh inputs, f* the least-squares predictor in ψ₁ (without the last term where ϑ₁ = 0)',
  formula: String.raw`\begin{gathered} \frac1n \sum_{i=1}^n \bigl(f_T(x_i) - f^*(x_i)\bigr)^2 \le C \biggl\{ \Bigl(\frac{\ln d\, (T_1 + \dots + T_6)}{\zeta^2}\Bigr)^2 \frac1{20 n} \sum_{i=1}^n y_i^2 + \frac1n \sum_{i=1}^n f^*(x_i)^2\, d^{-2 (1 - \sqrt{d/n})^2} + 4\, \bar y^2\, d^{-2 \vartheta_1^2/\zeta^2} \biggr\} \\ \text{at}\quad T = \frac{d \ln d}{\eta \zeta^2}, \quad\text{without the last term where } \vartheta_1 = 0, \quad f^* = \langle \beta^*, \psi_1 \rangle, \quad \beta^* = \operatorname*{arg\,min}_\beta \sum_{i=1}^n \bigl(\langle \beta, \psi_1(x_i) \rangle - y_i\bigr)^2 \end{gathered}`,
  source: { paper: 'hu2020', place: 'corollary on the optimal linear model' },
  assumptions: trainingAssumptions,
  needs: ['twoLayer.train'],
  instances: byActivation(space.activations, (names) => twoLayerInstances({ ...space, activations: names })),
  theory: { part: 1, affine: (kernel) => kernel, labels: (labels) => labels },
  passRate: { claimed: 0.99, broken: 0.8 },
  measure: async (instance, theory, laboratory) => {
    const { activation: name, inputDimension: d, samples: n, relativeStep } = instance;
    const problem = drawProblem(instance, FRESH_SAMPLES);
    const last = Math.max(1, Math.round(theory.part * optimalHorizon(instance)));
    const steps = { first: relativeStep * d, second: 0 };
    const { trajectory, roundoff, rounding } = await checkedTrajectory(problem, steps, [last], laboratory.subject);
    const { constants } = activation(name);
    const kernel = theory.affine(affineKernel(constants, momentsOf(instance).second, d, layerWeights.first));
    const features = affineFeatures(kernel, problem.inputs);
    const beta = leastSquares(features, theory.labels(problem.labels, instance));
    const best = linearOutputs(features, beta);
    const gap = rootMeanSquareDifference(trajectory.outputs[0]!, best) ** 2;
    const freshBest = linearOutputs(affineFeatures(kernel, problem.freshInputs), beta);
    const freshGap = rootMeanSquareDifference(trajectory.freshOutputs[0]!, freshBest) ** 2;
    const { zeta, theta1 } = constants;
    const mean = problem.labels.reduce((sum, label) => sum + label, 0) / n;
    const kernelPart = ((Math.log(d) * sumOfTerms(firstLayerTerms(instance))) / zeta ** 2) ** 2 * meanSquare(problem.labels);
    const bestSize = best.reduce((sum, value) => sum + value ** 2, 0) / n;
    const slopePart = bestSize * d ** (-2 * (1 - Math.sqrt(d / n)) ** 2);
    const meanPart = theta1 === 0 ? 0 : 4 * mean ** 2 * d ** ((-2 * theta1 ** 2) / zeta ** 2);
    const form = kernelPart / 20 + slopePart + meanPart;
    const constant = theta1 === 0 ? 'odd' : 'biased';
    return {
      observed: Math.max(gap, freshGap) / form,
      bound: laboratory.constant(constant),
      roundoff:
        Math.max(meanSquareRoundoff(gap, roundoff.outputs[0]!), meanSquareRoundoff(freshGap, roundoff.freshOutputs[0]!)) / form,
      constant,
      quantities: { gap, freshGap, bestMeanSquare: bestSize, steps: last },
      rounding,
    };
  },
  controls: [
    {
      id: 'stopped-early',
      statement: 'training stopped at T/8',
      where: twoLayerInstances({ ...space, labels: ['teacher', 'biased-teacher', 'linear'] }),
      theory: { part: 1 / 8 },
    },
    {
      id: 'other-labels',
      statement: 'the predictor of labels with random signs',
      where: twoLayerInstances({ ...space, labels: ['teacher', 'biased-teacher', 'linear'] }),
      theory: { labels: shuffled },
    },
    {
      id: 'no-bias-feature',
      statement: 'the predictor without its constant feature, on constant labels',
      where: twoLayerInstances({ ...space, activations: ['relu', 'gelu'], labels: ['constant'] }),
      theory: { affine: (kernel) => ({ ...kernel, bias: 0 }) },
    },
  ],
});
