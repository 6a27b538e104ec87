import { defineClaim } from '../../src/claim/define.js';
import { capable } from '../../src/models/capability.js';
import { activations, twoLayerInstances } from '../../src/models/two-layer/instances.js';
import type { TwoLayerProblem } from '../../src/models/two-layer/problem.js';
import { referencePredict } from '../../src/models/two-layer/reference.js';
import { outputRoundoff } from '../../src/models/two-layer/roundoff.js';
import { referenceSubject } from '../../src/subject/reference.js';
import { generalProblem, identity, smallInstances, smallSpace, smoothInstances } from './lib/small.js';

export const predictEqualsReference = defineClaim({
  id: 'laws/predict-equals-reference',
  title: 'outputs equal the float64 reference',
  kind: 'identity',
  statement: 'the outputs of a network equal the float64 reference within the rounding of the subject',
  formula: String.raw`\hat f(x) = \frac1{\sqrt m}\, v^{\mathsf T} \varphi\!\left(\frac{W x}{\sqrt d}\right) \quad\text{within rounding}`,
  source: { paper: 'hu2020', place: 'set-up: the two-layer network in NTK parametrisation' },
  needs: ['twoLayer.predict'],
  instances: smallInstances,
  theory: { scale: 1, network: (problem: TwoLayerProblem) => problem },
  measure: async (instance, { scale, network }, { subject }) => {
    const problem = generalProblem(instance);
    const { freshInputs: inputs } = problem;
    const found = await capable(subject, 'twoLayer', 'predict')(problem, inputs);
    const expected = referencePredict(network(problem), inputs);
    const own = await outputRoundoff(problem, subject, inputs);
    const theirs = await outputRoundoff(problem, referenceSubject, inputs);
    const ratios = Array.from(expected, (output, i) => Math.abs(found[i]! - scale * output) / (own[i]! + theirs[i]!));
    const worst = Math.max(...ratios);
    return identity(worst, {}, worst);
  },
  controls: [
    { id: 'one-per-mille', statement: 'outputs that are 0.1 % larger', where: smoothInstances, theory: { scale: 1.001 } },
    {
      id: 'tanh',
      statement: 'tanh in place of every other activation',
      where: twoLayerInstances({ ...smallSpace, activations: activations.filter((name) => name !== 'tanh') }),
      theory: { network: (problem) => ({ ...problem, activation: 'tanh' }) },
    },
  ],
});
