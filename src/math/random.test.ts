import { expect, it } from 'vitest';
import { seedOf, stream } from './random.js';

const draws = (count: number, draw: () => number) => Array.from({ length: count }, draw);

it('gives the same sequence for the same labels and another one for others', () => {
  const [a, b, c] = [stream(1, 'weights'), stream(1, 'weights'), stream(1, 'inputs')];
  expect(draws(5, a.gaussian)).toEqual(draws(5, b.gaussian));
  expect(draws(5, stream(1, 'weights').gaussian)).not.toEqual(draws(5, c.gaussian));
  expect(stream('a', 'b').uniform()).not.toBe(stream('ab').uniform());
});

it('draws Gaussians with the right moments and tails', () => {
  const count = 200_000;
  const values = draws(count, stream('moments').gaussian);
  const mean = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / count;
  // Five standard deviations of each mean.
  expect(Math.abs(mean(1))).toBeLessThan(5 * Math.sqrt(1 / count));
  expect(Math.abs(mean(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
  expect(Math.abs(mean(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / count));
  const beyondTwo = values.filter((value) => Math.abs(value) > 2).length / count;
  expect(Math.abs(beyondTwo - 0.0455)).toBeLessThan(5 * Math.sqrt(0.0455 / count));
  const lagged = values.slice(1).reduce((sum, value, k) => sum + value * values[k]!, 0) / count;
  expect(Math.abs(lagged)).toBeLessThan(5 / Math.sqrt(count));
});

it('draws fair signs', () => {
  const count = 100_000;
  const sum = draws(count, stream('signs').sign).reduce((total, value) => total + value, 0);
  expect(Math.abs(sum)).toBeLessThan(5 * Math.sqrt(count));
});

it('derives 32-bit seeds', () => {
  expect(seedOf(42, 'hu2020/x')).toBe(seedOf(42, 'hu2020/x'));
  expect(seedOf(42, 'hu2020/x')).not.toBe(seedOf(43, 'hu2020/x'));
  expect(Number.isInteger(seedOf(1))).toBe(true);
});
