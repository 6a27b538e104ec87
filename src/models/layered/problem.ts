import type { Matrix32 } from '../../math/matrix.js';
import { type Stream, stream } from '../../math/random.js';
import type { TwoLayerInstance } from '../two-layer/instances.js';
import { type Data, drawData } from '../two-layer/problem.js';
import type { ConvolutionalInstance, DeepInstance } from './instances.js';

/** Circular windows: along every axis of the grid of positions, position p sees p, p + 1, …, p + size − 1 modulo the axis. */
export interface Window {
  /** Positions along each axis; their product is P. */
  readonly grid: readonly number[];
  readonly size: number;
}

/**
 * A network of L hidden layers and a dense readout, f(x) = (1/√(P m)) Σ_{p,r} v_{p,r} H_L[p, r], on inputs of P positions with c channels, n×(P·c):
 * Z_l[p] = W_l · (channels of the q positions that p sees)/√(q c), H_l = φ(Z_l). One position and no windows: fully connected.
 */
export interface LayeredProblem extends Data {
  readonly activation: string;
  /** P. */
  readonly positions: number;
  readonly layers: readonly {
    /** m×(q·c). */
    readonly weights: Matrix32;
    /** Null: every position sees itself. */
    readonly window: Window | null;
  }[];
  /** v, P·m, position by position. */
  readonly readout: Float32Array;
  /** `difference`: training starts from f = 0, as (f_a − f_b)/√2 of two copies that start equal; `single`: this network alone. */
  readonly copies: 'difference' | 'single';
}

/** P of a grid. */
export function positionsOf(grid: readonly number[]): number {
  return grid.reduce((product, length) => product * length, 1);
}

/** The places of a window, as offsets along each axis, the last axis fastest. */
function placesOf({ grid, size }: Window): number[][] {
  return grid.reduce<number[][]>(
    (places) => places.flatMap((place) => Array.from({ length: size }, (_, k) => [...place, k])),
    [[]],
  );
}

/** For each position (the last axis fastest), the positions that it sees, one for each place. */
export function patchesOf(window: Window): number[][] {
  const { grid } = window;
  const positions = positionsOf(grid);
  const coordinates = (position: number) => {
    let rest = position;
    return grid
      .toReversed()
      .map((length) => {
        const coordinate = rest % length;
        rest = Math.floor(rest / length);
        return coordinate;
      })
      .reverse();
  };
  const places = placesOf(window);
  return Array.from({ length: positions }, (_, p) => {
    const at = coordinates(p);
    return places.map((place) =>
      at.reduce((index, coordinate, axis) => index * grid[axis]! + ((coordinate + place[axis]!) % grid[axis]!), 0),
    );
  });
}

/** A fully connected network of `depth` hidden layers of equal width, w ~ N(0,1), v = ±1, with its data. */
export function drawDeepProblem(instance: DeepInstance, freshSamples = 0): LayeredProblem {
  const windows = Array.from({ length: instance.depth }, () => null);
  return drawNetwork(instance, freshSamples, 1, windows);
}

/** A convolutional network with its data: one-dimensional on d positions of one channel, or on images; all windows circular. */
export function drawConvolutionalProblem(instance: ConvolutionalInstance, freshSamples = 0): LayeredProblem {
  const { geometry, filter, depth } = instance;
  const grid = geometry === 'line' ? [instance.inputDimension] : [geometry.side, geometry.side];
  const positions = positionsOf(grid);
  const windows = Array.from({ length: depth }, () => ({ grid, size: filter }));
  return drawNetwork(instance, freshSamples, positions, windows);
}

function drawNetwork(
  instance: TwoLayerInstance,
  freshSamples: number,
  positions: number,
  windows: readonly (Window | null)[],
): LayeredProblem {
  const { activation, initialization, seed } = instance;
  return {
    ...drawData(instance, freshSamples),
    activation,
    ...drawLayers({ ...instance, positions, windows }, stream(seed, 'weights')),
    copies: initialization === 'symmetric' ? 'difference' : 'single',
  };
}

/** Weights w ~ N(0,1) of the hidden layers, all of that width, and a readout v = ±1. */
export function drawLayers(
  {
    inputDimension,
    width,
    positions,
    windows,
  }: {
    readonly inputDimension: number;
    readonly width: number;
    readonly positions: number;
    readonly windows: readonly (Window | null)[];
  },
  random: Stream,
): Pick<LayeredProblem, 'positions' | 'layers' | 'readout'> {
  let channels = inputDimension / positions;
  const layers = windows.map((window) => {
    const weights = gaussianMatrix(width, (window ? window.size ** window.grid.length : 1) * channels, random);
    channels = width;
    return { weights, window };
  });
  return { positions, layers, readout: Float32Array.from({ length: positions * width }, () => random.sign()) };
}

function gaussianMatrix(rows: number, columns: number, random: Stream): Matrix32 {
  return { rows, columns, data: Float32Array.from({ length: rows * columns }, () => random.gaussian()) };
}
