import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { verdictsSchema } from '../report/schema.js';
import { cli, startCli, temporaryFolder } from '../testing/cli.js';

const program = (name: string, ...args: string[]) => ['--', process.execPath, `dist/fixtures/subjects/${name}.js`, ...args];

async function audit(options: readonly string[], command: readonly string[]) {
  const out = temporaryFolder();
  const result = await cli('audit', ...options, '--out', out, '--json', ...command);
  return { ...result, out, verdicts: result.stdout === '' ? null : verdictsSchema.parse(JSON.parse(result.stdout)) };
}

function expectations(entries: unknown): string {
  const file = join(temporaryFolder(), 'failures.json');
  writeFileSync(file, JSON.stringify(entries));
  return file;
}

describe('audit', () => {
  it('judges a right subject by laws and claims, and names what it lacks', async () => {
    const selected = ['laws/kernel', 'laws/training', 'hu2020/first-layer-certificate', 'hu2020/deep-kernel-finite'];
    const { code, stderr, verdicts } = await audit(selected, program('serve'));
    expect(code).toBe(0);
    expect(stderr).toContain('✓ hu2020/first-layer-certificate');
    expect(stderr).toMatch(/– laws\/kernel-product +missing +the subject lacks the capability 'tangentKernelProduct'/);
    expect(stderr).toMatch(/– hu2020\/deep-kernel-finite +missing/);
    expect(verdicts).toMatchObject({ subject: { name: 'plain 1.0', backend: 'process', device: 'float64' }, asExpected: true });
    expect(verdicts!.diagnosis).toBeUndefined();
  });

  it('refutes a wrong one, diagnoses it, and prints a replay that fails too', async () => {
    const { code, stderr, verdicts, out } = await audit(['laws/one-step'], program('serve', 'loss-without-half'));
    expect(code).toBe(1);
    expect(verdicts!.diagnosis!.join()).toMatch(/the loss is 1\/n/);
    expect(stderr).toMatch(/diagnosis: training of the first layer takes steps 2 times too large/);
    expect(readFileSync(join(out, 'summary.md'), 'utf8')).toContain('the loss is 1/n');
    const { replay } = verdicts!.claims.find(({ counterexample }) => counterexample)!.counterexample!;
    expect(replay).toMatch(/ -- .*serve\.js loss-without-half$/);
    const again = await startCli(replay.replace('npx earlytime ', '').split(' '));
    expect([again.exitCode, again.stderr]).toEqual([1, expect.stringContaining('violated')]);
  });

  it('cannot measure a subject that misbehaves', async () => {
    const { code, stderr } = await audit(['laws/kernel-equals-reference'], program('hostile', 'nan'));
    expect(code).toBe(4);
    expect(stderr).toMatch(/unmeasured/);
    expect(stderr).toContain('holds a number that is not finite');
    const none = await audit(['laws/flow-conserves'], program('serve'));
    expect(none.code).toBe(4);
    const absent = await audit(['laws'], ['--', 'no-such-program']);
    expect([absent.code, absent.stderr]).toEqual([4, expect.stringContaining('ENOENT')]);
  });

  it('ends the subject and removes its directory when it is interrupted', async () => {
    const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('earlytime-subject-'));
    const before = folders();
    const running = startCli(['audit', 'laws/deterministic', '--out', temporaryFolder(), ...program('hostile', 'hangs')]);
    while (folders().length === before.length) await delay(50);
    running.kill('SIGINT');
    expect((await running).exitCode).toBe(130);
    expect(folders()).toEqual(before);
  });

  it('needs a program', async () => {
    const { code, stderr } = await audit(['laws'], []);
    expect([code, stderr]).toEqual([2, expect.stringContaining('a program after --')]);
  });
});

describe('expected failures', () => {
  const id = 'laws/kernel-equals-reference';
  const entry = { id, reason: 'scaled on purpose', expires: '2999-12-31' };

  it('are excused', async () => {
    const { code, stderr, out } = await audit([id, '--expect', expectations([entry])], program('serve', 'trace-not-divided'));
    expect([code, stderr]).toEqual([0, expect.stringContaining('expected to fail until 2999-12-31: scaled on purpose')]);
    expect((await cli('report', '--out', out)).code).toBe(0);
    expect(readFileSync(join(out, 'index.html'), 'utf8')).toContain('a known failure');
  });

  it('are strict: one that passes, or has expired, fails', async () => {
    const passes = await audit([id, '--expect', expectations([entry])], program('serve'));
    expect([passes.code, passes.stderr]).toEqual([1, expect.stringContaining('it was expected to fail but does not')]);
    expect((await cli('report', '--out', passes.out)).code).toBe(1);
    const expired = expectations([{ ...entry, expires: '2020-01-01' }]);
    const late = await audit([id, '--expect', expired], program('serve', 'trace-not-divided'));
    expect([late.code, late.stderr]).toEqual([1, expect.stringContaining('has expired on 2020-01-01')]);
  });

  it.each([
    ['an unknown id', [{ ...entry, id: 'laws/nothing' }], /unknown claim/],
    ['an entry twice', [entry, entry], /names laws\/kernel-equals-reference twice/],
    ['another form', [{ id }], /cannot be used[\s\S]*expires/],
  ])('refuse %s', async (_, entries, message) => {
    const { code, stderr } = await audit([id, '--expect', expectations(entries)], program('serve'));
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});
