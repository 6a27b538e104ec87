import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadData } from './load.js';

const load = (inputs: string, labels: string | null, samples: number | null, folder?: string) =>
  loadData({ inputs, labels: labels ?? undefined, samples, folder, seed: 42 });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'earlytime-data-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A record of CIFAR-10 whose pixels are the given function of channel, row and column. */
function record(label: number, pixel: (channel: number, row: number, column: number) => number): Buffer {
  const bytes = Buffer.alloc(3073);
  bytes[0] = label;
  for (let k = 0; k < 3072; k++) bytes[1 + k] = pixel(Math.floor(k / 1024), Math.floor((k % 1024) / 32), k % 32);
  return bytes;
}

const [CAT, DOG, HORSE] = [3, 5, 7];

it('reads the binary files of CIFAR-10, pooled to 8×8×3', () => {
  const first = record(CAT, (channel, row, column) => (channel === 2 && row >= 28 && column < 4 ? 16 : 0));
  const batches = [
    [first, record(DOG, () => 200)],
    [record(HORSE, () => 7), record(CAT, () => 9)],
  ];
  batches.forEach((records, k) => {
    writeFileSync(join(folder, `data_batch_${k + 1}.bin`), Buffer.concat(records));
  });
  const { inputs, labels } = load('cifar10:cat/horse', null, null, folder);
  expect([inputs.rows, inputs.columns]).toEqual([3, 192]);
  expect([...labels!]).toEqual([1, -1, 1]);
  // Row 7, column 0, channel 2 of the first image is the only pixel that its pooled image has; the mean over images is taken out.
  const pixel = (image: number, k: number) => inputs.data[image * 192 + k]!;
  const bright = 7 * 8 * 3 + 2;
  const [a, b] = [pixel(0, bright) - pixel(1, bright), pixel(0, 0) - pixel(1, 0)];
  expect(a / b).toBeCloseTo((16 - 7) / (0 - 7), 5);
  expect(load('cifar10:horse/cat', null, 2, folder).labels).toEqual(Float32Array.of(-1, 1));
});

it('refuses CIFAR-10 files that are missing or damaged', () => {
  expect(() => load('cifar10:cat/horse', null, null)).toThrow(/in no package[\s\S]*--data <folder>/);
  expect(() => load('cifar10:cat/horse', null, null, folder)).toThrow(/there is no data_batch_1.bin/);
  expect(() => load('cifar10:cat/cow', null, null, folder)).toThrow(/classes 'cat\/cow'; cifar10 has airplane/);
  writeFileSync(join(folder, 'data_batch_1.bin'), Buffer.alloc(100));
  expect(() => load('cifar10:cat/horse', null, null, folder)).toThrow(/data_batch_1.bin is damaged/);
  writeFileSync(
    join(folder, 'data_batch_1.bin'),
    record(DOG, () => 1),
  );
  expect(() => load('cifar10:cat/horse', null, null, folder)).toThrow(/too few images/);
});

it('reads Fashion-MNIST from a folder, gzipped or not', () => {
  const images = Buffer.alloc(16 + 3 * 4);
  [0x803, 3, 2, 2].forEach((value, k) => {
    images.writeUInt32BE(value, 4 * k);
  });
  for (let k = 0; k < 12; k++) images[16 + k] = k * k;
  const labels = Buffer.from([0, 0, 8, 1, 0, 0, 0, 3, 9, 0, 4]);
  writeFileSync(join(folder, 'train-images-idx3-ubyte.gz'), gzipSync(images));
  writeFileSync(join(folder, 'train-labels-idx1-ubyte'), labels);
  const { inputs, labels: signs } = load('fashion-mnist:0/9', null, null, folder);
  expect([inputs.rows, inputs.columns]).toEqual([2, 4]);
  expect([...signs!]).toEqual([-1, 1]);
  writeFileSync(join(folder, 'train-labels-idx1-ubyte'), images);
  expect(() => load('fashion-mnist:0/9', null, null, folder)).toThrow(/train-labels-idx1-ubyte is damaged/);
  expect(() => load('x.npy', null, null, folder)).toThrow(/--data does not go with/);
});

it('reads Fashion-MNIST from its package, the classes by turns', () => {
  const { inputs, labels } = load('fashion-mnist:9/0', null, 5);
  expect([inputs.rows, inputs.columns, [...labels!]]).toEqual([5, 784, [1, -1, 1, -1, 1]]);
});
