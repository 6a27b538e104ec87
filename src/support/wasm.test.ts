import { expect, it } from 'vitest';
import { MeasurementError } from './errors.js';
import { openKernels } from './wasm.js';

interface Functions {
  matvec(a: number, n: number, k: number, x: number, y: number): void;
}
const kernels = openKernels<Functions, 'float64'>('float64');

it('the memory of a computation is a stack', () => {
  const first = kernels.run((_, stack) => {
    const outer = stack.put(Float64Array.of(1, 2), 4);
    const inner = kernels.run((__, deeper) => deeper.put(Float64Array.of(9)));
    expect(kernels.run((__, deeper) => deeper.room(1))).toBe(inner);
    expect([...stack.read(outer, 4)]).toEqual([1, 2, 0, 0]);
    return outer;
  });
  expect(kernels.run((_, stack) => stack.room(3))).toBe(first);
  expect(() =>
    kernels.run(() => {
      throw new Error('midway');
    }),
  ).toThrow('midway');
  expect(kernels.run((_, stack) => stack.room(3))).toBe(first);
});

it('grows, and says where it cannot', () => {
  const last = kernels.run(({ matvec }, stack) => {
    const n = 2500;
    const [a, x, y] = [stack.put(new Float64Array(n * n).fill(1)), stack.put(new Float64Array(n).fill(2)), stack.room(n)];
    matvec(a, n, n, x, y);
    return stack.read(y, n)[n - 1];
  });
  expect(last).toBe(5000);
  expect(() => kernels.run((_, stack) => stack.room(2 ** 30))).toThrow(MeasurementError);
  expect(kernels.run((_, stack) => stack.put(Float64Array.of(7)) > 0)).toBe(true);
});
