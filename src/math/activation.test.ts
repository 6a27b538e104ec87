import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { activations } from '../models/two-layer/instances.js';
import { activation } from './activation.js';

/** Midpoint rule on [−9, 9], with 0 between two nodes: independent of Gauss–Hermite, and right for kinks at 0 as well. */
function expectation(integrand: (g: number) => number): number {
  const intervals = 72_000;
  const step = 18 / intervals;
  let sum = 0;
  for (let k = 0; k < intervals; k++) {
    const g = -9 + (k + 0.5) * step;
    sum += integrand(g) * Math.exp((-g * g) / 2) * step;
  }
  return sum / Math.sqrt(2 * Math.PI);
}

describe.each([...activations, 'leaky-relu:-0.5'])('%s', (name) => {
  const { value, slope, constants, slopeBound, curvatureBound, thirdDerivativeBound, valueBound, negativeSlope } =
    activation(name);

  it('has the constants of an independent quadrature', () => {
    expect(constants.zeta).toBeCloseTo(expectation(slope), 6);
    expect(constants.theta1).toBeCloseTo(
      expectation((g) => g * slope(g)),
      6,
    );
    expect(constants.theta0).toBeCloseTo(expectation(value), 6);
    expect(constants.theta2).toBeCloseTo(
      expectation((g) => (g ** 3 / 2 - g) * slope(g)),
      6,
    );
    expect(constants.zetaPrime).toBeCloseTo(
      expectation((g) => (g * g - 1) * slope(g)),
      6,
    );
    expect(constants.slopeVariance).toBeCloseTo(expectation((g) => slope(g) ** 2) - expectation(slope) ** 2, 6);
    expect(constants.secondMoment).toBeCloseTo(
      expectation((g) => value(g) ** 2),
      6,
    );
  });

  it('has the derivative of its value, within its bounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: -8000, max: 8000 }), (k) => {
        const z = k / 1000 + 0.0005;
        const h = 1e-5;
        expect(slope(z)).toBeCloseTo((value(z + h) - value(z - h)) / (2 * h), 6);
        expect(Math.abs(slope(z))).toBeLessThanOrEqual(slopeBound * (1 + 1e-12));
        expect(Math.abs(value(z))).toBeLessThanOrEqual(valueBound);
        if (negativeSlope !== null) return;
        expect(Math.abs(slope(z + h) - slope(z - h)) / (2 * h)).toBeLessThanOrEqual(curvatureBound * (1 + 1e-6));
        const wide = 1e-3;
        const third = (slope(z + wide) - 2 * slope(z) + slope(z - wide)) / wide ** 2;
        expect(Math.abs(third)).toBeLessThanOrEqual(thirdDerivativeBound * (1 + 1e-5));
      }),
    );
  });
});

it('reproduces the printed constants', () => {
  expect(activation('erf').constants.zeta).toBeCloseTo(2 / Math.sqrt(3 * Math.PI), 12);
  expect(activation('tanh').constants.zeta).toBeCloseTo(0.605706, 6);
  expect(activation('gelu').constants).toMatchObject({ zeta: expect.closeTo(0.5, 6), theta1: expect.closeTo(0.423142, 6) });
  expect(activation('gelu').slopeBound).toBeCloseTo(1.128905, 5);
  expect(activation('softplus').constants.theta2).toBeCloseTo(0.072112, 6);
  expect(activation('erf').constants.theta1).toBe(0);
});

it.each(['swish', 'leaky-relu:', 'leaky-relu:x', 'leaky-relu:1', 'relu:0.1', ''])('refuses %j', (name) => {
  expect(() => activation(name)).toThrow(/unknown activation .*\n {2}expected: one of erf/s);
});
