import { defineClaim } from '../../src/claim/define.js';
import { eigenvalues } from '../../src/linear-algebra/eigenvalues.js';
import { gram as gramOf, inputGram } from '../../src/linear-algebra/products.js';
import { toFloat64, transposed } from '../../src/math/matrix.js';
import { type TwoLayerSpace, twoLayerInstances } from '../../src/models/two-layer/instances.js';
import { drawProblem } from '../../src/models/two-layer/problem.js';
import { infiniteWidthAssumptions } from './lib/assumptions.js';
import { momentsOf } from './lib/terms.js';

const space: TwoLayerSpace = {
  inputDimension: [32, 80],
  samplesFactor: [2, 4],
  widthFactor: [1, 1],
  widthOf: () => 2,
  alpha: [0.1, 0.24],
  activations: ['relu'],
};

/**
 * The three scales, as Gaussian maxima: norms √(2κ s₂ ln(2n)/d) plus the subexponential 2S ln(2n)/d, inner products √(2 s₂ ln n²/d) plus
 * S ln n²/d, and S(1 + √(d/n))² for ‖XXᵀ‖/n, which is also at least S/2.
 */
export const concentration = defineClaim({
  id: 'hu2020/concentration',
  title: 'norms, inner products and spectrum of the inputs concentrate',
  kind: 'bound',
  statement: '‖x_i‖²/d = 1 ± Õ(1/√d), |⟨x_i, x_j⟩|/d = Õ(1/√d) for i ≠ j, and ‖XXᵀ‖ = Θ(n)',
  formula: String.raw`\frac{\lVert x_i \rVert^2}d = 1 \pm \tilde O\Bigl(\frac1{\sqrt d}\Bigr), \quad \frac{\lvert \langle x_i, x_j \rangle \rvert}d = \tilde O\Bigl(\frac1{\sqrt d}\Bigr) \;\text{ for } i \ne j, \quad \lVert XX^{\mathsf T} \rVert = \Theta(n)`,
  source: { paper: 'hu2020', place: 'concentration of the inputs' },
  assumptions: infiniteWidthAssumptions,
  instances: twoLayerInstances(space),
  measure: async (instance, _theory, laboratory) => {
    const { inputDimension: d, samples: n } = instance;
    const { largest, second, kurtosis } = momentsOf(instance);
    const { inputs } = drawProblem(instance);
    const gram = inputGram(inputs);
    let norm = 0;
    let product = 0;
    for (let i = 0; i < n; i++) {
      norm = Math.max(norm, Math.abs(gram.data[i * n + i]! - 1));
      for (let j = 0; j < i; j++) product = Math.max(product, Math.abs(gram.data[i * n + j]!));
    }
    const logarithm = Math.log(2 * n);
    const pairs = 2 * Math.log(n);
    // ‖XXᵀ‖ = ‖XᵀX‖, of which all d eigenvalues are at hand.
    const relativeNorm = eigenvalues(gramOf(transposed({ ...inputs, data: toFloat64(inputs.data) }))).at(-1)! / n;
    const ratios = {
      norms: norm / (Math.sqrt((2 * kurtosis * second * logarithm) / d) + (2 * largest * logarithm) / d),
      products: product / (Math.sqrt((2 * second * pairs) / d) + (largest * pairs) / d),
      upper: relativeNorm / (largest * (1 + Math.sqrt(d / n)) ** 2),
      lower: largest / 2 / relativeNorm,
    };
    return {
      observed: Math.max(...Object.values(ratios)),
      bound: laboratory.constant('all'),
      constant: 'all',
      quantities: ratios,
    };
  },
  controls: [
    { id: 'uncentred', statement: 'inputs (x + 1)/√2, which have a mean', where: twoLayerInstances({ ...space, mean: 1 }) },
    {
      id: 'heavy-tails',
      statement: 'inputs with a Student t₃ scale',
      where: twoLayerInstances({ ...space, laws: ['student-t3'] }),
    },
  ],
});
