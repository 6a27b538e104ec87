import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { baselineFile } from '../baseline/baseline.js';
import { calibrationHash } from '../claim/calibration.js';
import { copyOfPackage, ONE_WORKER, startCli, temporaryFolder } from '../testing/cli.js';

const NO_STACK = /\n\s+at /;
const ids = ['laws/one-step-order', 'hu2020/concentration'];

it('keeps margins, finds another seed like them, and fails on drift, expiry and strangers', async () => {
  const project = temporaryFolder();
  const run = (...args: string[]) => startCli(args, undefined, project);
  const verify = (...more: string[]) => run('verify', ...ids, ...ONE_WORKER, '--json', ...more);
  const refused = async (message: RegExp, ...args: string[]) => {
    const { exitCode, stderr } = await run(...args);
    expect([exitCode, NO_STACK.test(stderr)]).toEqual([2, false]);
    expect(stderr).toMatch(message);
  };
  await refused(/holds no run/, 'baseline', 'compare');
  await verify('--profile', 'standard');
  const before = await run('baseline', 'compare');
  expect(before.exitCode).toBe(4);
  expect(before.stdout).toContain('2 claims of the run without an entry');
  await refused(/--reason/, 'baseline', 'update');
  await refused(/expected a date/, 'baseline', 'update', '--reason', 'r', '--expires', '2027-13-01');
  await refused(/unknown claim/, 'baseline', 'update', 'hu2020/none', '--reason', 'r');
  expect((await run('baseline', 'update', '--reason', 'the first', '--expires', '2999-12-31')).exitCode).toBe(0);
  const file = join(project, 'fixtures', 'baseline.json');
  const kept = readFileSync(file, 'utf8');
  expect(kept.split('\n')).toHaveLength(5);

  const other = await verify('--seed', '7');
  const [own] = JSON.parse(other.stdout).claims;
  expect(other.exitCode).toBe(0);
  // 5 of each of four activations in the quick profile, 11 in the standard one.
  expect(own.drift).toMatchObject({ regressed: false, reason: null, cases: 20 });
  expect(own.drift.baselineCases).toBe(44);
  expect(own.drift.detectable).toBeGreaterThan(1);
  expect(readFileSync(join(project, 'reports', 'index.html'), 'utf8')).toContain('Against the baseline');
  const elsewhere = await run('verify', ids[0]!, '--backend', 'cpu', '--out', 'other');
  expect(elsewhere.stdout).toContain('1 of 1 claim with margins has no baseline for earlytime on cpu');
  const compared = await run('baseline', 'compare', '--json');
  expect([compared.exitCode, JSON.parse(compared.stdout).length]).toEqual([0, 2]);
  expect(compared.stderr).toMatch(/✓ laws\/one-step-order .*would be seen/);

  // All margins of one claim twenty times what they were, and the other's entry expired.
  const changed = JSON.parse(kept);
  const [concentration, order] = changed.entries;
  expect([concentration.claim, order.claim]).toEqual(['hu2020/concentration', 'laws/one-step-order']);
  concentration.margins = concentration.margins.map((margin: number) => 20 * margin);
  order.expires = '2020-01-01';
  writeFileSync(file, JSON.stringify(changed));
  const drifted = await run('baseline', 'compare');
  expect(drifted.exitCode).toBe(1);
  expect(drifted.stdout).toMatch(/✗ hu2020\/concentration .*drifted/);
  expect(drifted.stdout).toMatch(/✗ laws\/one-step-order .*expired on 2020-01-01/);
  const again = await run('report');
  expect(again.exitCode).toBe(1);
  expect(again.stdout).toMatch(/against the baseline: its margins have drifted/);
  expect(readFileSync(join(project, 'reports', 'junit.xml'), 'utf8')).toMatch(/<failure message="against the baseline/);
  expect((await run('baseline', 'update', 'laws/one-step-order', '--reason', 'again')).exitCode).toBe(0);
  expect(JSON.parse(readFileSync(file, 'utf8')).entries.map(({ reason }: { reason: string }) => reason)).toEqual([
    'the first',
    'again',
  ]);

  for (const [text, message] of [
    ['{', /the baseline .* cannot be used/],
    ['{"schema":2,"entries":[]}', /the baseline .* cannot be used/],
    [kept.replace('one-step-order', 'none'), /an entry of an unknown claim\n.*laws\/none/],
    [kept.replace('laws/one-step-order', 'hu2020/concentration'), /two entries/],
  ] as const) {
    writeFileSync(file, text);
    await refused(message, 'verify', ...ids, ...ONE_WORKER);
  }
});

it('catches a constant that is 10 % off by the margins alone, with the baseline of this repository', async () => {
  const root = copyOfPackage();
  const id = 'hu2020/convolutional-kernel';
  const project = temporaryFolder();
  mkdirSync(join(project, 'fixtures'));
  const verify = async () => {
    const { exitCode, stdout } = await startCli(['verify', id, ...ONE_WORKER, '--json'], root, project);
    return { exitCode, claim: JSON.parse(stdout).claims[0] };
  };
  const kept = readFileSync(baselineFile, 'utf8');
  const file = join(project, baselineFile);
  writeFileSync(file, kept);
  expect(await verify()).toMatchObject({ exitCode: 0, claim: { verdict: 'holds', drift: { regressed: false } } });

  const calibration = join(root, 'fixtures', 'calibration.json');
  const changed = JSON.parse(readFileSync(calibration, 'utf8'));
  for (const constant of Object.values<{ value: number }>(changed[id].constants)) constant.value *= 1.1;
  writeFileSync(calibration, JSON.stringify(changed));
  expect((await verify()).claim.drift).toMatchObject({ regressed: true, reason: expect.stringContaining('calibrated again') });

  const { resolution: _, ...judgedBy } = changed[id];
  const hash = `sha256:${createHash('sha256').update(JSON.stringify(judgedBy)).digest('hex')}`;
  writeFileSync(file, kept.replace(calibrationHash(id)!, hash));
  const { exitCode, claim } = await verify();
  expect(exitCode).toBe(1);
  expect(claim).toMatchObject({ verdict: 'holds', asExpected: false, drift: { reason: expect.stringContaining('drifted') } });
  expect(claim.drift.pValue).toBeLessThan(claim.drift.level);
});

it('does not take the margins of a run that is not as expected, nor of one shard', async () => {
  const project = temporaryFolder();
  const run = (...args: string[]) => startCli(args, undefined, project);
  await run('verify', ids[0]!, ...ONE_WORKER, '--time', '0.001');
  const undecided = await run('baseline', 'update', '--reason', 'r');
  expect([undecided.exitCode, undecided.stderr]).toEqual([2, expect.stringContaining('cannot be a baseline')]);
  await run('verify', ids[0]!, ...ONE_WORKER, '--shard', '1/2');
  const shard = await run('baseline', 'update', '--reason', 'r');
  expect([shard.exitCode, shard.stderr]).toEqual([2, expect.stringContaining('report --merge')]);
});
