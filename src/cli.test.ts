import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { stream } from './math/random.js';
import { verdictsSchema } from './record/verdicts.js';
import { cli, copyOfPackage, ONE_WORKER, startCli, temporaryFolder } from './testing/cli.js';

const NO_STACK = /\n\s+at /;

async function verdictsOf(...args: string[]) {
  const out = temporaryFolder();
  const { code, stdout, stderr } = await cli('verify', ...ONE_WORKER, ...args, '--out', out, '--json');
  return { code, stderr, out, verdicts: verdictsSchema.parse(JSON.parse(stdout)) };
}
/** Everything but the timing and the device is deterministic. */
const deterministic = ({ claims, ...rest }: { claims: readonly { timing: unknown }[] }) => ({
  ...rest,
  claims: claims.map(({ timing: _, ...claim }) => claim),
});

describe('verify', () => {
  it('prints nothing but JSON on stdout, and writes the report', async () => {
    const { code, stderr, out, verdicts } = await verdictsOf('laws/layers-add', 'hu2020/concentration');
    expect(code).toBe(0);
    expect(verdicts).toMatchObject({ seed: 42, profile: 'quick', asExpected: true, subject: { backend: 'wasm' } });
    expect(verdicts.claims.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual([
      'laws/layers-add holds',
      'hu2020/concentration holds',
    ]);
    expect(stderr).toContain('✓ laws/layers-add');
    expect(JSON.parse(readFileSync(join(out, 'verdicts.json'), 'utf8'))).toEqual(verdicts);
    expect(readFileSync(join(out, 'junit.xml'), 'utf8')).toContain('<testsuites');
    expect(readFileSync(join(out, 'summary.md'), 'utf8')).toContain('hu2020/concentration');
    expect(readdirSync(join(out, 'records')).sort()).toEqual(['hu2020.concentration.jsonl', 'laws.layers-add.jsonl']);
    expect(existsSync(join(out, '.run'))).toBe(false);
  });

  it('gives the same verdicts and ratios for any number of workers, and others for another seed', async () => {
    const one = await verdictsOf('hu2020/concentration');
    const three = await verdictsOf('hu2020/concentration', '--workers', '3');
    expect(deterministic(three.verdicts)).toEqual(deterministic(one.verdicts));
    const other = await verdictsOf('hu2020/concentration', '--seed', '7');
    expect(deterministic(other.verdicts)).not.toEqual(deterministic(one.verdicts));
  });

  it('never passes when time ran out before anything was judged', async () => {
    const out = temporaryFolder();
    const { code, stdout } = await cli('verify', 'hu2020/first-layer-training', '--time', '0.05', ...ONE_WORKER, '--out', out);
    expect([code, stdout]).toEqual([
      4,
      expect.stringMatching(/\? hu2020\/first-layer-training +undecided[\s\S]*Nothing could be judged: the time ended/),
    ]);
  });

  it.each([
    [['--bogus'], /unknown option '--bogus'/],
    [['--profile', 'huge'], /Allowed choices are quick, standard, deep/],
    [['--backend', 'cuda'], /Allowed choices are auto, tensorflow, webgpu, wasm, cpu/],
    [['--seed', '1.5'], /whole number from 0 to 2147483647/],
    [['--seed', ''], /whole number/],
    [['--workers', '0'], /whole number from 1 to 64/],
    [['--shard', '3/2'], /i\/n with 1 ≤ i ≤ n/],
    [['--shard', '1'], /i\/n with 1 ≤ i ≤ n/],
    [['--time', '-1'], /positive number/],
    [['--time', '3000000'], /at most 2147483 seconds/],
    [
      ['nobody/nothing'],
      /unknown claim 'nobody\/nothing'\n {2}expected: an id or a folder, as the nearest known ones: [^,]+, [^,]+, [^,]+\n/,
    ],
    [['--resume', '--out', '/dev/null/out'], /no interrupted run to resume|cannot be written/],
    [['laws/layers-add', '--backend', 'wasm', '--out', '/dev/null/out'], /output folder '\/dev\/null\/out' cannot be written/],
  ])('refuses %j with exit 2 and one message', async (args, message) => {
    const { code, stdout, stderr } = await cli('verify', ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(NO_STACK);
    expect(stdout).toBe('');
  });

  it('exits 4 where the backend does not open, and leaves the earlier report alone', async () => {
    const out = temporaryFolder();
    writeFileSync(join(out, 'verdicts.json'), 'earlier');
    const { code, stderr } = await cli('verify', 'laws/layers-add', '--backend', 'tensorflow', '--out', out);
    expect([code, readFileSync(join(out, 'verdicts.json'), 'utf8')]).toEqual([4, 'earlier']);
    expect(stderr).toMatch(/tfjs-node-gpu is not usable here.*what to do/s);
    expect(stderr).not.toMatch(NO_STACK);
  });
});

/** Starts a run, and waits until its journal has that many lines. */
async function startedRun(out: string, lines: number) {
  const child = startCli(['verify', 'hu2020/first-layer-certificate', '--backend', 'wasm', '--out', out]);
  const journal = join(out, '.run', 'records', 'hu2020.first-layer-certificate.jsonl');
  const count = () => (existsSync(journal) ? readFileSync(journal, 'utf8').split('\n').length - 1 : 0);
  while (count() < lines) await new Promise((resolve) => setTimeout(resolve, 20));
  // Not the child itself, for an async function would wait for its end.
  return { child };
}
function workersOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  } catch {
    return [];
  }
}

describe('a run that is disturbed', () => {
  it('ends with 130 on Ctrl-C, is no pass, and resumes to the same verdict', async () => {
    const out = temporaryFolder();
    writeFileSync(join(out, 'verdicts.json'), 'earlier');
    const { child } = await startedRun(out, 4);
    child.kill('SIGINT');
    const { exitCode, stderr } = await child;
    expect(exitCode).toBe(130);
    expect(stderr).toContain('--resume');
    expect(readFileSync(join(out, 'verdicts.json'), 'utf8')).toBe('earlier');
    const args = ['verify', 'hu2020/first-layer-certificate', ...ONE_WORKER, '--json'];
    const resumed = await cli(...args, '--out', out, '--resume');
    const whole = await cli(...args, '--out', temporaryFolder());
    expect(resumed.code).toBe(0);
    expect(deterministic(JSON.parse(resumed.stdout))).toEqual(deterministic(JSON.parse(whole.stdout)));
    expect((await cli(...args, '--out', out, '--resume')).code).toBe(2);
  });

  it('survives being killed twenty times at random moments', async () => {
    const out = temporaryFolder();
    const args = ['verify', 'laws/layers-add', 'hu2020/first-layer-certificate', '--backend', 'wasm', '--json', '--out', out];
    const random = stream('moments of death');
    let kills = 0;
    for (let last = false; !last; ) {
      const running = existsSync(join(out, '.run', 'run.json'));
      const child = startCli([...args, ...(running ? ['--resume'] : [])]);
      const kill = setTimeout(() => child.kill('SIGKILL'), kills < 20 ? 300 + random.uniform() * 900 : 150_000);
      const { exitCode } = await child;
      clearTimeout(kill);
      last = exitCode === 0;
      if (!last) kills++;
      // A run that was quicker than its killer counts too, and the next begins anew.
      if (last && kills < 20) {
        last = false;
        kills++;
      }
    }
    const found = JSON.parse(readFileSync(join(out, 'verdicts.json'), 'utf8'));
    const whole = await cli(...args.slice(0, -1), temporaryFolder());
    expect(deterministic(found)).toEqual(deterministic(JSON.parse(whole.stdout)));
  });

  it('measures the case of a worker that crashes again', async () => {
    const out = temporaryFolder();
    const { child } = await startedRun(out, 2);
    const worker = workersOf(child.pid!)[0]!;
    // Stopped first, and given time to be handed a case, should it have been between two.
    process.kill(worker, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 500));
    process.kill(worker, 'SIGKILL');
    const { exitCode } = await child;
    expect(exitCode).toBe(0);
    const { claims } = verdictsSchema.parse(JSON.parse(readFileSync(join(out, 'verdicts.json'), 'utf8')));
    expect(claims[0]).toMatchObject({ verdict: 'holds', unmeasured: 0 });
  });

  it('exits 4 with a sentence when workers end as soon as they start, and leaves nothing waiting', async () => {
    const out = temporaryFolder();
    const { child } = await startedRun(out, 1);
    const killed = new Set<number>();
    let ended = false;
    child.finally(() => {
      ended = true;
    });
    while (!ended) {
      // Each worker as soon as it is there.
      for (const pid of workersOf(child.pid!)) {
        if (pid > 0 && !killed.has(pid)) {
          killed.add(pid);
          try {
            process.kill(pid, 'SIGKILL');
          } catch {
            // It was quicker.
          }
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const { exitCode, stdout, stderr } = await child;
    expect([exitCode, stdout + stderr]).toEqual([4, expect.stringMatching(/worker process(es)? end/)]);
    expect(stderr).not.toMatch(NO_STACK);
  });
});

describe('shards', () => {
  it('join into the verdicts of one run, and refuse a missing, doubled or foreign one', async () => {
    const args = ['laws/layers-add', 'hu2020/concentration', ...ONE_WORKER];
    const folder = temporaryFolder();
    const shard = async (name: string, ...more: string[]) => {
      const { code } = await cli('verify', ...args, '--out', join(folder, name), ...more);
      expect(code).toBe(0);
      return join(folder, name);
    };
    const [first, second, other] = [
      await shard('a', '--shard', '1/2'),
      await shard('b', '--shard', '2/2'),
      await shard('c', '--shard', '2/2', '--seed', '7'),
    ];
    const whole = await cli('verify', ...args, '--json', '--out', join(folder, 'whole'));
    const out = join(folder, 'merged');
    const merged = await cli('report', '--merge', first, second, '--json', '--out', out);
    expect(merged.code).toBe(0);
    expect(deterministic(JSON.parse(merged.stdout))).toEqual(deterministic(JSON.parse(whole.stdout)));
    expect(JSON.parse(readFileSync(join(out, 'verdicts.json'), 'utf8'))).toEqual(JSON.parse(merged.stdout));
    const page = (of: string) => readFileSync(join(of, 'index.html'), 'utf8');
    expect(page(out)).toBe(page(join(folder, 'whole')));
    const refusals: [string[], RegExp][] = [
      [[first], /shard 2\/2 is missing/],
      [[first, second, second], /shard 2\/2 is there 2 times/],
      [[first, other], /shards of different runs/],
      [[join(folder, 'whole')], /not the shards of one run.*found: a whole run/s],
      [[join(folder, 'nowhere')], /holds no run/],
    ];
    for (const [folders, message] of refusals) {
      const { code, stderr } = await cli('report', '--merge', ...folders, '--out', out);
      expect([code, NO_STACK.test(stderr)]).toEqual([2, false]);
      expect(stderr).toMatch(message);
    }
  });
});

describe('report', () => {
  it('makes the report again from records, with what took measuring as it was, and the same page', async () => {
    const { out, verdicts } = await verdictsOf('laws/layers-add', 'hu2020/scope-spike');
    const page = join(out, 'index.html');
    const text = readFileSync(page, 'utf8');
    rmSync(page);
    const again = await cli('report', '--out', out, '--json');
    expect([again.code, JSON.parse(again.stdout)]).toEqual([0, verdicts]);
    expect(readFileSync(page, 'utf8')).toBe(text);
    expect(JSON.parse(readFileSync(join(out, 'verdicts.json'), 'utf8'))).toEqual(verdicts);
    for (const [name, message] of [
      ['verdicts.json', /the verdicts in .* cannot be used/],
      ['run.json', /holds no run/],
    ] as const) {
      rmSync(join(out, name));
      const { code, stderr } = await cli('report', '--out', out);
      expect([code, NO_STACK.test(stderr)]).toEqual([2, false]);
      expect(stderr).toMatch(message);
    }
  });
});

describe('replay', () => {
  const narrow = {
    activation: 'gelu',
    law: 'gaussian',
    spectrum: 'isotropic',
    alpha: 0.2,
    inputDimension: 30,
    samples: 150,
    width: 4,
    labels: 'teacher',
    relativeStep: 0.1,
    stepRatio: 1,
    mean: 0,
    initialization: 'symmetric',
    seed: 3,
  };
  const save = (value: unknown) => {
    const file = join(temporaryFolder(), 'instance.json');
    writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
    return file;
  };

  it('measures the case that seed and path name, with all its quantities', async () => {
    const args = ['replay', 'hu2020/concentration', '--seed', '-5', '--path', '3', '--backend', 'wasm', '--json'];
    const { code, stdout, stderr } = await cli(...args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      claim: 'hu2020/concentration',
      outcome: { status: 'measured', violation: false },
    });
    expect(stderr).toMatch(/observed .* bound .*\n {2}norms .*\n.*passed/s);
    expect((await cli(...args)).stdout).toBe(stdout);
  });

  it('measures an instance from a file, also from a whole counterexample, and says where it is out of scope', async () => {
    const inside = { ...narrow, width: 160 };
    const outside = await cli('replay', 'hu2020/first-layer-training', '--instance', save(narrow), '--backend', 'wasm');
    expect(outside.code).toBe(0);
    expect(outside.stdout).toContain('inapplicable: outside the theorem, which asks: m ≥ d^{1+α}');
    const { code, stdout } = await cli(
      'replay',
      'hu2020/first-layer-training',
      '--instance',
      save({ seed: 1, instance: inside }),
      '--backend',
      'wasm',
    );
    expect(code).toBe(0);
    expect(stdout).toContain('largest difference from the float64 reference');
  });

  it('exits 1 where the case violates the claim', async () => {
    // In scope, but with far fewer samples and units than the constants were calibrated for.
    const file = save({ ...narrow, activation: 'softplus', inputDimension: 32, alpha: 0.01, samples: 36, width: 36 });
    const { code, stdout } = await cli('replay', 'hu2020/first-layer-kernel-bias', '--instance', file, '--backend', 'wasm');
    expect(code).toBe(1);
    expect(stdout).toContain('violated');
  });

  it('shows the rungs of a ladder', async () => {
    const { code, stdout } = await cli(
      'replay',
      'hu2020/first-layer-kernel-rate',
      '--seed',
      '1',
      '--path',
      '0',
      '--backend',
      'wasm',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/size 16: .*size 96: .*slope -0\.\d+, claimed at most -0.24/s);
  });

  it.each([
    [['--seed', '1'], /either --seed and --path, or --instance/],
    [['--seed', '1', '--path', 'x'], /numbers joined by colons/],
    [['--seed', '1', '--path', '0:77777'], /path '0:77777' does not exist for seed 1/],
    [['--instance', '/nowhere.json'], /cannot be read/],
    [['--instance', save('{"broken"')], /cannot be read/],
    [['--instance', save({ seed: 1 })], /holds no instance of .*expected: activation: string/s],
    [
      ['--instance', save({ ...narrow, inputDimension: -3 })],
      /inputDimension is out of range\n {2}expected: a whole number from 1\n {2}found: -3/,
    ],
    [['--instance', save({ ...narrow, activation: 'swish' })], /cannot be used: unknown activation 'swish'/],
    [['--instance', save({ ...narrow, width: 160, spectrum: 'flat' })], /unknown spectrum 'flat'/],
    [['--instance', save('3')], /holds no instance/],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await cli('replay', 'hu2020/first-layer-training', ...args);
    expect([code, NO_STACK.test(stderr)]).toEqual([2, false]);
    expect(stderr).toMatch(message);
  });

  it('exits 4 where the case cannot be measured', async () => {
    const { code, stderr } = await cli('replay', 'hu2020/concentration', '--instance', save(narrow), '--backend', 'tensorflow');
    expect(code).toBe(4);
    expect(stderr).toMatch(/tfjs-node-gpu/);
  });
});

describe('list and doctor', () => {
  it('list the claims with statement, source and assumptions', async () => {
    const { code, stdout } = await cli('list', '--json');
    expect(code).toBe(0);
    const { claims } = JSON.parse(stdout);
    expect(claims.length).toBeGreaterThan(10);
    expect(Object.keys(claims[0]).sort()).toEqual(['assumptions', 'id', 'kind', 'source', 'statement']);
    const text = await cli('list', 'hu2020');
    expect(text.stdout).toMatch(
      /hu2020\/first-layer-kernel \(bound\): ‖Θ₁ .*\n.*\n {2}source: .*\n {2}assumes: .*\n {2}asks a subject for: twoLayer.tangentKernel\n {2}must refute: /,
    );
    expect(text.stderr).toBe('');
    expect((await cli('list', 'nope')).code).toBe(2);
  });

  it('tell which backends open, and why the others do not', async () => {
    const { code, stdout, stderr } = await cli('doctor', '--json');
    expect(code).toBe(0);
    const { backends, auto, threads, versions } = JSON.parse(stdout);
    expect(backends.map(({ name }: { name: string }) => name)).toEqual(['tensorflow', 'webgpu', 'wasm', 'cpu']);
    expect(backends[2]).toMatchObject({
      opens: true,
      device: 'WebAssembly SIMD',
      tf32: false,
      roundoff: { inputs: 0, accumulator: 2 ** -24 },
    });
    for (const { opens, reason } of backends) expect(opens === (reason === null)).toBe(true);
    expect(['wasm', 'tensorflow', 'webgpu']).toContain(auto);
    expect([threads > 0, versions.node]).toEqual([true, process.versions.node]);
    expect(stderr).toMatch(/✓ wasm: WebAssembly SIMD, not a GPU; products of unrounded inputs \(no TF32\)/);
  });

  it('exits 4 where no backend opens', async () => {
    const root = copyOfPackage();
    writeFileSync(
      join(root, 'dist', 'src', 'run', 'worker.js'),
      "export const describe = () => Promise.reject(new Error('no driver'));",
    );
    const { exitCode, stdout } = await startCli(['doctor'], root);
    expect([exitCode, stdout]).toEqual([4, expect.stringMatching(/✗ wasm: no driver[\s\S]*auto takes none: no backend opens/)]);
  });

  it('give help and version without an error, and refuse an unknown command', async () => {
    expect((await cli('--help')).code).toBe(0);
    expect((await cli('--version')).stdout).toMatch(/^\d+\.\d+\.\d+$/);
    expect((await cli('frobnicate')).code).toBe(2);
    expect((await cli()).code).toBe(2);
  });
});

describe('a reader that has seen enough', () => {
  it('changes nothing for a command that succeeds', async () => {
    const child = startCli(['list', '--json']);
    child.stdout.destroy();
    const { exitCode, stderr } = await child;
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  it('does not turn a failure into a success', async () => {
    const subject = ['--', process.execPath, 'dist/fixtures/subjects/serve.js', 'trace-not-divided'];
    const out = temporaryFolder();
    const child = startCli(['audit', 'laws/kernel-equals-reference', '--out', out, ...subject]);
    child.stdout.once('data', () => child.stdout.destroy());
    const { exitCode, stderr } = await child;
    expect([exitCode, NO_STACK.test(stderr)]).toEqual([1, false]);
    expect(existsSync(join(out, 'verdicts.json'))).toBe(true);
  });
});

describe('results', () => {
  it('come one by one as claims settle, on stdout, and nothing on stderr', async () => {
    const args = ['verify', 'laws/layers-add', 'hu2020/concentration', ...ONE_WORKER];
    const child = startCli([...args, '--out', temporaryFolder()]);
    const settled: boolean[] = [];
    child.stdout.on('data', (text: Buffer) => {
      if (String(text).includes('✓ laws/layers-add')) settled.push(String(text).includes('hu2020/concentration'));
    });
    const { exitCode, stdout, stderr } = await child;
    expect([exitCode, stderr, settled]).toEqual([0, '', [false]]);
    expect(stdout).toMatch(
      /✓ laws\/layers-add .*\n✓ hu2020\/concentration .*\n\n.*\n.*\nEvery verdict is as expected\. Report: /,
    );
    expect(stdout).toContain('false passes, of a claim that about half of its cases violate, at most 0.001');
  });

  it('of an expected refutation are one line, and more with --verbose; with --quiet only the last line is left', async () => {
    const args = ['verify', 'hu2020/scope-spike', ...ONE_WORKER, '--out', temporaryFolder()];
    const { stdout } = await cli(...args);
    expect(stdout).toMatch(
      /✓ hu2020\/scope-spike {2}refuted, as expected {2}\d of \d violate.*\n\nhu2020 {2}1 claim: 1 is refuted, as expected\n/,
    );
    expect((await cli(...args, '--verbose')).stdout).toMatch(
      /refuted, as expected.*\n {4}observed .*\n {4}counterexample \{.*\n {4}npx earlytime replay/,
    );
    expect((await cli(...args, '--quiet')).stdout).toMatch(/^Every verdict is as expected\. Report: .*$/);
  });

  it('are in colour where that is asked for', async () => {
    const run = (env: Readonly<Record<string, string>>) =>
      startCli(['verify', 'laws/layers-add', ...ONE_WORKER, '--quiet', '--out', temporaryFolder()], undefined, undefined, env);
    expect((await run({ FORCE_COLOR: '1', NO_COLOR: '' })).stdout).toContain('\u001b[32m');
    expect((await run({ NO_COLOR: '1' })).stdout).not.toContain('\u001b');
  });
});

it('exits 70 or 4 with a sentence where there are too few file descriptors', async () => {
  for (const limit of [18, 24, 40]) {
    const command = `ulimit -n ${limit}; exec "${process.execPath}" dist/src/cli.js verify laws/layers-add --backend wasm --out ${temporaryFolder()}`;
    const { exitCode, stderr } = await execa('bash', ['-c', command], { reject: false });
    expect([exitCode === 70 || exitCode === 4 || exitCode === 0, exitCode]).toEqual([true, exitCode]);
    if (exitCode !== 0) expect(stderr).toMatch(/earlytime: /);
  }
});

it('says where the Python kit lies', async () => {
  const { stdout } = await cli('python-kit');
  expect(existsSync(join(stdout, 'pyproject.toml'))).toBe(true);
});

it('chooses a backend and its number of workers when none is named', async () => {
  const { code, stdout } = await cli('verify', 'laws/layers-add', '--json', '--out', temporaryFolder());
  expect(code).toBe(0);
  expect(JSON.parse(stdout).subject.backend).not.toBe('auto');
});

it('writes its report into a folder that does not exist yet', async () => {
  const out = join(temporaryFolder(), 'deep', 'down');
  expect((await cli('verify', 'laws/layers-add', '--backend', 'cpu', '--workers', '1', '--out', out)).code).toBe(0);
  expect(existsSync(join(out, 'summary.md'))).toBe(true);
  mkdirSync(join(out, 'more'));
});
