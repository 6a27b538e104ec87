import { describe, expect, it } from 'vitest';
import { claims } from '../../properties/index.js';
import { calibratedConstant } from '../claim/calibration.js';
import { type Claim, firstIndices, instanceAt, type Variant } from '../claim/claim.js';
import { marginOf } from '../judge/margin.js';
import { slopeOf } from '../math/statistics.js';
import type { Capability } from '../models/capability.js';
import type { Outcome } from '../record/outcome.js';
import { measureCase } from '../run/measure.js';
import { watching } from '../subject/watching.js';
import { openSubject } from './subjects.js';

/** Seeds that no calibration used. */
const SEED = 987_654;

/** How many cases of a claim and of a control are affordable in a test. */
function countsOf({ profile, kind }: Claim): { readonly own: number; readonly control: number } {
  if (profile === 'quick' && kind !== 'rate') return { own: 6, control: 4 };
  if (profile === 'quick') return { own: 2, control: 1 };
  return { own: 1, control: 1 };
}

/** What became of the first cases of a variant, on seeds of their own. */
async function outcomesOf({ id, needs }: Claim, variant: Variant, count: number): Promise<readonly Outcome[]> {
  const used = new Set<Capability>();
  const subject = watching((await openSubject('wasm'))!, (capability) => used.add(capability));
  const constant = (name: string) => calibratedConstant(id, name);
  const outcomes: Outcome[] = [];
  for (const index of firstIndices(variant, SEED, count)) {
    outcomes.push(await measureCase(variant, instanceAt(variant, SEED, String(index)), subject, constant));
  }
  // A claim says what it needs, no more and no less; outside the theorem nothing is asked.
  if (outcomes.some(({ status }) => status === 'measured')) expect([...used].sort()).toEqual([...needs].sort());
  return outcomes;
}

/** Measured cases that violate the claim; of a rate, ladders whose slope is above the claimed one, of an estimate cases beyond the tolerance of the mean. */
function violationsOf(claim: Claim, outcomes: readonly Outcome[]): number {
  return outcomes.filter((outcome) => {
    if (outcome.status !== 'measured') throw new Error(outcome.reason);
    const { measurement } = outcome;
    if (measurement.kind === 'rate') return slopeOf(measurement.points) > claim.rate!.slope;
    return measurement.kind === 'estimate' ? marginOf(measurement) > 1 : outcome.violation;
  }).length;
}

/** The claim itself does on fresh instances what is expected of it. */
async function expectExpected(claim: Claim): Promise<void> {
  const { own } = countsOf(claim);
  const outcomes = await outcomesOf(claim, claim.variants[0], own);
  if (claim.expected.verdict === 'inapplicable') {
    for (const { status } of outcomes) expect(status).toBe('inapplicable');
    return;
  }
  const margins = outcomes.flatMap((outcome) => (outcome.status === 'measured' ? [marginOf(outcome.measurement)] : []));
  if (claim.kind === 'estimate') {
    // Of a single case; the tolerance is 1.25 standard deviations at least.
    for (const margin of margins) expect(margin).toBeLessThan(5);
    return;
  }
  const violations = violationsOf(claim, outcomes);
  const refuted = claim.expected.verdict === 'refuted';
  if (claim.rate) {
    expect(margins.reduce((sum, slope) => sum + slope, 0) / margins.length > claim.rate.slope).toBe(refuted);
  } else if (refuted) expect(violations).toBeGreaterThanOrEqual(own / 2);
  // At the claimed pass rate of .99, two violations in six cases have probability 1.5e-3.
  else expect(violations).toBeLessThan(Math.min(2, own));
}

/** Every claim of a paper on a few fresh instances, and each of its controls; fewer of expensive ones, and none where one takes minutes. */
export function describePaper(paper: string): void {
  const own = claims.filter(({ id, profile }) => id.startsWith(`${paper}/`) && profile !== 'deep');
  describe.each(own.map((claim) => [claim.id, claim] as const))('%s', (_, claim) => {
    it(`${claim.expected.verdict} on fresh instances, as expected`, () => expectExpected(claim));

    // A theory that is nearly right shows in one stratum, after as many cases as a run has: its distance is held in registry.test.
    const controls = claim.variants.slice(1).filter(({ nearMiss }) => !nearMiss);
    it.each(controls.map((control) => [control.control!, control] as const))('refutes %s', async (_, control) => {
      const { control: count } = countsOf(claim);
      expect(violationsOf(claim, await outcomesOf(claim, control, count))).toBeGreaterThanOrEqual(count / 2);
    });
  });
}
