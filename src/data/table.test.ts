import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { npyBytes } from '../testing/npy.js';
import { readTable } from './table.js';

const folder = mkdtempSync(join(tmpdir(), 'earlytime-'));
const save = (name: string, content: Buffer | Uint8Array | string) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

/** The .npy file of these bytes with that dtype. */
const typed = (descr: string, bytes: number[], length: number) =>
  Buffer.concat([npyBytes(new Float32Array(0), [length], { descr }), Buffer.from(bytes)]);

describe('an array', () => {
  it.each([
    ['|i1', [255, 1], [-1, 1]],
    ['|u1', [255, 1], [255, 1]],
    ['|b1', [1, 0], [1, 0]],
    ['<i2', [255, 255, 1, 0], [-1, 1]],
    ['>i2', [255, 255, 0, 1], [-1, 1]],
    ['<u2', [255, 255, 1, 0], [65535, 1]],
    ['>i4', [0, 0, 0, 1, 255, 255, 255, 255], [1, -1]],
    ['<u4', [1, 0, 0, 0], [1]],
    ['<i8', [255, 255, 255, 255, 255, 255, 255, 255], [-1]],
    ['>u8', [0, 0, 0, 0, 0, 0, 1, 0], [256]],
    ['<f2', [0, 60, 0, 192, 1, 0, 0, 52], [1, -2, 2 ** -24, 0.25]],
    ['>f4', [63, 128, 0, 0], [1]],
    ['>f8', [63, 240, 0, 0, 0, 0, 0, 0], [1]],
  ])('of dtype %s is read', (descr, bytes, numbers) => {
    const file = save('typed.npy', typed(descr, bytes, numbers.length));
    expect([...readTable(file).data]).toEqual(numbers);
  });

  it('of words, of NaN, or of other things is refused with what to do', () => {
    expect(() => readTable(save('words.npy', typed('<U1', [65, 0, 0, 0], 1)))).toThrow(/found: <U1\n.*numpy.unique\(labels/);
    expect(() => readTable(save('nan.npy', typed('<f2', [0, 126], 1)))).toThrow(/not finite/);
    expect(() => readTable(save('complex.npy', typed('<c8', [0, 0, 0, 0, 0, 0, 0, 0], 1)))).toThrow(
      /floats, integers or truth values/,
    );
  });

  it('is read from an archive, and from what gzip made', () => {
    const array = npyBytes(Float32Array.of(1, 2), [2]);
    const one = save('one.npz', zipSync({ 'X.npy': array }));
    const two = save('two.npz', zipSync({ 'X.npy': array, 'y.npy': npyBytes(Float32Array.of(3), [1]) }));
    expect([...readTable(one).data]).toEqual([1, 2]);
    expect([...readTable(`${two}:y`).data]).toEqual([3]);
    expect(() => readTable(two)).toThrow(/holds several arrays\n.*two.npz:X or .*two.npz:y/);
    expect(() => readTable(`${two}:z`)).toThrow(/holds no array 'z'/);
    expect(() => readTable(save('broken.npz', 'no archive'))).toThrow(/is damaged/);
    expect([...readTable(save('x.npy.gz', gzipSync(array))).data]).toEqual([1, 2]);
    expect(() => readTable(save('broken.npy.gz', 'no gzip'))).toThrow(/cannot be read/);
  });

  it('is not a pointer of git-LFS', () => {
    const pointer = save('lfs.npy', 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4\n');
    expect(() => readTable(pointer)).toThrow(/is a pointer of git-LFS.*\n.*git lfs pull/);
  });
});

describe('a table', () => {
  it('has names where its first row is no row of numbers', () => {
    expect(readTable(save('named.csv', 'a, b\n1,2\n3,-4e-1\n'))).toMatchObject({
      shape: [2, 2],
      names: ['a', 'b'],
      data: Float64Array.of(1, 2, 3, -0.4),
    });
    expect(readTable(save('bare.csv', '1;2\r\n3;4\r\n'))).toMatchObject({ shape: [2, 2], names: null });
    expect(readTable(save('packed.csv.gz', gzipSync('1\t2\n')))).toMatchObject({ shape: [1, 2], data: Float64Array.of(1, 2) });
  });

  it.each([
    ['words', 'a,b\n1,cat\n', /what is no number\n.*\n {2}found: 'cat' in row 2, column b/],
    ['gaps', '1,2\n3,\n', /found: '' in row 2, column 2/],
    ['rows of different lengths', '1,2\n3\n', /2 columns\n {2}found: 1 in row 2/],
    ['nothing', '', /holds no rows/],
    ['a header alone', 'a,b\n', /holds no rows/],
  ])('with %s is refused', (name, text, message) => {
    expect(() => readTable(save(`${name}.csv`, text))).toThrow(message);
  });
});
