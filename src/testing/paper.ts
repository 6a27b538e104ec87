import { describe, expect, it } from 'vitest';
import { claims } from '../../properties/index.js';
import { calibratedConstant } from '../claim/calibration.js';
import { instanceAt } from '../claim/claim.js';
import { slopeOf } from '../judge/rate.js';
import { measureCase } from '../run/measure.js';
import { openSubject } from './subjects.js';

/** Seeds that no calibration used. */
const SEED = 987_654;

/** Every claim of a paper on a few fresh instances, and each of its controls; fewer of expensive ones, and none where one takes minutes. */
export function describePaper(paper: string): void {
  const own = claims.filter(({ id, profile }) => id.startsWith(`${paper}/`) && profile !== 'deep');
  describe.each(own.map((claim) => [claim.id, claim] as const))('%s', (id, claim) => {
    const constant = (name: string) => calibratedConstant(id, name);
    const cheap = claim.profile === 'quick' && claim.kind !== 'rate';
    const cases = cheap ? 6 : 2;
    const refuted = claim.expected.verdict === 'refuted';
    const outside = claim.expected.verdict === 'inapplicable';

    it(
      outside
        ? 'does not apply to fresh instances, as expected'
        : refuted
          ? 'is refuted on fresh instances, as expected'
          : 'passes on fresh instances',
      async () => {
        const subject = await openSubject('wasm');
        const [variant] = claim.variants;
        let violations = 0;
        const slopes: number[] = [];
        for (let index = 0; index < cases; index++) {
          const outcome = await measureCase(variant, instanceAt(variant, SEED, String(index)), subject!, constant);
          if (outside) {
            expect(outcome.status).toBe('inapplicable');
            continue;
          }
          if (outcome.status !== 'measured') throw new Error(outcome.reason);
          if (outcome.violation) violations++;
          if (outcome.measurement.kind === 'rate') slopes.push(slopeOf(outcome.measurement.points));
        }
        if (outside) return;
        const slope = slopes.reduce((sum, value) => sum + value, 0) / slopes.length;
        if (slopes.length > 0) expect(slope > claim.rate!.slope).toBe(refuted);
        // At the claimed pass rate of .99, two violations in six cases have probability 1.5e-3.
        else if (!refuted) expect(violations).toBeLessThan(2);
        else expect(violations).toBeGreaterThanOrEqual(cases / 2);
      },
    );

    it.each(claim.variants.slice(1).map((control) => [control.control!, control] as const))('refutes %s', async (_, control) => {
      const subject = await openSubject('wasm');
      const count = cheap ? 4 : claim.kind === 'rate' ? 1 : 2;
      let violations = 0;
      for (let index = 0; index < count; index++) {
        const outcome = await measureCase(control, instanceAt(control, SEED, String(index)), subject!, constant);
        if (outcome.status !== 'measured') throw new Error(outcome.reason);
        const { measurement } = outcome;
        const violates = measurement.kind === 'rate' ? slopeOf(measurement.points) > claim.rate!.slope : outcome.violation;
        if (violates) violations++;
      }
      expect(violations).toBeGreaterThanOrEqual(count / 2);
    });
  });
}
