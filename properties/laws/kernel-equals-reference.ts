import { defineClaim } from '../../src/claim/define.js';
import { capable } from '../../src/models/capability.js';
import { referenceTangentKernel } from '../../src/models/two-layer/reference.js';
import { referenceSubject } from '../../src/subject/reference.js';
import { generalProblem, identity, jointBudget, largestRatio, layersOf, smallInstances, smoothInstances } from './lib/small.js';

export const kernelEqualsReference = defineClaim({
  id: 'laws/kernel-equals-reference',
  title: 'the tangent kernel equals the float64 reference',
  kind: 'identity',
  statement: 'the tangent kernel equals the float64 reference within the rounding of the subject',
  formula: String.raw`\hat\Theta = \Theta^{\text{float64}} \quad\text{within rounding}`,
  source: { paper: 'hu2020', place: 'kernels at initialization' },
  needs: ['twoLayer.tangentKernel'],
  instances: smallInstances,
  theory: { scale: 1 },
  measure: async (instance, { scale }, { subject }) => {
    const problem = generalProblem(instance);
    const layers = layersOf(instance);
    const kernel = await capable(subject, 'twoLayer', 'tangentKernel')(problem, layers);
    const reference = referenceTangentKernel(problem, layers);
    const scaled = { ...reference, data: reference.data.map((entry) => scale * entry) };
    const own = await jointBudget(problem, problem, subject, layers);
    const theirs = await jointBudget(problem, problem, referenceSubject, layers);
    const budget = { ...own, data: own.data.map((bound, k) => (bound + theirs.data[k]!) / 2) };
    const worst = largestRatio(kernel, scaled, budget);
    return identity(worst, {}, worst);
  },
  controls: [
    { id: 'one-per-mille', statement: 'a reference that is 0.1 % too large', where: smoothInstances, theory: { scale: 1.001 } },
  ],
});
