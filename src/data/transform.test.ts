import { expect, it } from 'vitest';
import { columnMeans, type Matrix32, matrix64 } from '../math/matrix.js';
import { stream } from '../math/random.js';
import { transformed } from './transform.js';

const none = { center: false, scale: false, whiten: false } as const;

/** Correlated inputs with a mean, of rank min(n, d). */
function drawn(n: number, d: number): Matrix32 {
  const random = stream('transform', n, d);
  const data = Float32Array.from({ length: n * d }, (_, k) => 3 + (1 + (k % d)) * random.gaussian());
  for (let i = 0; i < n; i++) data[i * d + 1] = data[i * d + 1]! + data[i * d]!;
  return { rows: n, columns: d, data };
}

/** (1/n) Σ x xᵀ. */
function secondMoments({ rows, columns, data }: Matrix32): number[][] {
  const entry = (a: number, b: number) =>
    Array.from({ length: rows }, (_, i) => data[i * columns + a]! * data[i * columns + b]!).reduce(
      (sum, value) => sum + value,
      0,
    ) / rows;
  return Array.from({ length: columns }, (_, a) => Array.from({ length: columns }, (_, b) => entry(a, b)));
}

it('leaves the inputs alone unless asked', () => {
  const inputs = drawn(6, 3);
  expect(transformed(inputs, none)).toEqual(inputs);
});

it('centres, and scales to ‖x‖² = d in the mean', () => {
  const inputs = transformed(drawn(50, 4), { ...none, center: true, scale: true });
  const wide = matrix64(50, 4, Float64Array.from(inputs.data));
  for (const mean of columnMeans(wide)) expect(mean).toBeCloseTo(0, 6);
  expect(wide.data.reduce((sum, value) => sum + value ** 2, 0) / 200).toBeCloseTo(1, 6);
});

it.each([
  [60, 5, true, 5],
  [60, 5, 2, 2],
  [6, 20, true, 5],
] as const)('whitens %i inputs of dimension %i into uncorrelated components of unit variance (%s)', (n, d, whiten, count) => {
  const inputs = transformed(drawn(n, d), { ...none, whiten });
  expect([inputs.rows, inputs.columns]).toEqual([n, count]);
  secondMoments(inputs).forEach((row, a) => {
    row.forEach((entry, b) => {
      expect(entry).toBeCloseTo(a === b ? 1 : 0, 4);
    });
  });
});

it('refuses more components than there are, or than can be computed', () => {
  expect(() => transformed(drawn(6, 20), { ...none, whiten: 6 })).toThrow(/have 5 principal components/);
  const large = { rows: 2001, columns: 2001, data: new Float32Array(2001 ** 2) };
  expect(() => transformed(large, { ...none, whiten: true })).toThrow(/at most 2000 rows or columns/);
});
