import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { plainSubject } from '../../fixtures/subjects/plain.js';
import { wrongSubjects } from '../../fixtures/subjects/wrong.js';
import { packageRoot } from '../support/files.js';
import { cli, temporaryFolder } from '../testing/cli.js';
import { inProcess } from '../testing/in-process.js';
import { testClaims } from '../vitest.js';
import { verifyClaim } from './verify-claim.js';

testClaims(['laws/layers-add', 'hu2020/scope-narrow'], { seed: 3 });
testClaims(['laws/kernel-equals-reference'], { subject: Promise.resolve(inProcess(plainSubject('plain'))) });

it('gives the verdict of the command line', async () => {
  const { timing: _, ...verdict } = await verifyClaim('hu2020/concentration', { seed: 5 });
  const out = temporaryFolder();
  const { stdout } = await cli('verify', 'hu2020/concentration', '--seed', '5', '--backend', 'wasm', '--out', out, '--json');
  // Only a project has a baseline.
  const { timing: __, drift: ___, ...expected } = JSON.parse(stdout).claims[0];
  expect(verdict).toEqual(expected);
});

it('refutes a wrong subject with a counterexample, and accepts a right one', async () => {
  const wrong = wrongSubjects.find(({ subject }) => subject.name === 'trace-not-divided')!;
  const refuted = await verifyClaim('laws/kernel-equals-reference', { subject: inProcess(wrong.subject) });
  expect(refuted).toMatchObject({ verdict: 'refuted', asExpected: false, counterexample: { rootSeed: 42, path: '0' } });
  const holds = await verifyClaim('laws/kernel-equals-reference', { subject: inProcess(plainSubject('plain')) });
  expect(holds).toMatchObject({ verdict: 'holds', asExpected: true, counterexample: null });
  const lacking = await verifyClaim('laws/flow-conserves', { subject: inProcess(plainSubject('plain')) });
  expect(lacking).toMatchObject({ verdict: 'unmeasured', missing: true });
});

it('names a claim that is not there', async () => {
  await expect(verifyClaim('mine/nothing')).rejects.toThrow(/unknown claim/);
});

const FAILING = `
import { capable, defineClaim, drawProblem, twoLayerInstances } from 'earlytime';
import { testClaims } from 'earlytime/vitest';
const instances = twoLayerInstances({ inputDimension: [4, 8], samplesFactor: [1, 2], widthFactor: [1, 2], alpha: [0.1, 0.2], activations: ['relu'] });
const traceBelow = (id, part, controlled) => defineClaim({
  id, kind: 'bound', statement: 'the trace is below that part of n', source: { paper: 'mine', place: 'a guess' }, assumptions: [], instances,
  theory: { factor: 1 }, passRate: { claimed: 0.99, broken: 0.9 },
  measure: async (instance, { factor }, { subject }) => {
    const { rows, data } = await capable(subject, 'twoLayer', 'tangentKernel')(drawProblem(instance), 'first');
    let trace = 0;
    for (let i = 0; i < rows; i++) trace += data[i * rows + i];
    return { kind: 'bound', observed: factor * trace, bound: part * rows, roundoff: 0, constant: null, quantities: {}, rounding: null };
  },
  controls: [{ id: 'scaled', statement: 'another trace', where: instances, theory: { factor: controlled } }],
});
testClaims([traceBelow('mine/false', 0.01, 10), traceBelow('mine/weak', 100, 1.5), 'laws/layers-add']);
`;

it("a claim that fails in a reader's vitest says what was found, and how to see it again; one whose control passes says so", async () => {
  // Inside the package, whose own name resolves to its build.
  const folder = join(packageRoot, 'reports', 'examples');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'none.mjs'), 'export default {};\n');
  writeFileSync(join(folder, 'failing.test.mjs'), FAILING);
  const args = ['--root', packageRoot, '--config', join(folder, 'none.mjs'), join('reports', 'examples', 'failing.test.mjs')];
  const { exitCode, stdout, stderr } = await execa('npx', ['vitest', 'run', ...args], {
    reject: false,
    cwd: packageRoot,
    env: { NO_COLOR: '1' },
  });
  const said = stdout + stderr;
  expect(exitCode).toBe(1);
  expect(said).toMatch(/mine\/false: refuted, expected holds/);
  expect(said).toMatch(
    /observed \d[\d.]*, bound \d[\d.]*\n.*counterexample \{"inputDimension":.*\n.*npx earlytime replay mine\/false --claims FILE --seed -?\d+ --path \d+, with FILE the module/,
  );
  expect(said).toMatch(/control scaled was not refuted: holds after \d+ cases; the test would not notice this wrong theory/);
  expect(said).toMatch(/1 passed/);
});
