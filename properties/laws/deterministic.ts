import { defineClaim } from '../../src/claim/define.js';
import { capable } from '../../src/models/capability.js';
import { outputRoundoff } from '../../src/models/two-layer/roundoff.js';
import { generalProblem, identity, jointBudget, largestRatio, layersOf, smallInstances, smoothInstances } from './lib/small.js';

export const deterministic = defineClaim({
  id: 'laws/deterministic',
  title: 'the same kernel asked for twice is the same within the rounding of the subject',
  kind: 'identity',
  statement: 'the same kernel asked for twice is the same within the rounding of the subject',
  formula: String.raw`\hat\Theta^{(1)} = \hat\Theta^{(2)} \quad\text{within rounding, for two evaluations of one kernel}`,
  source: { paper: 'hu2020', place: 'kernels at initialization: a function of inputs and weights' },
  needs: ['twoLayer.tangentKernel'],
  instances: smallInstances,
  theory: { sameWeights: true },
  measure: async (instance, { sameWeights }, { subject }) => {
    const problem = generalProblem(instance);
    const layers = layersOf(instance);
    const again = sameWeights
      ? problem
      : { ...problem, firstLayer: generalProblem({ ...instance, seed: instance.seed ^ 1 }).firstLayer };
    const kernelOf = capable(subject, 'twoLayer', 'tangentKernel');
    const [first, second] = [await kernelOf(problem, layers), await kernelOf(again, layers)];
    return identity(largestRatio(first, second, await jointBudget(problem, again, subject, layers)));
  },
  controls: [
    { id: 'other-weights', statement: 'other weights the second time', where: smoothInstances, theory: { sameWeights: false } },
  ],
});

export const batchIndependent = defineClaim({
  id: 'laws/batch-independent',
  title: 'the output on an input is the same whichever other inputs are asked for with it',
  kind: 'identity',
  statement: 'the output on an input is the same whichever other inputs are asked for with it',
  formula: String.raw`f(X)_i = f(x_i) \quad\text{for}\quad i = 1, \dots, n`,
  source: { paper: 'hu2020', place: 'set-up: f(x) is a function of x alone' },
  needs: ['twoLayer.predict'],
  instances: smallInstances,
  theory: { shift: 0 },
  measure: async (instance, { shift }, { subject }) => {
    const problem = generalProblem(instance);
    const { rows, columns, data } = problem.inputs;
    const predict = capable(subject, 'twoLayer', 'predict');
    const together = await predict(problem, problem.inputs);
    const budget = await outputRoundoff(problem, subject, problem.inputs);
    let worst = 0;
    for (let i = 0; i < rows; i++) {
      const [alone] = await predict(problem, { rows: 1, columns, data: data.slice(i * columns, (i + 1) * columns) });
      const other = (i + shift) % rows;
      worst = Math.max(worst, Math.abs(together[other]! - alone!) / (budget[i]! + budget[other]!));
    }
    return identity(worst);
  },
  controls: [{ id: 'next-input', statement: 'the output on the next input', where: smoothInstances, theory: { shift: 1 } }],
});
