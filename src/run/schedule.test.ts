import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instanceAt, streamOf } from '../claim/claim.js';
import { defineClaim } from '../claim/define.js';
import { strata } from '../claim/strata.js';
import { trialOf } from '../judge/trial.js';
import { stream } from '../math/random.js';
import type { CaseRecord } from '../record/case-record.js';
import { boundOutcome } from '../testing/outcomes.js';
import { testProfile } from '../testing/profile.js';
import type { Workers } from './pool.js';
import { deliver, type Job, jobOf, runJobs } from './schedule.js';

const errors = { falseAlarm: 1e-4, falsePass: 1e-4 };

function claimNamed(id: string) {
  return defineClaim({
    id,
    kind: 'bound',
    statement: 's',
    source: { paper: 'p', place: 'q' },
    assumptions: [],
    instances: fc.record({ seed: fc.integer() }),
    theory: {},
    passRate: { claimed: 0.99, broken: 0.9 },
    measure: async () => {
      throw new Error('measured by the pool of the test');
    },
    controls: [{ id: 'wrong', statement: 'w', where: fc.record({ seed: fc.integer() }) }],
  });
}

const jobs = (): Job[] =>
  ['p/one', 'p/two'].flatMap((id) => {
    const claim = claimNamed(id);
    return claim.variants.map(({ control }) => jobOf(claim, control, 1, trialOf(claim, control, testProfile, errors)));
  });

const random = stream('order of arrival');

/** A pool whose cases end in random order: a control violates, a claim violates at index 5 and 11. */
function poolOf(size: number, order: () => number): Workers & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    size,
    subject: { kind: 'built-in', backend: 'wasm' },
    measure: async ({ claim, controls, draw }) => {
      const index = Number('path' in draw ? draw.path : Number.NaN);
      const [control] = controls;
      for (const each of controls) asked.push(`${claim} ${each} ${index}`);
      await new Promise((resolve) => setTimeout(resolve, order()));
      if (claim === 'p/two' && index === 7 && control === null) throw new Error('worker died');
      const measured = controls.map((each) => ({
        outcome: boundOutcome(each !== null || index === 5 || index === 11),
        seconds: 0.1,
      }));
      return { instance: { seed: index }, measured };
    },
  };
}

async function run(size: number, order: () => number, list = jobs(), stop = new AbortController().signal) {
  const records: CaseRecord[] = [];
  let updates = 0;
  const pool = poolOf(size, order);
  await runJobs(list, pool, { record: (record) => records.push(record), progress: () => updates++ }, stop);
  return { records, updates, asked: pool.asked, results: list.map(({ trial }) => trial.result()) };
}

/** A claim of three strata; the control takes every second case, the other draws its own. */
const shared = () => {
  const seeds = fc.record({ seed: fc.integer() });
  const claim = defineClaim({
    id: 'p/shared',
    kind: 'bound',
    statement: 's',
    source: { paper: 'p', place: 'q' },
    instances: strata('kind', ['a', 'b', 'c'], () => seeds),
    measure: async () => {
      throw new Error('measured by the pool of the test');
    },
    controls: [
      { id: 'wrong', statement: 'w', where: ({ seed }) => seed % 2 === 0 },
      { id: 'apart', statement: 'w', where: seeds },
    ],
  });
  return claim.variants.map((variant) =>
    jobOf(claim, variant.control, streamOf(variant) === '' ? 1 : 2, trialOf(claim, variant.control, testProfile, errors)),
  );
};

describe('shared cases', () => {
  it('are measured once for a claim and for the controls that take them, with any number of workers', async () => {
    const alone = await run(1, () => 0, shared());
    const crowd = await run(7, () => random.uniform() * 5, shared());
    const plain = ({ results }: typeof alone) =>
      results.map(({ test: _, strata: of, ...rest }) => [rest, of.map(({ result: { test: __, ...each } }) => each)]);
    expect(plain(crowd)).toEqual(plain(alone));
    const [own, wrong, apart] = alone.results;
    expect(own).toMatchObject({ decision: 'accept' });
    expect(wrong).toMatchObject({ decision: 'reject', cases: 4 });
    expect(apart).toMatchObject({ decision: 'reject', cases: 4 });
    const taken = alone.records.filter(({ control }) => control === 'wrong');
    for (const { index } of taken) {
      expect(alone.records.some((record) => record.control === null && record.index === index)).toBe(true);
      const [job] = shared();
      expect(job!.claim.variants[1]!.takes!(instanceAt(job!.variant, 1, String(index)))).toBe(true);
    }
  });

  it('are judged again from their records, in shards as in one run', async () => {
    const whole = await run(1, () => 0, shared());
    const records: CaseRecord[] = [];
    for (const index of [1, 2]) {
      const list = shared().map(({ claim, control, seed, trial }) => jobOf(claim, control, seed, trial, { index, of: 2 }));
      records.push(...(await run(3, () => random.uniform(), list)).records);
    }
    const merged = shared();
    for (const record of records) deliver(merged.find(({ control }) => control === record.control)!, record);
    const decided = (list: readonly Job[]) => list.map(({ trial }) => [trial.result().decision, trial.result().cases]);
    expect(decided(merged)).toEqual(whole.results.map(({ decision, cases }) => [decision, cases]));
  });
});

describe('a run', () => {
  it('gives the same results for any number of workers and any order of arrival', async () => {
    const alone = await run(1, () => 0);
    const crowd = await run(7, () => random.uniform() * 5);
    expect(crowd.results.map(({ test: _, ...rest }) => rest)).toEqual(alone.results.map(({ test: _, ...rest }) => rest));
    expect(alone.results[0]).toMatchObject({ decision: 'accept', violations: 2 });
    expect(alone.results[1]).toMatchObject({ decision: 'reject', cases: 4 });
  });

  it('measures no case twice, and with one worker none that it does not need', async () => {
    const { asked, records, results, updates } = await run(1, () => 0);
    expect(new Set(asked).size).toBe(asked.length);
    const needed = results.reduce((sum, { cases, unmeasured }) => sum + cases + unmeasured, 0);
    expect(records).toHaveLength(needed);
    expect(updates).toBe(needed);
  });

  it('turns the death of a worker into one unmeasured case', async () => {
    const { results, records } = await run(2, () => 0);
    expect(results[2]).toMatchObject({ decision: 'accept', unmeasured: 1, reason: 'worker died' });
    expect(records.find(({ outcome: { status } }) => status === 'unmeasured')).toMatchObject({
      claim: 'p/two',
      index: 7,
      instance: null,
    });
  });

  it('stops at once when it is told to, and judges nothing that comes later', async () => {
    const stop = new AbortController();
    const list = jobs();
    const finished = run(2, () => 5, list, stop.signal);
    setTimeout(() => stop.abort(), 30);
    const { records } = await finished;
    const seen = records.length;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(records).toHaveLength(seen);
    expect(list.some(({ trial }) => !trial.settled())).toBe(true);
  });

  it('split into shards measures every case once, and joined gives the results of one run', async () => {
    const whole = await run(1, () => 0);
    const records: CaseRecord[] = [];
    for (const index of [1, 2, 3]) {
      const shard = { index, of: 3 };
      const list = jobs().map(({ claim, control, seed }) =>
        jobOf(claim, control, seed, trialOf(claim, control, testProfile, errors), shard),
      );
      const part = await run(2, () => random.uniform() * 2, list);
      expect(part.records.every((record) => record.index % 3 === index % 3)).toBe(true);
      // An accepted claim goes on to the end of its budget, which the merged trial may need; a refuted control does not.
      const own = part.records.filter(({ claim, control }) => claim === 'p/one' && control === null);
      expect(own).toHaveLength([...Array(testProfile.cap).keys()].filter((k) => k % 3 === index % 3).length);
      expect(part.records.filter(({ control }) => control !== null).length).toBeLessThan(20);
      records.push(...part.records);
    }
    expect(new Set(records.map(({ claim, control, index }) => `${claim} ${control} ${index}`)).size).toBe(records.length);
    const merged = jobs();
    for (const record of records) {
      deliver(merged.find(({ claim, control }) => claim.id === record.claim && control === record.control)!, record);
    }
    expect(merged.map(({ trial }) => trial.result()).map(({ test: _, ...rest }) => rest)).toEqual(
      whole.results.map(({ test: _, ...rest }) => rest),
    );
  });

  it('goes on where the records of an earlier run end', async () => {
    const whole = await run(1, () => 0);
    const list = jobs();
    for (const record of whole.records.filter((_, k) => k % 3 !== 0)) {
      const job = list.find(({ claim, control }) => claim.id === record.claim && control === record.control)!;
      deliver(job, record);
    }
    const rest = await run(3, () => random.uniform() * 3, list);
    expect(rest.results.map(({ test: _, ...other }) => other)).toEqual(whole.results.map(({ test: _, ...other }) => other));
    expect(rest.records.length).toBeLessThan(whole.records.length);
  });
});
