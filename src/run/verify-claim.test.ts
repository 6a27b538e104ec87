import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

it("the examples of docs/adding-a-claim.md pass in a reader's vitest, and fail where the claim is wrong", async () => {
  const text = readFileSync(join(packageRoot, 'docs', 'adding-a-claim.md'), 'utf8');
  const examples = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!);
  expect(examples).toHaveLength(2);
  // Inside the package, whose own name resolves to its build.
  const folder = join(packageRoot, 'reports', 'examples');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [k, code] of examples.entries()) writeFileSync(join(folder, `example-${k}.test.ts`), code);
  writeFileSync(join(folder, 'wrong.test.ts'), examples[0]!.replace('C: 0.037', 'C: 0.01'));
  const run = (file: string) =>
    execa(
      'npx',
      ['vitest', 'run', '--root', packageRoot, '--config', join(folder, 'none.ts'), join('reports', 'examples', file)],
      {
        reject: false,
        cwd: packageRoot,
        env: { NO_COLOR: '1' },
      },
    );
  writeFileSync(join(folder, 'none.ts'), 'export default {};\n');
  for (const k of examples.keys()) {
    const { exitCode, stdout, stderr } = await run(`example-${k}.test.ts`);
    expect(exitCode, stdout + stderr).toBe(0);
  }
  const { exitCode, stdout, stderr } = await run('wrong.test.ts');
  expect([exitCode, stdout + stderr]).toEqual([1, expect.stringContaining('counterexample')]);
});
