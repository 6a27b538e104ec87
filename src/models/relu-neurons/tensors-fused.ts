import { asMatrix, fused, lossNumbers } from '../../backend/float32.js';
import type { MarginLoss } from '../../math/margin-loss.js';
import { mostEvents, type NeuronStep } from './problem.js';

/** Float64 numbers as pairs of float32 numbers that add up to them, count×2. */
export function toPairs(numbers: Float64Array): Float32Array {
  const pairs = new Float32Array(2 * numbers.length);
  for (const [k, value] of numbers.entries()) {
    pairs[2 * k] = value;
    pairs[2 * k + 1] = value - pairs[2 * k]!;
  }
  return pairs;
}

export function fromPairs(pairs: Float32Array): Float64Array {
  return Float64Array.from({ length: pairs.length / 2 }, (_, k) => pairs[2 * k]! + pairs[2 * k + 1]!);
}

/** Rows and columns are taken by as many. */
const BLOCK = 4;

/** X n×d, y, s, u h×d, masks h×n, and as pairs g and the times of the last events. */
type Inputs = 'inputs' | 'labels' | 'signs' | 'directions' | 'masks' | 'logNorms' | 'lastChange';

/** Steps of the flow in one kernel: u, masks, g, the times of the last events, and the number of events against monotone activation. */
export const fusedNeurons = fused<Inputs, { loss: MarginLoss; logScale: number; time: number; steps: readonly NeuronStep[] }>(
  'ReluNeurons',
  (given, { loss, logScale, time, steps }, { neuronScratch, neuronSteps }, stack) => {
    const { inputs, labels, signs, directions, masks, logNorms, lastChange } = given;
    const [n, d] = inputs.shape as [number, number];
    const h = directions.shape[0]!;
    const [x, y, s] = [stack.putPadded(asMatrix(inputs), BLOCK), stack.put(labels.data), stack.put(signs.data)];
    const [u, active] = [stack.putPadded(asMatrix(directions), BLOCK), stack.put(masks.data)];
    const [norms, last] = [stack.put(logNorms.data), stack.put(lastChange.data)];
    const durations = toPairs(Float64Array.from(steps, ({ duration }) => duration));
    const plan = steps.flatMap(({ visible, eventFree }, k) => [
      durations[2 * k]!,
      durations[2 * k + 1]!,
      Number(visible),
      Number(eventFree),
    ]);
    const at = stack.put(Float32Array.from(plan));
    const scratch = stack.room(neuronScratch(n, d, h));
    const network = [n, d, h, x, y, s, lossNumbers[loss], logScale] as const;
    const violations = neuronSteps(...network, time, u, active, norms, last, steps.length, at, mostEvents(n), scratch);
    return [
      { shape: [h, d], data: stack.readPadded(u, h, d, BLOCK) },
      { shape: [h, n], data: stack.view(active, h * n) },
      { shape: [h, 2], data: stack.view(norms, 2 * h) },
      { shape: [h, 2], data: stack.view(last, 2 * h) },
      { shape: [1], data: Float32Array.of(violations) },
    ];
  },
);
