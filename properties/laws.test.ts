import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyOf } from '../src/claim/claim.js';
import { type Capability, offers } from '../src/models/capability.js';
import { measureCase } from '../src/run/measure.js';
import { watching } from '../src/subject/watching.js';
import { openSubject, subjectNames } from '../src/testing/subjects.js';
import { claims } from './index.js';

const laws = claims.filter(({ kind }) => kind === 'identity');
const RUNS = 12;

const constant = () => 1;

describe.each(subjectNames)('laws on %s', async (name) => {
  const subject = await openSubject(name);
  if (!subject) {
    it('is not available here, and says why', async () => {
      // These two need nothing but npm: refused, they compute wrongly.
      expect(['wasm', 'cpu']).not.toContain(name);
      const { openBackend } = await import('../src/backend/backend.js');
      await expect(openBackend(name as 'wasm')).rejects.toThrow(/what to do/);
    });
    return;
  }
  const applicable = laws.filter(({ needs }) => needs.every((need) => offers(subject, need)));

  it.each(applicable.map((law) => [law.id, law] as const))('%s', async (_, law) => {
    const used = new Set<Capability>();
    const opened = watching((await openSubject(name))!, (capability) => used.add(capability));
    const [variant] = law.variants;
    // Biased generation on purpose: corner cases are welcome where nothing is counted.
    const property = fc.asyncProperty(anyOf(variant), async (instance) => {
      const outcome = await measureCase(variant, instance, opened, constant);
      expect(outcome).toMatchObject({ status: 'measured', violation: false });
    });
    await fc.assert(property, { numRuns: RUNS, seed: 1 });
    expect([...used].sort()).toEqual([...law.needs].sort());
  });

  it.each(
    applicable.flatMap((law) =>
      law.variants.slice(1).map((control) => [`${law.id} refutes ${control.control}`, control] as const),
    ),
  )('%s', async (_, control) => {
    const opened = await openSubject(name);
    const instances = fc.sample(anyOf(control), { numRuns: RUNS, seed: 2 });
    let violations = 0;
    for (const instance of instances) {
      const outcome = await measureCase(control, instance, opened!, constant);
      if (outcome.status === 'measured' && outcome.violation) violations++;
    }
    expect(violations).toBeGreaterThanOrEqual(RUNS / 2);
  });
});
