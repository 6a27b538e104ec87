import { defineClaim } from '../../src/claim/define.js';
import { activation } from '../../src/math/activation.js';
import { largestDifference } from '../../src/math/matrix.js';
import { layerWeights } from '../../src/models/two-layer/model.js';
import { affineFeatures, affineKernel } from '../../src/theory/affine.js';
import { linearModelByDescent, linearModelInClosedForm } from '../../src/theory/linear-model.js';
import { generalProblem, identity, layersOf, smallInstances } from './lib/small.js';

const RECORD = [1, 2, 5, 20, 100];

export const linearModelClosedForm = defineClaim({
  id: 'laws/linear-model-closed-form',
  title: 'descent of the linear model follows its closed form',
  kind: 'identity',
  statement: 'gradient descent of the linear model follows its closed form (the float64 reference, whatever the subject)',
  formula: String.raw`\beta_{t+1} = \beta_t - \frac\eta n \Psi^{\mathsf T} (\Psi \beta_t - y), \quad \beta_0 = 0 \quad\Longrightarrow\quad \beta_t = \frac\eta n \sum_{\tau=0}^{t-1} \Bigl(I - \frac\eta n \Psi^{\mathsf T} \Psi\Bigr)^\tau \Psi^{\mathsf T} y`,
  source: { paper: 'hu2020', place: 'linear models' },
  instances: smallInstances,
  theory: { stepRatio: 1 },
  measure: async (instance, { stepRatio }) => {
    const { inputs, labels } = generalProblem(instance);
    const step = instance.relativeStep * instance.inputDimension;
    const kernel = affineKernel(
      activation(instance.activation).constants,
      1,
      instance.inputDimension,
      layerWeights[layersOf(instance)],
    );
    const features = affineFeatures(kernel, inputs);
    const descent = linearModelByDescent(features, labels, step, RECORD);
    const closed = linearModelInClosedForm(features, labels, step * stepRatio, RECORD);
    // Each step errs by (p + 4)u of its terms, n u of the Gram matrix, and descent in the stable range does not expand errors; the
    // eigen-decomposition is backward stable with the same order.
    const p = features.columns;
    const size = features.data.reduce((sum, entry) => sum + entry * entry, 0) / features.rows;
    const worst = RECORD.reduce((seen, t, k) => {
      const scale =
        Math.max(...closed[k]!.to1DArray().map(Math.abs), ...descent[k]!.to1DArray().map(Math.abs)) + step * Math.sqrt(size);
      const budget = 4 * t * (p + features.rows + 4) * (Number.EPSILON / 2) * (1 + step * size) * scale;
      return Math.max(seen, largestDifference(descent[k]!.to1DArray(), closed[k]!.to1DArray()) / budget);
    }, 0);
    return identity(worst);
  },
  controls: [{ id: 'doubled-step', statement: 'the closed form at 2η', where: smallInstances, theory: { stepRatio: 2 } }],
});
