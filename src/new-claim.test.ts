import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { copyOfPackage, startCli, temporaryFolder } from './testing/cli.js';

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
  writeFileSync(join(root, 'dist', 'properties', 'mine', 'too-small.js'), FALSE_CLAIM);
  const index = join(root, 'dist', 'properties', 'index.js');
  const text = readFileSync(index, 'utf8').replace('export const claims = [', 'export const claims = [\n    tooSmall,');
  writeFileSync(index, `import { tooSmall } from './mine/too-small.js';\n${text}`);

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
