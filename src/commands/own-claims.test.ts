import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ONE_WORKER, projectFolder, startCli } from '../testing/cli.js';

/** A claim that is true of no wide network: that the kernel is half of what it is. */
const FALSE_CLAIM = `
import { defineClaim, drawProblem, twoLayerInstances } from 'earlytime';

const instances = twoLayerInstances({
  inputDimension: [4, 30], samplesFactor: [1, 3], widthFactor: [1, 3], alpha: [0.1, 0.2], activations: ['relu'],
});

export const tooSmall = defineClaim({
  id: 'mine/too-small',
  kind: 'bound',
  statement: 'Tr Θ₁ ≤ 0.05 n',
  source: { paper: 'mine', place: 'a guess' },
  assumptions: [],
  instances,
  theory: { factor: 1 },
  passRate: { claimed: 0.99, broken: 0.9 },
  measure: async (instance, { factor }, { subject }) => {
    const { rows, data } = await subject.twoLayer.tangentKernel(drawProblem(instance), 'first');
    let trace = 0;
    for (let i = 0; i < rows; i++) trace += data[i * rows + i];
    return { observed: factor * trace, bound: 0.05 * rows, constant: null, quantities: { trace } };
  },
  controls: [{ id: 'tenfold', statement: 'ten times the trace', where: instances, theory: { factor: 10 } }],
});
`;

const CLAIMS = ['--claims', 'mine.mjs'];

/** A project with that claim in mine.mjs. */
function project(claim = FALSE_CLAIM) {
  const folder = projectFolder();
  const file = join(folder, 'mine.mjs');
  writeFileSync(file, claim);
  const run = (...args: string[]) => startCli(args, undefined, folder);
  return { folder, file, run };
}

it('a claim in a file of a project is listed, verified, refuted, shrunk, reported and replayed', async () => {
  const { folder, run } = project();
  const listed = await run('list', 'mine', '--json', ...CLAIMS);
  expect(JSON.parse(listed.stdout).claims).toMatchObject([{ id: 'mine/too-small', kind: 'bound' }]);

  const verified = await run('verify', 'mine', ...ONE_WORKER, '--json', '--verbose', ...CLAIMS);
  expect(verified.exitCode).toBe(1);
  const { claims } = JSON.parse(verified.stdout);
  expect(claims[0]).toMatchObject({ verdict: 'refuted', expected: 'holds', controls: [{ id: 'tenfold', verdict: 'refuted' }] });
  const { counterexample } = claims[0];
  expect(counterexample.instance).toMatchObject({ inputDimension: 4, samples: Math.ceil(4 ** 1.1), alpha: 0.1 });
  expect(counterexample.shrinks).toBeGreaterThan(0);
  expect(verified.stderr).toContain('✗ mine/too-small');
  expect(verified.stderr).toContain(counterexample.replay);
  expect(counterexample.replay).toContain(' --claims ./mine.mjs ');
  expect(readFileSync(join(folder, 'reports', 'index.html'), 'utf8')).toContain('Tr Θ₁ ≤ 0.05 n');
  expect(readdirSync(join(folder, 'reports', 'records'))).toEqual(['mine.too-small.jsonl']);

  const again = await run('report', '--json', ...CLAIMS);
  expect([again.exitCode, JSON.parse(again.stdout)]).toEqual([1, JSON.parse(verified.stdout)]);
  const without = await run('report');
  expect([without.exitCode, without.stderr]).toEqual([
    2,
    expect.stringMatching(/mine\/too-small, which is not registered.*--claims/s),
  ]);

  const [, , ...replay] = counterexample.replay.split(' ');
  const replayed = await run(...replay, '--backend', 'wasm', '--json');
  expect(replayed.exitCode).toBe(1);
  expect(JSON.parse(replayed.stdout).instance).toEqual(counterexample.instance);
  expect(replayed.stderr).toContain('violated');
});

it('a claim of a project is calibrated, and keeps a baseline of its margins', async () => {
  const calibrated = FALSE_CLAIM.replace('bound: 0.05 * rows', "bound: constant('C') * rows")
    .replace('constant: null', "constant: 'C'")
    .replace('{ subject }', '{ subject, constant }');
  const { folder, run } = project(calibrated);
  const early = await run('verify', 'mine', ...ONE_WORKER, ...CLAIMS);
  expect([early.exitCode, early.stderr]).toEqual([
    2,
    expect.stringMatching(/never calibrated\n.*npx earlytime calibrate mine\/too-small/),
  ]);
  const zero = project(calibrated.replace('observed: factor * trace', 'observed: 0'));
  const damaged = await zero.run('calibrate', 'mine', '--workers', '1', '--instances', '300', ...CLAIMS);
  expect([damaged.exitCode, damaged.stderr]).toEqual([2, expect.stringMatching(/mine\/too-small cannot be calibrated/)]);
  expect(existsSync(join(zero.folder, 'fixtures', 'calibration.json'))).toBe(false);
  const unfrozen = await run('calibrate', 'mine', '--workers', '1', '--resolution', ...CLAIMS);
  expect([unfrozen.exitCode, unfrozen.stderr]).toEqual([
    2,
    expect.stringMatching(/has no entry.*\n.*without --resolution first/s),
  ]);
  const few = await run('calibrate', 'mine', '--workers', '1', '--instances', '20', ...CLAIMS);
  expect([few.exitCode, few.stderr]).toEqual([2, expect.stringMatching(/at least 300 instances.*--instances/s)]);
  const { exitCode, stdout } = await run('calibrate', 'mine', '--workers', '1', '--instances', '300', ...CLAIMS);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(
    /constant C = 1\.\d+: 1.25 × the 99.5th percentile .* of 300 instances[\s\S]*control tenfold: 100 % of 60 violate/,
  );
  const entry = JSON.parse(readFileSync(join(folder, 'fixtures', 'calibration.json'), 'utf8'))['mine/too-small'];
  expect(entry.command).toContain('npx earlytime calibrate mine/too-small --claims ./mine.mjs --seed 20261 --instances 300');
  const again = await run(
    'calibrate',
    'mine',
    '--workers',
    '1',
    '--instances',
    '300',
    '--seed',
    '7',
    '--json',
    '--out',
    'other.json',
    ...CLAIMS,
  );
  expect(JSON.parse(again.stdout)['mine/too-small']).toMatchObject({ seed: 7, controls: { tenfold: { violationRate: 1 } } });
  const noticed = await run('calibrate', 'mine', '--workers', '1', '--resolution', ...CLAIMS);
  expect([noticed.exitCode, noticed.stdout]).toEqual([
    0,
    expect.stringMatching(/constant C = 1\.\d+[\s\S]*quick: the observed quantity larger by .*\n {2}standard: /),
  ]);
  const held = await run('verify', 'mine', ...ONE_WORKER, ...CLAIMS);
  expect([held.exitCode, held.stdout]).toEqual([
    0,
    expect.stringMatching(/✓ mine\/too-small {2}holds .*; would notice the observed quantity larger by/),
  ]);
  expect((await run('baseline', 'update', '--reason', 'new', ...CLAIMS)).stdout).toMatch(/^1 entry in/);
  const watched = await run('verify', 'mine', '--seed', '2', ...ONE_WORKER, '--json', ...CLAIMS);
  expect([watched.exitCode, JSON.parse(watched.stdout).claims[0].drift]).toMatchObject([0, { regressed: false }]);
});

it('a claim that its test cannot decide is no pass', async () => {
  // One case in seven violates, between the claimed rate and the broken one: 200 cases are not enough.
  const wandering = FALSE_CLAIM.replace('let trace = 0;', 'let trace = 0; const violates = factor > 1 || cases++ % 7 === 3;')
    .replace('observed: factor * trace', 'observed: violates ? 2 : 0')
    .replace('bound: 0.05 * rows', 'bound: 1')
    .replace('const instances', 'let cases = 0;\nconst instances');
  const { run } = project(wandering);
  const { exitCode, stdout } = await run('verify', 'mine', ...ONE_WORKER, ...CLAIMS);
  expect([exitCode, stdout]).toEqual([
    3,
    expect.stringMatching(
      /\? mine\/too-small {2}undecided {2}29 of 200 violate.*\n {4}undecided, expected holds \(the budget ended after 200 cases\)/,
    ),
  ]);
  expect(stdout).toMatch(/mine {2}1 claim: 1 is undecided\n1 of 1 verdict undecided, which is no pass: mine\/too-small\./);
});

it('a file of claims that cannot be used gets a sentence', async () => {
  const { file, run } = project();
  for (const [text, message] of [
    ['export const x = 3;', /exports no claim\n.*expected: a module that exports what defineClaim returns/],
    ['export {', /cannot be imported: /],
    [FALSE_CLAIM.replace('passRate:', 'passrate:'), /the claim 'mine\/too-small' cannot be defined\n.*"passrate"/],
    [FALSE_CLAIM.replace('mine/too-small', 'laws/layers-add'), /whose id is taken\n.*laws\/layers-add/],
  ] as const) {
    writeFileSync(file, text);
    const { exitCode, stderr } = await run('list', ...CLAIMS);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  }
  const none = await run('list', '--claims', 'none.mjs');
  expect([none.exitCode, none.stderr]).toEqual([2, expect.stringMatching(/there is no file '.*none.mjs'/)]);
});

it('a counterexample that was saved is measured first, until it passes', async () => {
  const { folder: root, file, run } = project();
  const verify = (...more: string[]) => run('verify', 'mine', ...ONE_WORKER, '--json', '--out', 'out', ...CLAIMS, ...more);

  expect((await verify('--save')).stderr).toMatch(/kept: fixtures\/counterexamples\/mine\.too-small-[0-9a-f]{8}\.json/);
  const folder = join(root, 'fixtures', 'counterexamples');
  const [name] = readdirSync(folder);
  const again = await verify();
  expect(JSON.parse(again.stdout).claims[0].kept).toEqual([
    { file: join('fixtures', 'counterexamples', name!), violated: true, reason: null },
  ]);
  expect(again.stderr).toContain('still violates the claim');
  expect(readFileSync(join(root, 'out', 'index.html'), 'utf8')).toContain('still violates the claim');

  // A claim that holds, but not of the kept case, fails all the same; mended, it passes.
  const kept = JSON.parse(readFileSync(join(folder, name!), 'utf8')).instance.seed;
  const holding = FALSE_CLAIM.replace(
    'observed: factor * trace',
    `observed: (instance.seed === ${kept} || factor > 1 ? 1 : 0) * trace`,
  );
  writeFileSync(file, holding);
  const held = await verify();
  expect([held.exitCode, JSON.parse(held.stdout).claims[0].verdict]).toEqual([1, 'holds']);
  expect(JSON.parse(held.stdout).claims[0].asExpected).toBe(false);
  writeFileSync(file, holding.replace(`instance.seed === ${kept} || `, ''));
  const mended = await verify('--save');
  expect([mended.exitCode, JSON.parse(mended.stdout).claims[0].kept[0].violated]).toEqual([0, false]);
  expect(mended.stderr).toContain('no counterexample to keep');

  // Outside a narrower theorem it is no counterexample any more.
  writeFileSync(
    file,
    holding.replace('assumptions: []', `assumptions: [{ statement: 'narrower', holds: ({ seed }) => seed !== ${kept} }]`),
  );
  const narrowed = await verify();
  expect(narrowed.exitCode).toBe(0);
  expect(JSON.parse(narrowed.stdout).claims[0].kept[0]).toMatchObject({
    violated: false,
    reason: expect.stringContaining('narrower'),
  });

  // One that cannot be measured is not passed over, and one that is no case is refused before anything is measured.
  writeFileSync(
    file,
    holding.replace('let trace = 0;', `let trace = 0; if (instance.seed === ${kept}) throw new Error('lost');`),
  );
  const lost = await verify();
  expect([lost.exitCode, JSON.parse(lost.stdout).claims[0].kept[0]]).toMatchObject([4, { violated: null, reason: 'lost' }]);
  for (const [text, message] of [
    ['{', /cannot be used/],
    ['{"claim":"mine/none"}', /found: mine\/none/],
    ['{"claim":"mine/too-small","instance":{"seed":1}}', /holds no instance/],
  ] as const) {
    writeFileSync(join(folder, 'other.json'), text);
    const refused = await verify();
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(message);
  }
});
