import { defineClaim } from '../../src/claim/define.js';
import { stream } from '../../src/math/random.js';
import { capable } from '../../src/models/capability.js';
import type { TwoLayerProblem } from '../../src/models/two-layer/problem.js';
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
  /** Entry (i, j) of the permuted kernel is entry (π_i, π_j) of the kernel. */
  readonly index: (permutation: readonly number[], i: number) => number;
}

export const inputsPermute = defineClaim<Instance, Theory>({
  id: 'laws/inputs-permute',
  title: 'permuting the inputs permutes the tangent kernel',
  kind: 'identity',
  statement: 'permuting the inputs permutes the tangent kernel',
  formula: String.raw`\Theta(PX) = P\, \Theta(X)\, P^{\mathsf T} \quad\text{for permutations } P`,
  source: { paper: 'hu2020', place: 'definition of the tangent kernel' },
  needs: ['twoLayer.tangentKernel'],
  instances: smallInstances,
  theory: { index: (permutation, i) => permutation[i]! },
  measure: async (instance, { index }, { subject }) => {
    const problem = generalProblem(instance);
    const layers = layersOf(instance);
    const n = problem.inputs.rows;
    const permutation = permutationOf(n, instance.seed);
    const permuted = { ...problem, inputs: permutedRows(problem.inputs, permutation) };
    const kernel = await capable(subject, 'twoLayer', 'tangentKernel')(problem, layers);
    const image = await capable(subject, 'twoLayer', 'tangentKernel')(permuted, layers);
    const expected = image.data.map(
      (_, k) => kernel.data[index(permutation, Math.floor(k / n)) * n + index(permutation, k % n)]!,
    );
    return identity(largestRatio(image, { ...image, data: expected }, await jointBudget(permuted, permuted, subject, layers)));
  },
  controls: [
    { id: 'unpermuted', statement: 'the kernel stays as it was', where: smoothInstances, theory: { index: (_, i) => i } },
  ],
});

/** A permutation without fixed points where n ≥ 2: a random order, shifted by one place. */
function permutationOf(n: number, seed: number): number[] {
  const random = stream(seed, 'permutation');
  const order = Array.from({ length: n }, (_, i) => ({ i, key: random.uniform() })).sort((a, b) => a.key - b.key);
  const image = new Array<number>(n);
  order.forEach(({ i }, place) => {
    image[i] = order[(place + 1) % n]!.i;
  });
  return image;
}

function permutedRows(inputs: TwoLayerProblem['inputs'], permutation: readonly number[]): TwoLayerProblem['inputs'] {
  const { columns } = inputs;
  const data = new Float32Array(inputs.data.length);
  permutation.forEach((source, row) => {
    data.set(inputs.data.subarray(source * columns, (source + 1) * columns), row * columns);
  });
  return { ...inputs, data };
}
