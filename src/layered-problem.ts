import type { ConvolutionalInstance, DeepInstance, TwoLayerInstance } from './instance.js';
import type { Matrix32 } from './matrix.js';
import { type Data, drawData } from './problem.js';
import { type Stream, stream } from './random.js';

/** For each of P positions, the q positions that its patch holds; every position is in place k of exactly one patch. */
export type Patches = readonly (readonly number[])[];

/**
 * A network of L hidden layers and a dense readout, f(x) = (1/√(P m)) Σ_{p,r} v_{p,r} H_L[p, r], on inputs of P positions with c channels, n×(P·c):
 * Z_l[p] = W_l · (channels of the positions in patch p)/√(q c), H_l = φ(Z_l). One position and no patches: fully connected.
 */
export interface LayeredProblem extends Data {
  readonly activation: string;
  /** P. */
  readonly positions: number;
  readonly layers: readonly {
    /** m×(q·c). */
    readonly weights: Matrix32;
    /** Null: every position by itself. */
    readonly patches: Patches | null;
  }[];
  /** v, P·m, position by position. */
  readonly readout: Float32Array;
  /** `difference`: training starts from f = 0, as (f_a − f_b)/√2 of two copies that start equal; `single`: this network alone. */
  readonly copies: 'difference' | 'single';
}

/** The windows of a circular one-dimensional convolution: position p holds p, p + 1, …, p + q − 1 modulo P. */
export function circularPatches(positions: number, filter: number): Patches {
  return Array.from({ length: positions }, (_, p) => Array.from({ length: filter }, (_, k) => (p + k) % positions));
}

/** The square windows of a circular convolution on a side×side image, filter×filter each. */
export function circularImagePatches(side: number, filter: number): Patches {
  const place = (row: number, column: number) => (row % side) * side + (column % side);
  return Array.from({ length: side * side }, (_, p) =>
    Array.from({ length: filter * filter }, (_, k) =>
      place(Math.floor(p / side) + Math.floor(k / filter), (p % side) + (k % filter)),
    ),
  );
}

/** A fully connected network of `depth` hidden layers of equal width, w ~ N(0,1), v = ±1, with its data. */
export function materialiseDeep(instance: DeepInstance, freshSamples = 0): LayeredProblem {
  const patches = Array.from({ length: instance.depth }, () => null);
  return drawNetwork(instance, freshSamples, 1, patches);
}

/** A convolutional network with its data: one-dimensional on d positions of one channel, or on images; all windows circular. */
export function materialiseConvolutional(instance: ConvolutionalInstance, freshSamples = 0): LayeredProblem {
  const { geometry, filter, depth } = instance;
  const positions = geometry === 'line' ? instance.inputDimension : geometry.side ** 2;
  const patches = geometry === 'line' ? circularPatches(positions, filter) : circularImagePatches(geometry.side, filter);
  return drawNetwork(
    instance,
    freshSamples,
    positions,
    Array.from({ length: depth }, () => patches),
  );
}

function drawNetwork(
  instance: TwoLayerInstance,
  freshSamples: number,
  positions: number,
  patches: readonly (Patches | null)[],
): LayeredProblem {
  const { activation, width, inputDimension, initialization, seed } = instance;
  const random = stream(seed, 'weights');
  let channels = inputDimension / positions;
  return {
    ...drawData(instance, freshSamples),
    activation,
    positions,
    layers: patches.map((patchesOf) => {
      const weights = gaussianMatrix(width, (patchesOf ? patchesOf[0]!.length : 1) * channels, random);
      channels = width;
      return { weights, patches: patchesOf };
    }),
    readout: Float32Array.from({ length: positions * width }, () => random.sign()),
    copies: initialization === 'symmetric' ? 'difference' : 'single',
  };
}

function gaussianMatrix(rows: number, columns: number, random: Stream): Matrix32 {
  return { rows, columns, data: Float32Array.from({ length: rows * columns }, () => random.gaussian()) };
}
