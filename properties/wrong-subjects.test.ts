import { describe, expect, it } from 'vitest';
import { plainSubject } from '../fixtures/subjects/plain.js';
import { wrongSubjects } from '../fixtures/subjects/wrong.js';
import { findDefects } from '../src/audit/diagnose.js';
import { type Claim, instanceAt } from '../src/claim/claim.js';
import { offers } from '../src/models/capability.js';
import { measureCase } from '../src/run/measure.js';
import type { Subject } from '../src/subject/subject.js';
import { inProcess } from '../src/testing/in-process.js';
import { claims } from './index.js';

/** The laws that ask for methods which the protocol has. */
const served = inProcess(plainSubject('plain'));
const laws = claims.filter(
  ({ id, needs }) => id.startsWith('laws/') && needs.length > 0 && needs.every((need) => offers(served, need)),
);
const constant = () => 1;

/** Cases of the laws, one of each by turns, until one is violated or cannot be measured; null when none is. */
async function casesToCatch(subject: Subject, seed: number, rounds: number): Promise<{ cases: number; law: Claim } | null> {
  let cases = 0;
  for (let index = 0; index < rounds; index++) {
    for (const law of laws) {
      cases++;
      const [variant] = law.variants;
      const outcome = await measureCase(variant, instanceAt(variant, seed, String(index)), subject, constant);
      // A need is a method; what training gives besides, as the weights at its end, is seen when it is asked.
      if (outcome.status === 'unmeasured' && outcome.missing) continue;
      if (outcome.status === 'inapplicable' || (outcome.status === 'measured' && !outcome.violation)) continue;
      return { cases, law };
    }
  }
  return null;
}

it('every method of the protocol has a law that compares it with the reference', () => {
  const compared = laws.filter(({ id }) => id.endsWith('equals-reference')).flatMap(({ needs }) => needs);
  for (const { needs } of laws) for (const need of needs) expect(compared).toContain(need);
});

describe('wrong subjects', () => {
  it.each(wrongSubjects.map(({ subject }) => [subject.name, subject] as const))('%s is caught', async (name, served) => {
    const caught = await casesToCatch(inProcess(served), 11, 33);
    console.info(`${name}: caught by ${caught?.law.id} after ${caught?.cases} cases of ${laws.length} laws by turns`);
    expect(caught).not.toBeNull();
  });

  it.each(wrongSubjects.flatMap(({ subject, diagnosis }) => (diagnosis ? [[subject.name, subject, diagnosis] as const] : [])))(
    '%s is diagnosed',
    async (_, served, diagnosis) => {
      expect((await findDefects(inProcess(served))).join('\n')).toMatch(diagnosis);
    },
  );

  it.each(wrongSubjects.filter(({ diagnosis }) => !diagnosis).map(({ subject }) => [subject.name, subject] as const))(
    '%s has no known signature: the diagnosis says what is seen, or nothing',
    async (_, served) => {
      const findings = await findDefects(inProcess(served));
      for (const finding of findings) expect(finding).toMatch(/none of the known ones/);
    },
  );
});

it('a right subject passes on 50 different seeds, and no defect is found', async () => {
  const subject = inProcess(plainSubject('plain'));
  for (let seed = 0; seed < 50; seed++) expect(await casesToCatch(subject, seed, 1)).toBeNull();
  expect(await findDefects(subject)).toEqual([]);
});
