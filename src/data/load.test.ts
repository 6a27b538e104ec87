import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { npyBytes } from '../testing/npy.js';
import { loadData, matrixOf, vectorOf } from './load.js';

const folder = mkdtempSync(join(tmpdir(), 'earlytime-'));
const save = (name: string, data: Float32Array, shape: number[]) => {
  const path = join(folder, name);
  writeFileSync(path, npyBytes(data, shape));
  return path;
};
const x = save('x.npy', Float32Array.from([1, 2, 3, 4, 5, 6]), [3, 2]);
const y = save('y.npy', Float32Array.from([1, -1, 1]), [3]);

describe('files', () => {
  it('are inputs with labels, or the first rows of them', () => {
    expect(loadData(x, y, null)).toEqual({
      inputs: { rows: 3, columns: 2, data: Float32Array.from([1, 2, 3, 4, 5, 6]) },
      labels: Float32Array.from([1, -1, 1]),
    });
    expect(loadData(x, null, 2)).toEqual({
      inputs: { rows: 2, columns: 2, data: Float32Array.from([1, 2, 3, 4]) },
      labels: null,
    });
  });

  it('are refused with the wrong shape, a zero row, or too many rows', () => {
    expect(() => loadData(y, null, null)).toThrow(
      /--inputs\) has the wrong shape\n {2}expected: two dimensions, rows × columns\n {2}found: \(3\)/,
    );
    expect(() => loadData(x, x, null)).toThrow(
      /--labels\) has the wrong shape\n {2}expected: \(3\) or \(3, 1\)\n {2}found: \(3, 2\)/,
    );
    expect(() => loadData(save('z.npy', Float32Array.from([1, 2, 0, 0]), [2, 2]), null, null)).toThrow(/row 1 of .* is zero/);
    const long = save('long.npy', new Float32Array(100_001).fill(1), [100_001, 1]);
    expect(() => loadData(long, null, null)).toThrow(/at most 100000\n {2}found: 100001.*--samples 100000/s);
    expect(loadData(long, null, 10).inputs.rows).toBe(10);
  });

  it('must fit into float32', () => {
    expect(() => matrixOf({ shape: [1, 2], data: Float64Array.from([1, 1e300]) }, 'x.npy', '--inputs')).toThrow(
      /overflows float32.*1e\+300 at position 1/s,
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
    const { inputs, labels } = loadData('mnist:3/8', null, 60);
    expect([inputs.rows, inputs.columns]).toEqual([60, 784]);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean([...inputs.data].map((value) => value ** 2))).toBeCloseTo(1, 5);
    const column = [...inputs.data].filter((_, k) => k % 784 === 400);
    expect(mean(column)).toBeCloseTo(0, 5);
    expect(new Set(labels)).toEqual(new Set([1, -1]));
  });

  it('takes 500 images unless told otherwise, and the digits in the order given', () => {
    expect(loadData('mnist:0/1', null, null).inputs.rows).toBe(500);
    const [a, b] = [loadData('mnist:0/1', null, 20), loadData('mnist:1/0', null, 20)];
    expect([...a.labels!]).toEqual([...b.labels!].map((label) => -label));
  });

  it.each(['mnist:3/3', 'mnist:3', 'mnist:a/b', 'imagenet:1/2'])('refuses %s', (name) => {
    expect(() => loadData(name, null, null)).toThrow(/unknown data set .*mnist:0\/1/s);
  });

  it('has labels of its own', () => {
    expect(() => loadData('mnist:0/1', y, null)).toThrow(/--labels does not go with/);
  });
});
