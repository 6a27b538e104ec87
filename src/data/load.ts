import type { Matrix32 } from '../math/matrix.js';
import { UsageError } from '../support/errors.js';
import { type NpyArray, readNpy } from '../support/npy.js';
import type { DataSet } from './data-set.js';
import { classPair } from './named.js';

/** Most inputs that are taken: every step of training goes over all of them. */
export const MOST_SAMPLES = 100_000;
/** Images taken of a named data set when the user does not say how many. */
const NAMED_SAMPLES = 500;

/**
 * The data that `--inputs` names: a .npy file n×d with `labels` (a .npy file of n), or two classes of a data set as in `mnist:0/1`, whose files may lie in
 * `folder`. `samples` takes the first so many rows.
 * @throws UsageError for unusable files or shapes, zero rows, or more inputs than 100,000.
 */
export function loadData(inputs: string, labels: string | null, samples: number | null, folder: string | null = null): DataSet {
  const named = /^([a-z0-9-]+):(.*)$/.exec(inputs);
  if (named && !inputs.endsWith('.npy')) {
    if (labels !== null)
      throw new UsageError({ problem: `--labels does not go with '${inputs}'`, expected: 'the labels of the data set, ±1' });
    return classPair(inputs, Math.min(samples ?? NAMED_SAMPLES, MOST_SAMPLES), folder);
  }
  if (folder !== null) {
    throw new UsageError({
      problem: `--data does not go with '${inputs}'`,
      expected: 'a named data set, as in cifar10:cat/horse',
    });
  }
  const all = matrixOf(readNpy(inputs), inputs, '--inputs');
  const values = labels === null ? null : vectorOf(readNpy(labels), labels, all.rows, '--labels');
  const rows = Math.min(samples ?? all.rows, all.rows);
  if (rows > MOST_SAMPLES) {
    throw new UsageError({
      problem: `'${inputs}' has too many rows`,
      expected: `at most ${MOST_SAMPLES}`,
      found: String(rows),
      hint: `use the first ones with --samples ${MOST_SAMPLES}`,
    });
  }
  const data = all.data.subarray(0, rows * all.columns);
  for (let i = 0; i < rows; i++) {
    if (data.subarray(i * all.columns, (i + 1) * all.columns).every((value) => value === 0)) {
      throw new UsageError({
        problem: `row ${i} of '${inputs}' is zero`,
        expected: 'inputs with a direction',
        hint: 'remove the row',
      });
    }
  }
  return { inputs: { rows, columns: all.columns, data }, labels: values?.subarray(0, rows) ?? null };
}

/** The numbers in float32. @throws UsageError when one overflows. */
function narrowed(data: NpyArray['data'], file: string, flag: string): Float32Array {
  const narrow = Float32Array.from(data);
  const bad = narrow.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return narrow;
  throw new UsageError({
    problem: `'${file}' (${flag}) overflows float32`,
    expected: 'numbers below 3.4e38',
    found: `${data[bad]} at position ${bad}`,
    hint: 'scale the data down',
  });
}

/** A two-dimensional array as a float32 matrix. @throws UsageError for another shape. */
export function matrixOf({ shape, data }: NpyArray, file: string, flag: string, columns?: number): Matrix32 {
  if (shape.length !== 2 || shape[0]! < 1 || shape[1]! < 1 || (columns !== undefined && shape[1] !== columns)) {
    const expected =
      columns === undefined ? 'two dimensions, rows × columns' : `two dimensions, rows × ${columns} as the inputs have`;
    throw new UsageError({ problem: `'${file}' (${flag}) has the wrong shape`, expected, found: `(${shape.join(', ')})` });
  }
  return { rows: shape[0]!, columns: shape[1]!, data: narrowed(data, file, flag) };
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
