import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { npyBytes } from '../testing/npy.js';
import { readNpy } from './npy.js';

const file = join(mkdtempSync(join(tmpdir(), 'earlytime-')), 'a.npy');
const write = (bytes: Buffer) => {
  writeFileSync(file, bytes);
  return file;
};
const values = Float32Array.from([1, 2, 3, 4, 5, 6]);

describe('a .npy file', () => {
  it('is read in float32 and float64, versions 1 and 2', () => {
    expect(readNpy(write(npyBytes(values, [2, 3])))).toEqual({ shape: [2, 3], data: values });
    expect(readNpy(write(npyBytes(values, [6], { version: 2 })))).toEqual({ shape: [6], data: values });
    expect(readNpy(write(npyBytes(Float64Array.from(values), [3, 2]))).data).toEqual(Float64Array.from(values));
  });

  it('is read in Fortran order', () => {
    const columns = Float32Array.from([1, 4, 2, 5, 3, 6]);
    expect(readNpy(write(npyBytes(columns, [2, 3], { fortran: true }))).data).toEqual(values);
  });

  it('keeps every value in either order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3 }), (a, b, c) => {
        const size = a * b * c;
        const columnMajor = new Float64Array(size);
        for (let i = 0; i < a; i++) {
          for (let j = 0; j < b; j++) for (let k = 0; k < c; k++) columnMajor[i + a * (j + b * k)] = (i * b + j) * c + k;
        }
        const { data } = readNpy(write(npyBytes(columnMajor, [a, b, c], { fortran: true })));
        expect([...data]).toEqual(Array.from({ length: size }, (_, index) => index));
      }),
    );
  });
});

describe('an unusable file is refused with what was expected and found:', () => {
  const whole = npyBytes(values, [2, 3]);
  it.each([
    ['empty', Buffer.alloc(0), /not a .npy file.*found: an empty file/s],
    ['other bytes', Buffer.from('PK\u0003\u0004 a zip archive'), /not a .npy file/],
    ['truncated', whole.subarray(0, whole.length - 3), /expected: 24 bytes of data for shape \(2,3\)\n {2}found: 21 bytes/],
    ['too long', Buffer.concat([whole, Buffer.alloc(4)]), /found: 28 bytes/],
    ['header cut', whole.subarray(0, 30), /damaged header/],
    ['integers', npyBytes(Int32Array.from([1]), [1], { descr: '<i4' }), /unusable dtype.*float32 or float64.*<i4.*astype/s],
    ['big-endian', npyBytes(values, [6], { descr: '>f4' }), />f4/],
    ['NaN', npyBytes(Float32Array.from([1, Number.NaN]), [2]), /not finite.*NaN at position 1/s],
    ['infinity', npyBytes(Float32Array.from([Number.POSITIVE_INFINITY]), [1]), /Infinity at position 0/],
  ])('%s', (_, bytes, message) => {
    expect(() => readNpy(write(bytes))).toThrow(message);
  });

  it('missing', () => {
    expect(() => readNpy('/nowhere/x.npy')).toThrow(/cannot be read.*check the path/s);
  });
});
