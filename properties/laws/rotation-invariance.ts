import { Matrix, QrDecomposition } from 'ml-matrix';
import { FLOAT32_ROUNDOFF } from '../../src/backend/roundoff.js';
import { defineClaim } from '../../src/claim/define.js';
import { toMatrix } from '../../src/linear-algebra/ml-matrix.js';
import type { Matrix32 } from '../../src/math/matrix.js';
import { stream } from '../../src/math/random.js';
import { capable } from '../../src/models/capability.js';
import type { Subject } from '../../src/subject/subject.js';
import { generalProblem, identity, jointBudget, largestRatio, layersOf, smallInstances, smoothInstances } from './lib/small.js';

export const rotationInvariance = defineClaim({
  id: 'laws/rotation-invariance',
  title: 'rotating the inputs and W together changes nothing',
  kind: 'identity',
  statement: 'rotating the inputs and W together changes nothing',
  formula: String.raw`\Theta(XQ, WQ) = \Theta(X, W) \quad\text{for}\quad Q^{\mathsf T} Q = I`,
  source: { paper: 'hu2020', place: 'set-up: the network depends on inputs through W x' },
  needs: ['twoLayer.tangentKernel'],
  instances: smallInstances,
  theory: { rotateWeights: true },
  measure: async (instance, { rotateWeights }, { subject }) => {
    const problem = generalProblem(instance);
    const layers = layersOf(instance);
    const rotation = rotationOf(instance.inputDimension, instance.seed);
    const rotated = {
      ...problem,
      inputs: rotatedRows(problem.inputs, rotation),
      firstLayer: rotateWeights ? rotatedRows(problem.firstLayer, rotation) : problem.firstLayer,
    };
    const kernel = await capable(subject, 'twoLayer', 'tangentKernel')(problem, layers);
    const image = await capable(subject, 'twoLayer', 'tangentKernel')(rotated, layers);
    // The rotated numbers are rounded to float32 once more: a rounding of inputs, whatever the subject's own arithmetic.
    const roundoff = { ...subject.roundoff, inputs: subject.roundoff.inputs + 2 * FLOAT32_ROUNDOFF };
    const rounding: Subject = { ...subject, roundoff };
    return identity(largestRatio(kernel, image, await jointBudget(problem, rotated, rounding, layers)));
  },
  controls: [
    { id: 'inputs-only', statement: 'rotating the inputs alone', where: smoothInstances, theory: { rotateWeights: false } },
  ],
});

/** A random orthogonal d×d matrix. */
function rotationOf(d: number, seed: number): Matrix {
  const random = stream(seed, 'rotation');
  return new QrDecomposition(
    Matrix.from1DArray(
      d,
      d,
      Array.from({ length: d * d }, () => random.gaussian()),
    ),
  ).orthogonalMatrix;
}

function rotatedRows(rows: Matrix32, rotation: Matrix): Matrix32 {
  return { ...rows, data: Float32Array.from(toMatrix(rows).mmul(rotation).to1DArray()) };
}
