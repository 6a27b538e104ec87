import { defineClaim } from '../../src/claim/define.js';
import { eigenvalues } from '../../src/linear-algebra/eigenvalues.js';
import { symmetric } from '../../src/math/matrix.js';
import { capable } from '../../src/models/capability.js';
import { kernelRoundoff } from '../../src/models/two-layer/roundoff.js';
import { generalProblem, identity, layersOf, smallInstances, smoothInstances } from './lib/small.js';

export const kernelSymmetricPositive = defineClaim({
  id: 'laws/kernel-symmetric-positive',
  title: 'the tangent kernel is symmetric and positive semidefinite',
  kind: 'identity',
  statement: 'the tangent kernel is symmetric and positive semidefinite',
  formula: String.raw`\Theta = \Theta^{\mathsf T} \succeq 0`,
  source: { paper: 'hu2020', place: 'tangent kernels are Gram matrices' },
  needs: ['twoLayer.tangentKernel'],
  instances: smallInstances,
  theory: { shift: 0 },
  measure: async (instance, { shift }, { subject }) => {
    const problem = generalProblem(instance);
    const layers = layersOf(instance);
    const { rows: n, data } = await capable(subject, 'twoLayer', 'tangentKernel')(problem, layers);
    const { entries, norm } = await kernelRoundoff(problem, subject, layers);
    let asymmetry = 0;
    let trace = 0;
    for (let i = 0; i < n; i++) {
      trace += data[i * n + i]!;
      for (let j = 0; j < i; j++) {
        asymmetry = Math.max(asymmetry, Math.abs(data[i * n + j]! - data[j * n + i]!) / (2 * entries.data[i * n + j]!));
      }
    }
    const shifted = symmetric(n, (i, j) => data[i * n + j]! - (i === j ? (shift * trace) / n : 0));
    const smallest = eigenvalues(shifted)[0]!;
    return identity(Math.max(asymmetry, -smallest / norm), { asymmetry, smallestEigenvalue: smallest });
  },
  controls: [
    {
      id: 'shifted',
      statement: 'the kernel less its mean eigenvalue, as positive semidefinite',
      where: smoothInstances,
      theory: { shift: 1.01 },
    },
  ],
});
