import { type DenseMatrix, squaredNorm, toFloat64 } from '../../src/math/matrix.js';
import { bothClassesGrown, type NeuronProblem } from '../../src/models/relu-neurons/problem.js';
import { type NeuronFlow, neuronFlow } from '../../src/models/relu-neurons/reference.js';

/** The flow of neurons through alignment and into the fall of the loss. */
export function neuronFlowOf(problem: NeuronProblem): NeuronFlow {
  const flow = neuronFlow(problem);
  flow.run(200, bothClassesGrown(problem));
  return flow;
}

/** ‖A − B‖_F/‖B‖_F over all layers, the largest. */
export function largestRelative(found: readonly DenseMatrix[], wanted: readonly DenseMatrix[]): number {
  return Math.max(
    ...wanted.map((layer, l) => {
      const difference = toFloat64(found[l]!.data).map((entry, k) => entry - layer.data[k]!);
      return Math.sqrt(squaredNorm(difference) / squaredNorm(toFloat64(layer.data)));
    }),
  );
}
