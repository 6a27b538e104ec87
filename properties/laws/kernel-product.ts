import { defineClaim } from '../../src/claim/define.js';
import { stream } from '../../src/math/random.js';
import { capable } from '../../src/models/capability.js';
import { generalProblem, identity, jointBudget, layersOf, smallInstances, smoothInstances } from './lib/small.js';

export const kernelProduct = defineClaim({
  id: 'laws/kernel-product',
  title: 'the kernel–vector product equals the kernel times the vector',
  kind: 'identity',
  statement: 'the kernel–vector product equals the kernel times the vector',
  formula: String.raw`J (J^{\mathsf T} u) = \Theta u \quad\text{for}\quad u \in \mathbb R^n`,
  source: { paper: 'hu2020', place: 'definition of the tangent kernel' },
  needs: ['twoLayer.tangentKernel', 'twoLayer.tangentKernelProduct'],
  instances: smallInstances,
  theory: { sign: 1 },
  measure: async (instance, { sign }, { subject }) => {
    const problem = generalProblem(instance);
    const layers = layersOf(instance);
    const [n, d, m] = [instance.samples, instance.inputDimension, instance.width];
    const random = stream(instance.seed, 'vector');
    const vector = Float32Array.from({ length: n }, () => random.gaussian());
    const kernel = await capable(subject, 'twoLayer', 'tangentKernel')(problem, layers);
    const product = await capable(subject, 'twoLayer', 'tangentKernelProduct')(problem, layers, vector);
    const budget = await jointBudget(problem, problem, subject, layers);
    // The budget of an entry covers sums of m and of d terms; the product path sums over n as well.
    const longer = 1 + (n + d + m) / Math.min(m, d);
    let worst = 0;
    for (let i = 0; i < n; i++) {
      let expected = 0;
      let bound = 0;
      for (let j = 0; j < n; j++) {
        expected += kernel.data[i * n + j]! * vector[j]!;
        bound += longer * budget.data[i * n + j]! * Math.abs(vector[j]!);
      }
      worst = Math.max(worst, Math.abs(sign * product[i]! - expected) / bound);
    }
    return identity(worst);
  },
  controls: [{ id: 'negated', statement: 'the negative of the product', where: smoothInstances, theory: { sign: -1 } }],
});
