import { lossValue, type MarginLoss } from '../../src/math/margin-loss.js';
import { rowNorms } from '../../src/math/matrix.js';
import { trainingOfWeights } from '../../src/models/capability.js';
import type { NeuronProblem } from '../../src/models/relu-neurons/problem.js';
import type { StepSizes } from '../../src/models/two-layer/model.js';
import type { TwoLayerProblem } from '../../src/models/two-layer/problem.js';
import type { Subject } from '../../src/subject/subject.js';

/**
 * f = Σ_j v_j relu(w_j·x) as a network in our parametrisation, (1/√m) Σ v' relu(w'·x/√d): w' = √d w and v' = √m v. A step of η on w and v is one of η d on w' and
 * of η m on v'.
 */
export function asProblem(
  { inputs, labels }: Pick<TwoLayerProblem, 'inputs' | 'labels'>,
  weights: { readonly first: Float64Array; readonly second: Float64Array },
  loss: MarginLoss,
): TwoLayerProblem {
  const [d, m] = [inputs.columns, weights.second.length];
  return {
    activation: 'relu',
    inputs,
    labels,
    freshInputs: { rows: 0, columns: d, data: new Float32Array(0) },
    firstLayer: { rows: m, columns: d, data: Float32Array.from(weights.first, (w) => w * Math.sqrt(d)) },
    secondLayer: Float32Array.from(weights.second, (v) => v * Math.sqrt(m)),
    loss,
  };
}

/** The neurons of a problem, with that ln ε, as a network: balanced, or with v = ±1/√h. */
export function asNetwork(problem: NeuronProblem, logScale: number, balanced = true) {
  const { rows: h, columns: d } = problem.directions;
  const norms = problem.logNorms.map((logNorm) => Math.exp(logNorm + logScale));
  const first = Float64Array.from(problem.directions.data, (entry, k) => entry * norms[Math.floor(k / d)]!);
  const second = Float64Array.from(problem.signs, (sign, j) => sign * (balanced ? norms[j]! : 1 / Math.sqrt(h)));
  return {
    network: asProblem(problem, { first, second }, problem.loss),
    largestNorm: Math.max(...rowNorms(problem.inputs)),
  };
}

/** The loss relative to that of f = 0. */
export function relativeLoss(loss: MarginLoss, labels: Float32Array, outputs: ArrayLike<number>): number {
  const sum = labels.reduce((total, label, i) => total + lossValue(loss, label * outputs[i]!), 0);
  return sum / (labels.length * lossValue(loss, 0));
}

/** The problem after descent, and its outputs after the recorded steps. */
export async function descended(problem: TwoLayerProblem, steps: StepSizes, record: readonly number[], subject: Subject) {
  const { outputs, firstLayer, secondLayer } = await trainingOfWeights(subject)(problem, steps, record);
  const next: TwoLayerProblem = {
    ...problem,
    firstLayer: { ...problem.firstLayer, data: Float32Array.from(firstLayer) },
    secondLayer: Float32Array.from(secondLayer),
  };
  return { problem: next, outputs };
}
