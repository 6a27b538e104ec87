import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BoundDefinition, defineClaim } from '../claim/define.js';
import { referenceSubject } from '../subject/reference.js';
import { calibrateClaim } from './calibrate.js';

const seeds = fc.record({ seed: fc.integer({ min: 0, max: 999 }) });
const common = {
  statement: 's',
  source: { paper: 'p', place: 'q' },
  assumptions: [],
  instances: seeds,
  theory: { factor: 1 },
  controls: [{ id: 'tenfold', statement: 'ten times', where: seeds, theory: { factor: 10 } }],
};
type Measure = BoundDefinition<{ seed: number }, { factor: number }>['measure'];
const measure: Measure = async ({ seed }, { factor }, { constant }) => ({
  kind: 'bound',
  observed: (factor * (seed + 1)) / 1000,
  bound: constant(seed % 2 ? 'odd' : 'even'),
  roundoff: 0,
  constant: seed % 2 ? 'odd' : 'even',
  quantities: {},
  rounding: null,
});
/** Observed is even over (0, 1]; the form of the bound is 1. */
const bound = defineClaim<{ seed: number }, { factor: number }>({
  ...common,
  id: 'p/bound',
  kind: 'bound',
  passRate: { claimed: 0.99, broken: 0.9 },
  measure,
});

describe('a calibration', () => {
  it('gives each constant 1.25 × the 99.5th percentile of observed/form, and how often controls violate', async () => {
    const entry = await calibrateClaim(bound, referenceSubject, { instances: 1200, seed: 5 });
    expect(Object.keys(entry.constants)).toEqual(['even', 'odd']);
    for (const constant of Object.values(entry.constants)) {
      if ('mean' in constant) throw new Error('expected the constant of a bound');
      const { value, percentile995, largest, instances } = constant;
      expect(value).toBeCloseTo(1.25 * percentile995, 3);
      // The 99.5th percentile of an even distribution over (0, 1], within five standard errors of 600 draws.
      expect(Math.abs(percentile995 - 0.995)).toBeLessThan(5 * Math.sqrt((0.995 * 0.005) / instances));
      expect(largest).toBeLessThanOrEqual(1);
      expect(instances).toBeGreaterThan(500);
    }
    // Ten times the even distribution violates above 1.25/10.
    expect(entry.controls.tenfold!.instances).toBe(60);
    expect(entry.controls.tenfold!.violationRate).toBeGreaterThan(0.7);
    expect(entry).toEqual(await calibrateClaim(bound, referenceSubject, { instances: 1200, seed: 5 }));
  });

  it('refuses too few instances at the first that names a constant', async () => {
    await expect(calibrateClaim(bound, referenceSubject, { instances: 100 })).rejects.toThrow(/at least 300 instances/);
    const some = { ...common, instances: seeds.map(({ seed }) => ({ seed: seed < 900 ? 2 * seed : 1 })) };
    const rare = defineClaim<{ seed: number }, { factor: number }>({
      ...some,
      id: 'p/rare',
      kind: 'bound',
      passRate: { claimed: 0.99, broken: 0.9 },
      measure,
    });
    await expect(calibrateClaim(rare, referenceSubject, { instances: 400 })).rejects.toThrow(
      /'odd' of p\/rare cannot be calibrated/,
    );
  });

  it('of a rate has no constant, and leaves out what is out of scope; what cannot be measured ends it', async () => {
    const rate = (value: (seed: number) => number) =>
      defineClaim<{ seed: number }, { factor: number }>({
        ...common,
        id: 'p/rate',
        kind: 'rate',
        slope: -0.5,
        ladder: [1, 2],
        measure: async ({ seed }, { factor }) => ({
          kind: 'rate',
          points: [1, 2].map((size) => ({ size, value: size ** (factor > 1 ? 0 : -1) * value(seed) })),
          rounding: null,
        }),
      });
    const entry = await calibrateClaim(
      rate(() => 1),
      referenceSubject,
    );
    expect([entry.constants, entry.controls.tenfold]).toEqual([{}, { violationRate: 1, instances: 12 }]);
    await expect(
      calibrateClaim(
        rate(() => Number.NaN),
        referenceSubject,
      ),
    ).rejects.toThrow(/p\/rate cannot be calibrated: .*not a finite number/);
  });
});
