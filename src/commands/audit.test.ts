import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Verdicts, verdictsSchema } from '../record/verdicts.js';
import { cli, startCli, temporaryFolder } from '../testing/cli.js';

// Folders are counted below: not those of tests beside this one.
process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'earlytime-tests-'));

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
    expect(stderr).toMatch(/– laws\/kernel-product +missing +the subject lacks the capability 'twoLayer.tangentKernelProduct'/);
    expect(stderr).toMatch(/– hu2020\/deep-kernel-finite +missing/);
    expect(verdicts).toMatchObject({ subject: { name: 'plain 1.0', backend: 'process', device: 'float64' }, asExpected: true });
    expect(verdicts!.diagnosis).toBeUndefined();
  });

  it('refutes a wrong one, diagnoses it, and prints a replay that fails too', async () => {
    const { code, stderr, verdicts, out } = await audit(['laws/one-step'], program('serve', 'loss-without-half'));
    expect(code).toBe(1);
    expect(verdicts!.diagnosis!.join()).toMatch(/the loss is 1\/n/);
    expect(stderr).toMatch(/diagnosis: training of the first layer takes steps 2 times too large[\s\S]*✗ laws\/one-step/);
    expect(readFileSync(join(out, 'summary.md'), 'utf8')).toContain('the loss is 1/n');
    const { replay } = verdicts!.claims.find(({ counterexample }) => counterexample)!.counterexample!;
    expect(replay).toMatch(/ -- .*serve\.js loss-without-half$/);
    const again = await startCli(replay.replace('npx earlytime ', '').split(' '));
    expect([again.exitCode, again.stdout]).toEqual([1, expect.stringContaining('violated')]);
  });

  it('cannot measure a subject that misbehaves', async () => {
    const { code, stderr } = await audit(['laws/kernel-equals-reference'], program('hostile', 'nan'));
    expect(code).toBe(4);
    expect(stderr).toMatch(/unmeasured/);
    expect(stderr).toContain('holds a number that is not finite');
    const none = await audit(['laws/flow-conserves'], program('serve'));
    expect(none.code).toBe(4);
    const absent = await audit(['laws'], ['--', 'no-such-program']);
    expect([absent.code, absent.stderr]).toEqual([4, expect.stringContaining("'no-such-program': there is no such program")]);
    expect(stderr).toMatch(
      /of its reply cannot be used: holds a number that is not finite\n.*of finite numbers\n.*found: NaN at position 0/,
    );
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

  it('lets the program see the environment, as on the command line', async () => {
    const subject = program('hostile', 'environment');
    const args = ['audit', 'laws/kernel-equals-reference', '--out', temporaryFolder(), '--json', ...subject];
    const { stdout } = await startCli(args, undefined, undefined, { EARLYTIME_TEST: 'from outside' });
    expect(verdictsSchema.parse(JSON.parse(stdout)).subject.name).toBe('from outside with PATH 1');
  });

  it('exits 4 where no case touched the program, and where it lacks what is required', async () => {
    const theory = await audit(['hu2020/concentration'], program('serve'));
    expect([theory.code, theory.stderr]).toEqual([4, expect.stringContaining('No case touched the subject')]);
    expect(theory.stderr).toContain('(about the theory alone)');
    const misspelt = await audit(['laws'], program('hostile', 'misspelt'));
    expect([misspelt.code, misspelt.stderr]).toEqual([4, expect.stringContaining('a class with tangentkernel and train')]);
    const lacking = await audit(['laws', '--require', 'tangent-kernel,train'], program('hostile', 'nan'));
    expect([lacking.code, lacking.stderr]).toEqual([4, expect.stringMatching(/lacks train, which --require asks for/)]);
    const unknown = await audit(['laws', '--require', 'kernel'], program('serve'));
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringMatching(/a list of tangent-kernel, predict/)]);
    expect((await audit(['laws/layers-add', '--require', 'tangent-kernel,train'], program('serve'))).code).toBe(0);
  });

  it('judges what a program with few activations does, without a control for them where there is none', async () => {
    const subject = program('serve', 'right', 'relu');
    const { code, stderr, verdicts } = await audit(['laws/kernel-equals-reference', 'laws/one-step-order'], subject);
    expect([code, verdicts!.asExpected]).toEqual([0, true]);
    expect(stderr).toMatch(/✓ laws\/kernel-equals-reference +holds .*\(no control could be run: the subject has no activation/);
    expect(stderr).toMatch(/– laws\/one-step-order +missing +the subject has no activation/);
    const wrong = await audit(['laws/kernel-equals-reference'], program('serve', 'trace-not-divided', 'relu'));
    expect([wrong.code, wrong.verdicts!.claims[0]!.verdict]).toEqual([1, 'refuted']);
  });

  it('comes in shards and with several programs at a time to the verdicts of one run', async () => {
    const selected = ['laws/layers-add', 'laws/kernel-equals-reference'];
    const plain = ({ claims, ...rest }: Verdicts) => ({ ...rest, claims: claims.map(({ timing: _, ...claim }) => claim) });
    const whole = await audit(selected, program('serve'));
    const two = await audit([...selected, '--workers', '2'], program('serve'));
    expect(plain(two.verdicts!)).toEqual(plain(whole.verdicts!));
    const shards = [];
    for (const shard of ['1/2', '2/2']) shards.push(await audit([...selected, '--shard', shard], program('serve')));
    expect(shards.map(({ code }) => code)).toEqual([0, 0]);
    const known = expectations([{ id: 'laws/flow-conserves', reason: 'of another selection', expires: '2999-12-31' }]);
    const merging = [
      'report',
      '--merge',
      ...shards.map(({ out }) => out),
      '--expect',
      known,
      '--json',
      '--out',
      temporaryFolder(),
    ];
    const merged = await cli(...merging);
    expect([merged.code, plain(JSON.parse(merged.stdout))]).toEqual([0, plain(whole.verdicts!)]);
  });

  it('keeps the records of an audit that was interrupted, and resumes it', async () => {
    const out = temporaryFolder();
    const selected = ['laws/training-equals-reference', 'hu2020/first-layer-certificate'];
    const running = startCli(['audit', ...selected, '--out', out, ...program('serve')]);
    const journal = join(out, '.run', 'records', 'laws.training-equals-reference.jsonl');
    while (!existsSync(journal)) await delay(20);
    running.kill('SIGINT');
    const { exitCode, stderr } = await running;
    expect([exitCode, stderr]).toEqual([130, expect.stringContaining('--resume')]);
    expect(existsSync(join(out, 'verdicts.json'))).toBe(false);
    const resumed = await startCli(['audit', ...selected, '--out', out, '--resume', ...program('serve')]);
    expect([resumed.exitCode, resumed.stdout]).toEqual([0, expect.stringContaining('Every verdict is as expected')]);
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
    const alone = await cli('report', '--out', passes.out, '--expect', expired);
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining('--expect goes with --merge')]);
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
