import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import Papa from 'papaparse';
import { messageOf, UsageError } from '../support/errors.js';
import { type NpyArray, parseNpy } from '../support/npy.js';
import { listed } from '../support/words.js';

/** Numbers from a file, with the names of its columns where it has a header. */
export interface Table extends NpyArray {
  readonly names: readonly string[] | null;
}

/** Most bytes that a compressed file may unfold into: 100,000 rows of 10,000 float32. */
const MOST_BYTES = 4e9;
const LFS_POINTER = 'version https://git-lfs';
/** What can be read. */
export const FORMATS = '.npy, .npz as in data.npz:X, or .csv with numbers, each also as .gz';

/** Whether a name is one of a file, not of a known data set. */
export function isFile(name: string): boolean {
  return /\.(npy|npz(:.*)?|csv)(\.gz)?$/.test(name);
}

/** Whether a file is a table whose last column may be the labels. */
export function isCsv(name: string): boolean {
  return /\.csv(\.gz)?$/.test(name);
}

/**
 * The numbers of a .npy file (of any numeric dtype), of an array of an .npz archive (`file.npz:name`; its only one needs no name), or of a .csv file with or
 * without a header; all of them also compressed by gzip.
 * @throws UsageError for what is none of these, or holds anything but finite numbers.
 */
export function readTable(name: string): Table {
  const [, file, member] = /^(.*\.npz)(?::(.*))?$/.exec(name) ?? [null, name, undefined];
  const bytes = contentOf(file!);
  if (file!.endsWith('.npz')) return { ...archived(bytes, file!, member), names: null };
  if (isCsv(file!)) return parseCsv(bytes.toString('utf8'), file!);
  return { ...parseNpy(bytes, file!, 'any numbers'), names: null };
}

function contentOf(file: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
    if (file.endsWith('.gz')) bytes = gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch (cause) {
    throw new UsageError({
      problem: `'${file}' cannot be read`,
      expected: FORMATS,
      found: messageOf(cause),
      hint: 'check the path',
    });
  }
  if (bytes.subarray(0, LFS_POINTER.length).toString() === LFS_POINTER) {
    throw new UsageError({
      problem: `'${file}' is a pointer of git-LFS, not the file itself`,
      hint: `git lfs pull --include ${file}`,
    });
  }
  return bytes;
}

/** An array of an .npz archive. */
function archived(bytes: Buffer, file: string, member: string | undefined): NpyArray {
  const names: string[] = [];
  let found: Uint8Array | undefined;
  try {
    const wanted = (entry: string) => member === undefined || entry === `${member}.npy`;
    const files = unzipSync(bytes, {
      filter: ({ name: entry, originalSize }) => {
        names.push(entry.replace(/\.npy$/, ''));
        return wanted(entry) && originalSize <= MOST_BYTES;
      },
    });
    const entries = Object.values(files);
    if (entries.length === 1) found = entries[0];
  } catch (cause) {
    throw new UsageError({ problem: `'${file}' is damaged`, expected: 'what numpy.savez writes', found: messageOf(cause) });
  }
  if (found) return parseNpy(Buffer.from(found), `${file}:${member ?? names[0]}`, 'any numbers');
  throw new UsageError({
    problem: member === undefined ? `'${file}' holds several arrays` : `'${file}' holds no array '${member}'`,
    expected: names.map((name) => `${file}:${name}`).join(' or '),
  });
}

function parseCsv(text: string, file: string): Table {
  const { data: rows, errors } = Papa.parse<string[]>(text.trim(), { skipEmptyLines: true });
  const fault = errors.find(({ type }) => type !== 'Delimiter');
  if (fault) throw new UsageError({ problem: `'${file}' is no table`, found: `${fault.message} (row ${(fault.row ?? 0) + 1})` });
  const isNumber = (cell: string) => cell.trim() !== '' && Number.isFinite(Number(cell));
  const names = rows.length > 0 && !rows[0]!.every(isNumber) ? rows[0]!.map((cell) => cell.trim()) : null;
  const body = names ? rows.slice(1) : rows;
  if (body.length === 0)
    throw new UsageError({ problem: `'${file}' holds no rows`, expected: 'a row of numbers for each input' });
  const columns = body[0]!.length;
  const data = new Float64Array(body.length * columns);
  for (const [i, row] of body.entries()) {
    const line = i + (names ? 2 : 1);
    if (row.length !== columns) {
      const found = `${row.length} in row ${line}`;
      throw new UsageError({ problem: `'${file}' has rows of different lengths`, expected: `${columns} columns`, found });
    }
    for (const [k, cell] of row.entries()) {
      if (!isNumber(cell)) {
        throw new UsageError({
          problem: `'${file}' holds what is no number`,
          expected: 'finite numbers, in all columns',
          found: `'${cell.slice(0, 40)}' in row ${line}, column ${names?.[k] ?? k + 1}`,
          hint: 'number the classes, and fill in what is missing',
        });
      }
      data[i * columns + k] = Number(cell);
    }
  }
  return { shape: [body.length, columns], data, names };
}

/** The table without that column, which is named or numbered from 1 (null for the last one), and the column. @throws UsageError where there is none. */
export function withoutColumn(
  { shape, data, names }: Table,
  wanted: string | null,
  file: string,
): { inputs: NpyArray; labels: NpyArray } {
  const [rows, columns] = shape as [number, number];
  const byName = wanted === null ? columns - 1 : (names?.indexOf(wanted) ?? -1);
  const column = byName >= 0 ? byName : Number(wanted) - 1;
  if (!(Number.isInteger(column) && column >= 0 && column < columns && columns > 1)) {
    throw new UsageError({
      problem: `'${file}' has no column '${wanted}' beside others`,
      expected: names ? listed(names, 20) : `a number from 1 to ${columns}`,
      hint: 'choose with --label-column',
    });
  }
  const inputs = new Float64Array(rows * (columns - 1));
  const labels = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let at = i * (columns - 1);
    for (let k = 0; k < columns; k++) {
      if (k === column) labels[i] = data[i * columns + k]!;
      else inputs[at++] = data[i * columns + k]!;
    }
  }
  return { inputs: { shape: [rows, columns - 1], data: inputs }, labels: { shape: [rows], data: labels } };
}
