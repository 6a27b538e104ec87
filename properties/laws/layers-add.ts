import { defineClaim } from '../../src/claim/define.js';
import { capable } from '../../src/models/capability.js';
import { generalProblem, identity, jointBudget, largestRatio, smallInstances, smoothInstances } from './lib/small.js';

export const layersAdd = defineClaim({
  id: 'laws/layers-add',
  title: 'the kernel of both layers is the sum of the kernels of each',
  kind: 'identity',
  statement: 'the kernel of both layers is the sum of the kernels of each',
  formula: String.raw`\Theta = \Theta_1 + \Theta_2`,
  source: { paper: 'hu2020', place: 'kernels at initialization' },
  needs: ['twoLayer.tangentKernel'],
  instances: smallInstances,
  theory: { second: 'second' as 'first' | 'second' },
  measure: async (instance, { second }, { subject }) => {
    const problem = generalProblem(instance);
    const kernelOf = capable(subject, 'twoLayer', 'tangentKernel');
    const both = await kernelOf(problem, 'both');
    const [one, other] = [await kernelOf(problem, 'first'), await kernelOf(problem, second)];
    const sum = Float64Array.from(one.data, (entry, k) => entry + other.data[k]!);
    return identity(largestRatio(both, { ...both, data: sum }, await jointBudget(problem, problem, subject, 'both')));
  },
  controls: [
    { id: 'first-twice', statement: 'twice the kernel of the first layer', where: smoothInstances, theory: { second: 'first' } },
  ],
});
