import { readFileSync } from 'node:fs';
import { messageOf, UsageError } from './errors.js';

/** A floating array from a .npy file, in row-major order. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

const MAGIC = '\u0093NUMPY';
/** Bytes before the header, and what both together are a multiple of. */
const PREAMBLE = 10;
const ALIGNMENT = 64;

/** How numbers of a dtype are read. */
interface Reader {
  readonly bytes: number;
  readonly read: (view: DataView, offset: number, littleEndian: boolean) => number;
  readonly array: typeof Float32Array | typeof Float64Array;
}

const floats: Readonly<Record<string, Reader>> = {
  f4: { bytes: 4, read: (view, offset, little) => view.getFloat32(offset, little), array: Float32Array },
  f8: { bytes: 8, read: (view, offset, little) => view.getFloat64(offset, little), array: Float64Array },
};

const others: Readonly<Record<string, Reader>> = {
  f2: { bytes: 2, read: (view, offset, little) => half(view.getUint16(offset, little)), array: Float32Array },
  b1: { bytes: 1, read: (view, offset) => view.getUint8(offset), array: Float64Array },
  u1: { bytes: 1, read: (view, offset) => view.getUint8(offset), array: Float64Array },
  i1: { bytes: 1, read: (view, offset) => view.getInt8(offset), array: Float64Array },
  u2: { bytes: 2, read: (view, offset, little) => view.getUint16(offset, little), array: Float64Array },
  i2: { bytes: 2, read: (view, offset, little) => view.getInt16(offset, little), array: Float64Array },
  u4: { bytes: 4, read: (view, offset, little) => view.getUint32(offset, little), array: Float64Array },
  i4: { bytes: 4, read: (view, offset, little) => view.getInt32(offset, little), array: Float64Array },
  u8: { bytes: 8, read: (view, offset, little) => Number(view.getBigUint64(offset, little)), array: Float64Array },
  i8: { bytes: 8, read: (view, offset, little) => Number(view.getBigInt64(offset, little)), array: Float64Array },
};

/** The number that 16 bits of IEEE 754 stand for. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 31, (bits & 1023) / 1024];
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * 2 ** -14 * fraction : sign * 2 ** (exponent - 15) * (1 + fraction);
}

/**
 * Reads a .npy file of float32 or float64 (NumPy format 1 to 3); Fortran order is turned into row-major order.
 * @throws UsageError when the file is missing, empty, truncated, not .npy, of another dtype, or holds NaN or infinity.
 */
export function readNpy(file: string): NpyArray {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new UsageError({
      problem: `'${file}' cannot be read`,
      expected: 'a .npy file',
      found: messageOf(cause),
      hint: 'check the path',
    });
  }
  return parseNpy(bytes, file, 'little-endian floats');
}

/** As `readNpy`, from bytes; `any numbers` are integers, truth values, float16 and big-endian ones, too. @throws UsageError as that does. */
export function parseNpy(bytes: Buffer, file: string, accepted: 'little-endian floats' | 'any numbers'): NpyArray {
  const complain = (problem: string, expected: string, found: string, hint: string): never => {
    throw new UsageError({ problem: `'${file}' ${problem}`, expected, found, hint });
  };
  const save = "write it with numpy.save(path, array.astype('float32'))";
  if (bytes.length < 12 || bytes.toString('latin1', 0, 6) !== MAGIC) {
    return complain(
      'is not a .npy file',
      'the bytes \\x93NUMPY at the start',
      bytes.length === 0 ? 'an empty file' : `${bytes.length} other bytes`,
      save,
    );
  }
  const wide = bytes[6]! >= 2;
  const start = wide ? 12 : 10;
  const end = start + (wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8));
  const header = bytes.toString('latin1', start, end);
  const descr = /'descr': *'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order': *(True|False)/.exec(header)?.[1];
  const dimensions = /'shape': *\(([^)]*)\)/.exec(header)?.[1];
  if (order === undefined || dimensions === undefined || end > bytes.length) {
    return complain(
      'has a damaged header',
      "a header with 'descr', 'fortran_order' and 'shape'",
      JSON.stringify(header.slice(0, 80)),
      save,
    );
  }
  const [, endianness, type] = /^([<>|=])(.*)$/.exec(descr ?? '') ?? [];
  const strict = accepted === 'little-endian floats';
  const reader = strict ? (endianness === '<' ? floats[type!] : undefined) : { ...floats, ...others }[type ?? ''];
  if (!reader) {
    const words = /^[USO]/.test(type ?? '');
    return complain(
      'has an unusable dtype',
      strict ? 'float32 or float64, little-endian' : 'numbers: floats, integers or truth values',
      descr ?? 'a structured dtype',
      words && !strict ? 'number the classes: numpy.unique(labels, return_inverse=True)[1]' : save,
    );
  }
  const shape = dimensions
    .split(',')
    .map((text) => text.trim())
    .filter(Boolean)
    .map(Number);
  const size = shape.reduce((product, length) => product * length, 1);
  if (bytes.length - end !== size * reader.bytes) {
    return complain(
      'is truncated or too long',
      `${size * reader.bytes} bytes of data for shape (${shape})`,
      `${bytes.length - end} bytes`,
      'write it again',
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + end);
  const data = new reader.array(size);
  const places = order === 'True' ? fortranPlaces(shape) : null;
  for (let k = 0; k < size; k++) {
    const value = reader.read(view, k * reader.bytes, endianness !== '>');
    if (!Number.isFinite(value))
      return complain('holds a number that is not finite', 'finite numbers', `${value} at position ${k}`, 'remove or impute it');
    data[places ? places(k) : k] = value;
  }
  return { shape, data };
}

/** Row-major place of the k-th element of a column-major array. */
function fortranPlaces(shape: readonly number[]): (k: number) => number {
  return (k) => {
    let rest = k;
    let place = 0;
    let stride = shape.reduce((product, length) => product * length, 1);
    for (const length of shape) {
      stride /= length;
      place += (rest % length) * stride;
      rest = Math.floor(rest / length);
    }
    return place;
  };
}

/** A .npy file (NumPy format 1.0, row-major) of that array. */
export function encodeNpy({ shape, data }: NpyArray): Buffer {
  const descr = data instanceof Float64Array ? '<f8' : '<f4';
  const sizes = shape.map((length) => `${length},`).join(' ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const header = `${text.padEnd(ALIGNMENT * Math.ceil((PREAMBLE + text.length + 1) / ALIGNMENT) - PREAMBLE - 1)}\n`;
  const preamble = Buffer.alloc(PREAMBLE);
  preamble.write(MAGIC, 'latin1');
  preamble.writeUInt8(1, 6);
  preamble.writeUInt16LE(header.length, 8);
  return Buffer.concat([preamble, Buffer.from(header, 'latin1'), Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}
