import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { addClaim, copyOfPackage, startCli, temporaryFolder } from './testing/cli.js';

/** A claim that is true of no wide network: that the kernel is half of what it is. */
const FALSE_CLAIM = `
import { defineClaim } from '../../src/claim.js';
import { twoLayerInstances } from '../../src/instance.js';
import { materialise } from '../../src/problem.js';

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
    const { rows, data } = await subject.tangentKernel(materialise(instance), 'first');
    let trace = 0;
    for (let i = 0; i < rows; i++) trace += data[i * rows + i];
    return { kind: 'bound', observed: factor * trace, bound: 0.05 * rows, roundoff: 0, constant: null, quantities: { trace }, rounding: null };
  },
  controls: [{ id: 'tenfold', statement: 'ten times the trace', where: instances, theory: { factor: 10 } }],
});
`;

it('a claim that is one new file and one line of the index is listed, verified, refuted, shrunk and replayed', async () => {
  const root = copyOfPackage();
  addClaim(root, 'tooSmall', FALSE_CLAIM);

  const listed = await startCli(['list', '--json'], root);
  expect(JSON.parse(listed.stdout).claims[0]).toMatchObject({ id: 'mine/too-small', kind: 'bound' });

  const verified = await startCli(['verify', 'mine', '--backend', 'wasm', '--json', '--out', temporaryFolder()], root);
  expect(verified.exitCode).toBe(1);
  const { claims } = JSON.parse(verified.stdout);
  expect(claims[0]).toMatchObject({ verdict: 'refuted', expected: 'holds', controls: [{ id: 'tenfold', verdict: 'refuted' }] });
  const { counterexample } = claims[0];
  expect(counterexample.instance).toMatchObject({ inputDimension: 4, samples: Math.ceil(4 ** 1.1), alpha: 0.1 });
  expect(counterexample.shrinks).toBeGreaterThan(0);
  expect(verified.stderr).toContain('✗ mine/too-small');
  expect(verified.stderr).toContain(counterexample.replay);

  const [, , ...replay] = counterexample.replay.split(' ');
  const replayed = await startCli([...replay, '--backend', 'wasm', '--json'], root);
  expect(replayed.exitCode).toBe(1);
  expect(JSON.parse(replayed.stdout).instance).toEqual(counterexample.instance);
  expect(replayed.stderr).toContain('violated');
});

it('a counterexample that was saved is measured first, until it passes', async () => {
  const root = copyOfPackage();
  addClaim(root, 'tooSmall', FALSE_CLAIM);
  const project = temporaryFolder();
  const verify = (...more: string[]) =>
    startCli(['verify', 'mine', '--backend', 'wasm', '--json', '--out', 'out', ...more], root, project);

  expect((await verify('--save')).stderr).toMatch(/kept: fixtures\/counterexamples\/mine\.too-small-[0-9a-f]{8}\.json/);
  const folder = join(project, 'fixtures', 'counterexamples');
  const [name] = readdirSync(folder);
  const again = await verify();
  expect(JSON.parse(again.stdout).claims[0].kept).toEqual([
    { file: join('fixtures', 'counterexamples', name!), violated: true, reason: null },
  ]);
  expect(again.stderr).toContain('still violates the claim');
  expect(readFileSync(join(project, 'out', 'index.html'), 'utf8')).toContain('still violates the claim');

  // A claim that holds, but not of the kept case, fails all the same; mended, it passes.
  const file = join(root, 'dist', 'properties', 'mine', 'tooSmall.js');
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
