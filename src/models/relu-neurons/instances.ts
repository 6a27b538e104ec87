import fc from 'fast-check';
import { evenly, logarithmically, seeds } from '../../math/arbitraries.js';
import type { MarginLoss } from '../../math/margin-loss.js';
import { dot, type Matrix32, type Matrix64, matrix64, squaredNorm, toFloat64 } from '../../math/matrix.js';
import { type Stream, stream } from '../../math/random.js';
import { type AlignmentConstants, alignmentConstants } from '../../theory/coherence.js';
import { drawStart, type NeuronProblem } from './problem.js';

/** A coherent data set of two classes and a balanced start of ReLU neurons, as plain JSON. */
export interface NeuronInstance {
  readonly seed: number;
  readonly samples: number;
  /** n_+, at least 1 and less than n. */
  readonly positives: number;
  readonly inputDimension: number;
  /** μ = min cos(y_i x_i, y_j x_j). */
  readonly coherence: number;
  readonly smallestNorm: number;
  /** X_max/X_min of the law of the norms. */
  readonly normRatio: number;
  readonly width: number;
  readonly loss: MarginLoss;
  /**
   * How small ε is: `given`, −ln ε itself; `theorem`, −ln ε in units of what the theorem's own condition on ε asks for; `lemma`, how far −ln ε is beyond
   * what the lemma on small norms asks for.
   */
  readonly scale: 'given' | 'theorem' | 'lemma';
  readonly smallness: number;
  /** The label of one point is flipped, so that μ < 0. */
  readonly flipped: boolean;
}

/** The part of the space that a claim draws from. */
export interface NeuronSpace {
  readonly coherence?: readonly [number, number];
  readonly samples?: readonly [number, number];
  readonly scale?: NeuronInstance['scale'];
  readonly smallness?: readonly [number, number];
  /** Draws ln(smallness) evenly. */
  readonly logarithmic?: boolean;
  readonly flipped?: boolean;
}

/** n = 3…10, d = 2…10, any class balance, μ from .05 to .6, norms within a factor of 4, 4…16 neurons; ε of the theorem unless a smallness is given. */
export function neuronInstances(space: NeuronSpace = {}): fc.Arbitrary<NeuronInstance> {
  const range = space.smallness ?? [1, 1.5];
  return fc
    .record({
      samples: fc.integer({ min: space.samples?.[0] ?? 3, max: space.samples?.[1] ?? 10 }),
      share: evenly([0, 1]),
      inputDimension: fc.integer({ min: 2, max: 10 }),
      coherence: logarithmically(space.coherence ?? [0.05, 0.6]),
      smallestNorm: logarithmically([0.3, 1]),
      normRatio: logarithmically([1, 4]),
      width: fc.integer({ min: 4, max: 16 }),
      loss: fc.constantFrom<MarginLoss>('exponential', 'logistic'),
      smallness: space.logarithmic ? logarithmically(range) : evenly(range),
      seed: seeds,
    })
    .map(({ share, ...rest }) => ({
      ...rest,
      positives: 1 + Math.min(rest.samples - 2, Math.floor(share * (rest.samples - 1))),
      scale: space.scale ?? 'theorem',
      flipped: space.flipped ?? false,
    }));
}

/** Whether both classes grow: a neuron of each sign activates an input of its sign at the start. */
export function growingStart({ inputs, labels, directions, signs }: NeuronProblem): boolean {
  const d = inputs.columns;
  const [x, u] = [toFloat64(inputs.data), toFloat64(directions.data)];
  const grows = (sign: number) =>
    signs.some((own, j) => own === sign && labels.some((label, i) => label === sign && dot(x, i * d, u, j * d, d) > 0));
  return grows(1) && grows(-1);
}

/** The same instances, but only those on which both classes grow. */
export function growingInstances(space: NeuronSpace): fc.Arbitrary<NeuronInstance> {
  return neuronInstances(space).filter((instance) => growingStart(drawNeuronProblem(instance)));
}

/** The problem of an instance, with its constants. */
export function drawNeuronProblem(instance: NeuronInstance): NeuronProblem {
  const { samples: n, positives, inputDimension, width, loss, flipped, seed } = instance;
  const labels = drawLabels(n, positives, stream(seed, 'labels'));
  const inputs = coherentInputs(instance, labels, stream(seed, 'inputs'));
  const start = drawStart(width, inputDimension, stream(seed, 'weights'));
  const problem = { inputs, labels, ...start, loss };
  const logScale = logScaleOf(instance, alignmentConstants(problem));
  if (!flipped) return { ...problem, logScale };
  // From the larger class, so that both remain; ε stays that of the coherent data.
  const larger = 2 * positives >= n ? 1 : -1;
  const which = labels.indexOf(larger);
  return { ...problem, labels: labels.map((label, i) => (i === which ? -label : label)), logScale };
}

function logScaleOf({ scale, smallness }: NeuronInstance, { largestLogScale, lemmaLogScale }: AlignmentConstants): number {
  if (scale === 'given') return -smallness;
  return scale === 'theorem' ? smallness * largestLogScale : Math.min(lemmaLogScale, 0) - smallness;
}

function drawLabels(n: number, positives: number, random: Stream): Float32Array {
  const order = Array.from({ length: n }, (_, i) => ({ i, key: random.uniform() })).sort((a, b) => a.key - b.key);
  const labels = new Float32Array(n).fill(-1);
  for (const { i } of order.slice(0, positives)) labels[i] = 1;
  return labels;
}

/**
 * Inputs n×d with min cos(y_i x_i, y_j x_j) = μ over i ≠ j: y_i x_i ∝ e + t g_i with a unit vector e, Gaussian g_i orthogonal to it and centred over i (so that some of them oppose each
 * other), and t by bisection; norms log-uniform.
 */
export function coherentInputs(
  {
    coherence,
    inputDimension: d,
    smallestNorm,
    normRatio,
  }: Pick<NeuronInstance, 'coherence' | 'inputDimension' | 'smallestNorm' | 'normRatio'>,
  labels: Float32Array,
  random: Stream,
): Matrix32 {
  const n = labels.length;
  const axis = unit(Float64Array.from({ length: d }, () => random.gaussian()));
  const spread = drawSpread(n, axis, random);
  const smallestCosine = (t: number) => {
    let smallest = 1;
    const size = (i: number) => 1 + t * t * squaredNorm(spread.data.subarray(i * d, (i + 1) * d));
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) {
        const product = 1 + t * t * dot(spread.data, i * d, spread.data, j * d, d);
        smallest = Math.min(smallest, product / Math.sqrt(size(i) * size(j)));
      }
    }
    return smallest;
  };
  let [low, high] = [0, 1];
  while (smallestCosine(high) > coherence) high *= 2;
  for (let halvings = 0; halvings < 80; halvings++) {
    const middle = (low + high) / 2;
    if (smallestCosine(middle) > coherence) low = middle;
    else high = middle;
  }
  const data = new Float32Array(n * d);
  for (let i = 0; i < n; i++) {
    const direction = unit(axis.map((entry, k) => entry + high * spread.data[i * d + k]!));
    const norm = smallestNorm * normRatio ** random.uniform();
    for (let k = 0; k < d; k++) data[i * d + k] = labels[i]! * norm * direction[k]!;
  }
  return { rows: n, columns: d, data };
}

/** Gaussian vectors orthogonal to the axis, with mean 0, none of them near 0. */
function drawSpread(n: number, axis: Float64Array, random: Stream): Matrix64 {
  const d = axis.length;
  for (;;) {
    const spread = matrix64(n, d);
    const mean = new Float64Array(d);
    for (let i = 0; i < n; i++) {
      const row = Float64Array.from({ length: d }, () => random.gaussian());
      const along = dot(row, 0, axis, 0, d);
      for (let k = 0; k < d; k++) {
        spread.data[i * d + k] = row[k]! - along * axis[k]!;
        mean[k] = mean[k]! + spread.data[i * d + k]! / n;
      }
    }
    for (let i = 0; i < n * d; i++) spread.data[i] = spread.data[i]! - mean[i % d]!;
    const lengths = Array.from({ length: n }, (_, i) => squaredNorm(spread.data.subarray(i * d, (i + 1) * d)));
    if (Math.min(...lengths) > 1e-6) return spread;
  }
}

function unit(vector: Float64Array): Float64Array {
  const length = Math.sqrt(squaredNorm(vector));
  return vector.map((entry) => entry / length);
}
