import { defineClaim } from '../../src/claim/define.js';
import { capable } from '../../src/models/capability.js';
import type { TrainedLayers } from '../../src/models/two-layer/model.js';
import { productError } from '../../src/models/two-layer/roundoff.js';
import {
  generalProblem,
  type Instance,
  identity,
  jointBudget,
  largestRatio,
  layersOf,
  smallInstances,
  smoothInstances,
} from './lib/small.js';

interface Theory {
  readonly jacobianLayers: (layers: TrainedLayers) => TrainedLayers;
}

export const kernelEqualsJacobianGram = defineClaim<Instance, Theory>({
  id: 'laws/kernel-equals-jacobian-gram',
  title: 'the closed form of the tangent kernel is the Gram matrix of the Jacobian',
  kind: 'identity',
  statement: 'the closed form of the tangent kernel is the Gram matrix of the Jacobian',
  formula: String.raw`\begin{gathered} \Theta_1 = \tfrac1m \bigl(\varphi'(Z) \operatorname{diag} v\bigr) \bigl(\varphi'(Z) \operatorname{diag} v\bigr)^{\mathsf T} \circ \tfrac1d XX^{\mathsf T} = J_W J_W^{\mathsf T}, \quad \Theta_2 = \tfrac1m \varphi(Z) \varphi(Z)^{\mathsf T} = J_v J_v^{\mathsf T} \\ \Theta_1 + \Theta_2 = J_W J_W^{\mathsf T} + J_v J_v^{\mathsf T}, \quad Z = \tfrac1{\sqrt d} X W^{\mathsf T}, \quad J_p = \frac{\partial f(X)}{\partial p} \end{gathered}`,
  source: { paper: 'hu2020', place: 'definition of the tangent kernel' },
  needs: ['twoLayer.tangentKernel', 'twoLayer.tangentKernelByJacobian'],
  instances: smallInstances,
  theory: { jacobianLayers: (layers) => layers },
  measure: async (instance, { jacobianLayers }, { subject }) => {
    const problem = generalProblem(instance);
    const layers = layersOf(instance);
    const kernel = await capable(subject, 'twoLayer', 'tangentKernel')(problem, layers);
    const gram = await capable(subject, 'twoLayer', 'tangentKernelByJacobian')(problem, jacobianLayers(layers));
    const budget = await jointBudget(problem, problem, subject, layers);
    // The Gram matrix sums md products at once; Σ|a||b| ≤ √(Θ_ii Θ_jj).
    const longSum = productError(subject, problem.firstLayer.data.length);
    const n = kernel.rows;
    const diagonal = (i: number) => Math.abs(kernel.data[i * n + i]!);
    const data = budget.data.map((bound, k) => bound + longSum * Math.sqrt(diagonal(Math.floor(k / n)) * diagonal(k % n)));
    return identity(largestRatio(kernel, gram, { ...budget, data }));
  },
  controls: [
    {
      id: 'other-layers',
      statement: 'the Jacobian of the other layer, or of one layer where both are trained',
      where: smoothInstances,
      theory: { jacobianLayers: (layers) => (layers === 'first' ? 'second' : 'first') },
    },
  ],
});
