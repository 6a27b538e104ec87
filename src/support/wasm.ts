import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { MeasurementError } from './errors.js';
import { packageRoot } from './files.js';

// The part of the WebAssembly API that is used: TypeScript has it only with all that a browser has.
interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number; maximum: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: { env: { memory: WasmMemory } }) => { readonly exports: unknown };
};

const arrays = { float32: Float32Array, float64: Float64Array };
interface Arrays {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
}
export type Precision = keyof Arrays;

/** A matrix, row by row. */
interface Rows {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array | Float64Array;
}

/** The next multiple of a number: kernels take rows and columns by fours or eights. */
export function upTo(multiple: number, count: number): number {
  return Math.ceil(count / multiple) * multiple;
}

/** The memory of a module as a stack of numbers: what one computation puts there is gone when it returns. */
export interface Stack<P extends Precision> {
  /** Address of room for that many numbers, of whatever they were. */
  room(count: number): number;
  /** Address of a copy, with zeros up to `count` numbers. */
  put(data: Float32Array | Float64Array, count?: number): number;
  /** Address of a copy of a matrix with zeros up to the next `multiple` of rows and columns, in room of its own unless given. */
  putPadded(matrix: Rows, multiple: number, address?: number): number;
  /** A copy of that many numbers. */
  read(address: number, count: number): Arrays[P];
  /** A copy of a matrix without the columns after its own, up to the next `multiple`. */
  readPadded(address: number, rows: number, columns: number, multiple: number): Arrays[P];
  /** The numbers themselves, until the next `room` or `put`. */
  view(address: number, count: number): Arrays[P];
}

/** A module of numeric kernels that `npm run build` makes from AssemblyScript. */
export interface Kernels<E, P extends Precision> {
  /** A computation with its functions, over its memory. */
  run<T>(compute: (functions: E, stack: Stack<P>) => T): T;
}

const PAGE = 65_536;
/** A 32-bit address reaches no further. */
const MOST_PAGES = 65_536;
/** Every address is a multiple of this, that of a line of cache. */
const ALIGNMENT = 64;

/** The module of that precision in src/assembly, instantiated at its first use. Its bits are the same on every machine: plain SIMD. */
export function openKernels<E, P extends Precision>(precision: P): Kernels<E, P> {
  const bytes = arrays[precision].BYTES_PER_ELEMENT;
  const memory = new WebAssembly.Memory({ initial: 16, maximum: MOST_PAGES });
  let functions: (E & { stackStart(): number }) | undefined;
  let numbers = new arrays[precision](memory.buffer);
  let top = 0;

  function room(count: number): number {
    const address = top;
    // A module that counts beyond 2³¹ says a negative number.
    top += count >= 0 ? upTo(ALIGNMENT, count * bytes) : MOST_PAGES * PAGE;
    const missing = Math.ceil((top + ALIGNMENT - memory.buffer.byteLength) / PAGE);
    if (missing > 0) grow(missing);
    return address;
  }
  function grow(missing: number): void {
    const pages = memory.buffer.byteLength / PAGE;
    const most = MOST_PAGES - pages;
    try {
      memory.grow(missing > most ? missing : Math.min(Math.max(missing, pages), most));
    } catch {
      throw new MeasurementError({
        problem: 'a computation does not fit into the memory of WebAssembly',
        expected: 'at most 4 GiB',
        found: `${(top / 2 ** 30).toFixed(1)} GiB`,
        hint: 'take fewer inputs or units',
      });
    }
    numbers = new arrays[precision](memory.buffer);
  }
  const stack: Stack<P> = {
    room,
    put: (data, count = data.length) => {
      const address = room(count);
      const start = address / bytes;
      numbers.set(data, start);
      if (count > data.length) numbers.fill(0, start + data.length, start + count);
      return address;
    },
    putPadded: ({ rows, columns, data }, multiple, given) => {
      const ld = upTo(multiple, columns);
      const count = upTo(multiple, rows) * ld;
      const address = given ?? room(count);
      const start = address / bytes;
      numbers.fill(0, start, start + count);
      for (let i = 0; i < rows; i++) numbers.set(data.subarray(i * columns, (i + 1) * columns), start + i * ld);
      return address;
    },
    readPadded: (address, rows, columns, multiple) => {
      const ld = upTo(multiple, columns);
      const start = address / bytes;
      if (ld === columns) return numbers.slice(start, start + rows * columns) as Arrays[P];
      const result = new arrays[precision](rows * columns);
      for (let i = 0; i < rows; i++) result.set(numbers.subarray(start + i * ld, start + i * ld + columns), i * columns);
      return result as Arrays[P];
    },
    read: (address, count) => numbers.slice(address / bytes, address / bytes + count) as Arrays[P],
    view: (address, count) => numbers.subarray(address / bytes, address / bytes + count) as Arrays[P],
  };
  return {
    run: (compute) => {
      if (!functions) {
        functions = instantiate<E & { stackStart(): number }>(precision, memory);
        top = upTo(ALIGNMENT, functions.stackStart());
      }
      const before = top;
      try {
        return compute(functions, stack);
      } finally {
        top = before;
      }
    },
  };
}

function instantiate<E>(precision: Precision, memory: WasmMemory): E {
  const path = join(packageRoot, 'dist', 'src', 'assembly', `${precision}.wasm`);
  if (!existsSync(path)) {
    throw new MeasurementError({
      problem: `the numeric kernels are not built: ${relative('', path)} is missing`,
      hint: 'run npm run build, or install the package again',
    });
  }
  const module = new WebAssembly.Module(readFileSync(path));
  return new WebAssembly.Instance(module, { env: { memory } }).exports as E;
}
