import type { Matrix32 } from '../math/matrix.js';
import { stream } from '../math/random.js';
import { UsageError } from '../support/errors.js';
import type { NpyArray } from '../support/npy.js';
import { listed } from '../support/words.js';
import type { DataSet } from './data-set.js';
import { classPair } from './named.js';
import { FORMATS, isCsv, isFile, readTable, withoutColumn } from './table.js';

/** Most inputs that are taken: every step of training goes over all of them. */
export const MOST_SAMPLES = 100_000;
/** Images taken of a named data set when the user does not say how many. */
const NAMED_SAMPLES = 500;

/** A data set, and what a user should know of how it was read. */
export interface LoadedData extends DataSet {
  readonly notes: readonly string[];
}

export interface DataChoice {
  /** A file, or two classes of a known data set as in `mnist:0/1`. */
  readonly inputs: string;
  /** A file of the labels. */
  readonly labels?: string | undefined;
  /** The column of a .csv that holds the labels, by name or number; the last one unless named. */
  readonly labelColumn?: string | undefined;
  /** Labels of the rows to take, for 1 and −1; all rows unless given. */
  readonly classes?: readonly [number, number] | undefined;
  /** Rows to take; null for all of a file, 500 of a named data set. */
  readonly samples: number | null;
  /** Where the files of a named data set are. */
  readonly folder?: string | undefined;
  /** Which rows of a file are taken. */
  readonly seed: number;
}

/**
 * The data of a file (see `readTable`; images n×h×w and n×h×w×c become rows) with its labels, or of two classes of a data set. Fewer rows than there are
 * are drawn at random, of both classes where there are two.
 * @throws UsageError for unusable files or shapes, zero rows, or more inputs than 100,000.
 */
export function loadData({ inputs, labels, labelColumn, classes, samples, folder, seed }: DataChoice): LoadedData {
  if (!isFile(inputs)) {
    if (!inputs.includes(':'))
      throw new UsageError({
        problem: `'${inputs}' is no file of numbers`,
        expected: FORMATS,
        hint: 'or two classes as in mnist:0/1',
      });
    if (labels !== undefined || labelColumn !== undefined || classes !== undefined)
      throw new UsageError({ problem: `--labels does not go with '${inputs}'`, expected: 'the labels of the data set, ±1' });
    return { ...classPair(inputs, Math.min(samples ?? NAMED_SAMPLES, MOST_SAMPLES), folder ?? null), notes: [] };
  }
  if (folder !== undefined) {
    throw new UsageError({
      problem: `--data does not go with '${inputs}'`,
      expected: 'a named data set, as in cifar10:cat/horse',
    });
  }
  const notes: string[] = [];
  const table = readTable(inputs);
  let [found, given]: [NpyArray, NpyArray | null] = [table, null];
  if (labels !== undefined) {
    if (labelColumn !== undefined)
      throw new UsageError({ problem: '--labels and --label-column are two places', expected: 'one of them' });
    given = readTable(labels);
  } else if (isCsv(inputs)) {
    ({ inputs: found, labels: given } = withoutColumn(table, labelColumn ?? null, inputs));
    if (labelColumn === undefined)
      notes.push(`the last column of '${inputs}'${table.names ? `, ${table.names.at(-1)},` : ''} is taken for the labels`);
  } else if (labelColumn !== undefined) {
    throw new UsageError({ problem: `--label-column does not go with '${inputs}'`, expected: 'a .csv file' });
  }
  const { shape } = found;
  if (shape.length > 2 && shape.every((length) => length > 0)) {
    const columns = shape.slice(1).reduce((product, length) => product * length, 1);
    notes.push(`'${inputs}' is ${shape.join('×')}, taken as ${shape[0]}×${columns}`);
    found = { ...found, shape: [shape[0]!, columns] };
  }
  const all = shapeOf(found, inputs, '--inputs');
  const every = given === null ? null : vectorOf(given, labels ?? inputs, all.rows, '--labels');
  const candidates = classes ? ofClasses(every, classes) : Array.from({ length: all.rows }, (_, i) => i);
  const values = every && classes ? every.map((label) => (label === classes[0] ? 1 : -1)) : every;
  const rows = Math.min(samples ?? candidates.length, candidates.length);
  if (rows > MOST_SAMPLES) {
    throw new UsageError({
      problem: `'${inputs}' has too many rows`,
      expected: `at most ${MOST_SAMPLES}`,
      found: String(rows),
      hint: `draw some of them with --samples ${MOST_SAMPLES}`,
    });
  }
  const taken = drawnRows(candidates, rows, values, seed);
  if (rows < candidates.length) notes.push(`${rows} of ${candidates.length} rows, drawn at random`);
  const { columns } = all;
  const chosen = new Float64Array(rows * columns);
  taken.forEach((i, row) => {
    chosen.set(found.data.subarray(i * columns, (i + 1) * columns), row * columns);
  });
  const data = narrowed(chosen, inputs, '--inputs');
  for (const [row, i] of taken.entries()) {
    if (data.subarray(row * columns, (row + 1) * columns).every((value) => value === 0)) {
      throw new UsageError({
        problem: `row ${i} of '${inputs}' is zero`,
        expected: 'inputs with a direction',
        hint: 'remove the row',
      });
    }
  }
  return { inputs: { rows, columns, data }, labels: values && Float32Array.from(taken, (i) => values[i]!), notes };
}

/** The rows with one of two labels. @throws UsageError where one of them is missing. */
function ofClasses(labels: Float32Array | null, classes: readonly [number, number]): number[] {
  const missing = classes.find((label) => !labels?.includes(label));
  if (missing !== undefined) {
    const found = labels ? [...new Set(labels)].sort((a, b) => a - b).map(String) : [];
    throw new UsageError({
      problem: `no input has the label ${missing} that --classes names`,
      expected: labels ? `two of ${listed(found, 20)}` : 'labels, by --labels y.npy',
    });
  }
  return Array.from(labels!, (_, i) => i).filter((i) => classes.includes(labels![i]!));
}

/** So many of the rows, in ascending order; of two classes both. */
function drawnRows(rows: readonly number[], count: number, labels: Float32Array | null, seed: number): number[] {
  const order = [...rows];
  const all = order.length;
  if (count === all) return order;
  const random = stream(seed, 'rows');
  for (let k = 0; k < count; k++) {
    const other = k + Math.floor(random.uniform() * (all - k));
    [order[k], order[other]] = [order[other]!, order[k]!];
  }
  const taken = order.slice(0, count);
  if (labels && new Set(order.map((i) => labels[i])).size === 2 && count > 1) {
    const missing = order.slice(count).find((i) => taken.every((row) => labels[row] !== labels[i]));
    if (missing !== undefined) taken[count - 1] = missing;
  }
  return taken.sort((a, b) => a - b);
}

/** The least number that float32 holds with all its digits. */
const LEAST_NORMAL = 2 ** -126;

/** The numbers in float32. @throws UsageError when one overflows or underflows. */
function narrowed(data: NpyArray['data'], file: string, flag: string): Float32Array {
  const narrow = Float32Array.from(data);
  const large = narrow.findIndex((value) => !Number.isFinite(value));
  const small = data.findIndex((value) => value !== 0 && Math.abs(value) < LEAST_NORMAL);
  if (large < 0 && small < 0) return narrow;
  const bad = large < 0 ? small : large;
  throw new UsageError({
    problem: `'${file}' (${flag}) ${large < 0 ? 'underflows' : 'overflows'} float32`,
    expected: 'numbers between 1.2e-38 and 3.4e38, or 0',
    found: `${data[bad]} at position ${bad}`,
    hint: `scale the data ${large < 0 ? 'up' : 'down'}`,
  });
}

/** Rows and columns of a two-dimensional array. @throws UsageError for another shape. */
function shapeOf({ shape }: NpyArray, file: string, flag: string, columns?: number): Pick<Matrix32, 'rows' | 'columns'> {
  if (shape.length !== 2 || shape[0]! < 1 || shape[1]! < 1 || (columns !== undefined && shape[1] !== columns)) {
    const expected =
      columns === undefined ? 'two dimensions, rows × columns' : `two dimensions, rows × ${columns} as the inputs have`;
    throw new UsageError({ problem: `'${file}' (${flag}) has the wrong shape`, expected, found: `(${shape.join(', ')})` });
  }
  return { rows: shape[0]!, columns: shape[1]! };
}

/** A two-dimensional array as a float32 matrix. @throws UsageError for another shape. */
export function matrixOf(array: NpyArray, file: string, flag: string, columns?: number): Matrix32 {
  return { ...shapeOf(array, file, flag, columns), data: narrowed(array.data, file, flag) };
}

/** A vector of that length, n or n×1. @throws UsageError for another shape. */
export function vectorOf({ shape, data }: NpyArray, file: string, length: number, flag: string): Float32Array {
  const flat = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (!flat || shape[0] !== length) {
    throw new UsageError({
      problem: `'${file}' (${flag}) has the wrong shape`,
      expected: `(${length}) or (${length}, 1)`,
      found: `(${shape.join(', ')})`,
    });
  }
  return narrowed(data, file, flag);
}
