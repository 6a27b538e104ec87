import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineClaim } from '../claim/define.js';
import { referenceSubject } from '../subject/reference.js';
import { InapplicableError } from '../support/errors.js';
import { criticalFactors } from './critical-factors.js';

interface Draw {
  readonly seed: number;
}

const draws = fc.record({ seed: fc.nat() });
/** A number that is 1, allowed to be half of itself off; cases of seed 1 are out of scope, 2 beyond any arithmetic, 3 broken. */
const claim = defineClaim<Draw, { readonly number: number; readonly other: number }>({
  id: 'paper/number',
  kind: 'bound',
  source: { paper: 'paper', place: 'there' },
  statement: 'a number is 1',
  assumptions: [{ statement: 'another seed than 1', holds: ({ seed }) => seed !== 1 }],
  instances: draws,
  theory: { number: 1, other: 1 },
  numbers: [
    { name: 'the number', scaled: (factor) => ({ number: factor }) },
    { name: 'another', scaled: (factor) => ({ other: factor }) },
  ],
  measure: async ({ seed }, { number }) => {
    if (seed === 2) throw new InapplicableError('no arithmetic carries it');
    if (seed === 3) throw new Error('broken');
    return { observed: Math.abs(number - 1), bound: 0.5 };
  },
  controls: [{ id: 'threefold', statement: 'it is 3', where: draws, theory: { number: 3 } }],
});
const at = (seed: number) => criticalFactors(claim, { seed }, referenceSubject, () => 1);

describe('critical factors', () => {
  it('are those at which the case first violates, upwards and downwards', async () => {
    const { measurement, critical } = (await at(0))!;
    expect(measurement).toMatchObject({ kind: 'bound', observed: 0, bound: 0.5 });
    const [up, down] = critical['the number']!;
    expect(up).toBeGreaterThan(1.5);
    expect(up).toBeLessThan(1.53);
    expect(down).toBeGreaterThan(2);
    expect(down).toBeLessThan(2.03);
    expect(critical.another).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });

  it('are none of a case that the claim does not judge; what is broken is said', async () => {
    expect([await at(1), await at(2)]).toEqual([null, null]);
    await expect(at(3)).rejects.toThrow('broken');
  });
});
