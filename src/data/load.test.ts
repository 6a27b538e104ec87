import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { npyBytes } from '../testing/npy.js';
import { loadData, matrixOf, vectorOf } from './load.js';

const load = (inputs: string, labels: string | null, samples: number | null, folder?: string) =>
  loadData({ inputs, labels: labels ?? undefined, samples, folder, seed: 42 });

const folder = mkdtempSync(join(tmpdir(), 'earlytime-'));
const save = (name: string, data: Float32Array, shape: number[]) => {
  const path = join(folder, name);
  writeFileSync(path, npyBytes(data, shape));
  return path;
};
const x = save('x.npy', Float32Array.from([1, 2, 3, 4, 5, 6]), [3, 2]);
const y = save('y.npy', Float32Array.from([1, -1, 1]), [3]);

describe('files', () => {
  it('are inputs with labels, or rows of them by the seed, of both classes', () => {
    expect(load(x, y, null)).toEqual({
      inputs: { rows: 3, columns: 2, data: Float32Array.from([1, 2, 3, 4, 5, 6]) },
      labels: Float32Array.from([1, -1, 1]),
      notes: [],
    });
    const sorted = Float32Array.from({ length: 1000 }, (_, i) => (i < 995 ? 1 : -1));
    const many = save(
      'many.npy',
      Float32Array.from({ length: 1000 }, (_, i) => i + 1),
      [1000, 1],
    );
    const drawn = load(many, save('sorted.npy', sorted, [1000]), 20);
    expect([...drawn.inputs.data]).not.toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(new Set(drawn.labels)).toEqual(new Set([1, -1]));
    expect([...drawn.labels!]).toEqual([...drawn.inputs.data].map((value) => (value <= 995 ? 1 : -1)));
    expect(drawn.notes).toEqual(['20 of 1000 rows, drawn at random']);
    expect(load(many, null, 20).inputs).toEqual(load(many, null, 20).inputs);
    expect(loadData({ inputs: many, samples: 20, seed: 7 }).inputs).not.toEqual(load(many, null, 20).inputs);
  });

  it('are two classes of many', () => {
    const digits = save('digits.npy', Float32Array.of(3, 8, 5), [3]);
    const of = (classes: [number, number]) => loadData({ inputs: x, labels: digits, classes, samples: null, seed: 1 });
    expect(of([8, 3])).toEqual({
      inputs: { rows: 2, columns: 2, data: Float32Array.of(1, 2, 3, 4) },
      labels: Float32Array.of(-1, 1),
      notes: [],
    });
    expect(() => of([3, 7])).toThrow(/no input has the label 7 that --classes names\n.*two of 3, 5 and 8/);
    expect(() => loadData({ inputs: x, classes: [1, 2], samples: null, seed: 1 })).toThrow(/labels, by --labels/);
  });

  it('are images, flattened, and labels of any dtype', () => {
    const images = join(folder, 'images.npy');
    writeFileSync(
      images,
      npyBytes(
        Int32Array.from({ length: 24 }, (_, i) => i + 1),
        [2, 3, 4],
        { descr: '<i4' },
      ),
    );
    const { inputs, notes } = load(images, null, null);
    expect([inputs.rows, inputs.columns, inputs.data[23]]).toEqual([2, 12, 24]);
    expect(notes).toEqual([`'${images}' is 2×3×4, taken as 2×12`]);
  });

  it('with text lead to labels in a column of their own', () => {
    const csv = join(folder, 'data.csv');
    writeFileSync(csv, 'a,class,b\n1,0,2\n3,1,4\n');
    expect(load(csv, null, null)).toMatchObject({
      labels: Float32Array.of(2, 4),
      notes: [`the last column of '${csv}', b, is taken for the labels`],
    });
    expect(loadData({ inputs: csv, labelColumn: 'class', samples: null, seed: 1 })).toEqual({
      inputs: { rows: 2, columns: 2, data: Float32Array.of(1, 2, 3, 4) },
      labels: Float32Array.of(0, 1),
      notes: [],
    });
    expect(loadData({ inputs: csv, labelColumn: '2', samples: null, seed: 1 }).labels).toEqual(Float32Array.of(0, 1));
    expect(() => loadData({ inputs: csv, labelColumn: 'z', samples: null, seed: 1 })).toThrow(
      /no column 'z'.*\n.*a, class and b/,
    );
    expect(() => loadData({ inputs: x, labelColumn: 'z', samples: null, seed: 1 })).toThrow(/--label-column does not go with/);
    expect(() => load('X.txt', null, null)).toThrow(/'X.txt' is no file of numbers.*\n.*\.npy, \.npz/);
  });

  it('are refused with the wrong shape, a zero row, or too many rows', () => {
    expect(() => load(y, null, null)).toThrow(
      /--inputs\) has the wrong shape\n {2}expected: two dimensions, rows × columns\n {2}found: \(3\)/,
    );
    expect(() => load(x, x, null)).toThrow(
      /--labels\) has the wrong shape\n {2}expected: \(3\) or \(3, 1\)\n {2}found: \(3, 2\)/,
    );
    expect(() => load(save('z.npy', Float32Array.from([1, 2, 0, 0]), [2, 2]), null, null)).toThrow(/row 1 of .* is zero/);
    const long = save('long.npy', new Float32Array(100_001).fill(1), [100_001, 1]);
    expect(() => load(long, null, null)).toThrow(/at most 100000\n {2}found: 100001.*--samples 100000/s);
    expect(load(long, null, 10).inputs.rows).toBe(10);
  });

  it('must fit into float32', () => {
    expect(() => matrixOf({ shape: [1, 2], data: Float64Array.from([1, 1e300]) }, 'x.npy', '--inputs')).toThrow(
      /overflows float32.*1e\+300 at position 1/s,
    );
    expect(() => matrixOf({ shape: [1, 2], data: Float64Array.from([1, 1e-50]) }, 'x.npy', '--inputs')).toThrow(
      /underflows float32.*1e-50 at position 1[\s\S]*scale the data up/s,
    );
  });

  it('must fit each other', () => {
    expect(() => matrixOf({ shape: [4, 3], data: new Float32Array(12) }, 'w.npy', '--first-layer', 2)).toThrow(
      /rows × 2 as the inputs have/,
    );
    expect(vectorOf({ shape: [3, 1], data: new Float64Array(3) }, 'v.npy', 3, '--second-layer')).toEqual(new Float32Array(3));
  });
});

describe('MNIST', () => {
  it('is centred, scaled to Tr Σ̂ = d, and labelled ±1', () => {
    const { inputs, labels } = load('mnist:3/8', null, 60);
    expect([inputs.rows, inputs.columns]).toEqual([60, 784]);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean([...inputs.data].map((value) => value ** 2))).toBeCloseTo(1, 5);
    const column = [...inputs.data].filter((_, k) => k % 784 === 400);
    expect(mean(column)).toBeCloseTo(0, 5);
    expect(new Set(labels)).toEqual(new Set([1, -1]));
  });

  it('takes 500 images unless told otherwise, and the digits in the order given', () => {
    expect(load('mnist:0/1', null, null).inputs.rows).toBe(500);
    const [a, b] = [load('mnist:0/1', null, 20), load('mnist:1/0', null, 20)];
    expect([...a.labels!]).toEqual([...b.labels!].map((label) => -label));
  });

  it.each(['mnist:3/3', 'mnist:3', 'mnist:a/b', 'imagenet:1/2'])('refuses %s', (name) => {
    expect(() => load(name, null, null)).toThrow(/unknown data set .*mnist:0\/1/s);
  });

  it('has labels of its own', () => {
    expect(() => load('mnist:0/1', y, null)).toThrow(/--labels does not go with/);
  });
});
