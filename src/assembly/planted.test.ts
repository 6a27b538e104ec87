import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from 'assemblyscript/asc';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../support/files.js';
import { copyOfPackage, startCli, temporaryFolder } from '../testing/cli.js';

/** A copy of the package, a module of which was compiled with the wrong text in place of the right one in a file of src/assembly. */
async function planted(file: string, text: string, wrong: string): Promise<string> {
  const root = copyOfPackage();
  const [module] = file.split('/');
  const out = join(root, 'dist', 'src', 'assembly', `${module}.wasm`);
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--importMemory', '--disableWarning', '112'];
  let found = 0;
  const { error, stderr } = await main([`src/assembly/${module}/index.ts`, '-o', out, ...options], {
    readFile: (name) => {
      const source = readSource(join(packageRoot, name));
      if (!name.endsWith(file) || source === null) return source;
      found = source.split(text).length - 1;
      return source.replace(text, wrong);
    },
  });
  expect([error, stderr.toString(), found]).toEqual([null, '', 1]);
  return root;
}

function readSource(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** The subject and the reference share no code, so an error in either shows as a disagreement, or the probe refuses the backend. */
describe('an error in the kernels is caught:', () => {
  it.each([
    [
      'a product without its last term',
      'float32/products.ts',
      't < k; t++) {\n    const y0',
      't < k - 1; t++) {\n    const y0',
      'kernel-equals',
    ],
    [
      'a slope beside a value that is off',
      'float32/activations.ts',
      'v128.store(slopes, logisticSlope(e, 4))',
      'v128.store(slopes, logisticSlope(e, 4.002))',
      'kernel-equals',
    ],
    [
      'a mean over one more',
      'float32/two-layer.ts',
      '(<f32>n * Mathf.sqrt(<f32>m))',
      '(<f32>(n + 1) * Mathf.sqrt(<f32>m))',
      'training',
    ],
    [
      'labels that pull too hard',
      'float32/gradient-flow.ts',
      '<f32>1 / <f32>samples',
      '<f32>1.002 / <f32>samples',
      'flow-equals',
    ],
    ['a turn that is too far', 'float32/relu-neurons.ts', 'q * 2', 'q * 2.002', 'neurons-equal'],
    ['a reference without its last terms', 'float64/products.ts', '(k & ~1)', '((k - 1) & ~1)', 'kernel-equals'],
    [
      'a reference that errs in its mean',
      'float64/gradient-flow.ts',
      '/ <f64>samples : 0',
      '* 1.002 / <f64>samples : 0',
      'flow-equals',
    ],
    ['a reflection that is none', 'float64/eigenvalues.ts', '/ (2 * half)', '/ (2.001 * half)', 'linear-algebra'],
  ])('%s', async (_, file, text, wrong, law) => {
    const root = await planted(file, text, wrong);
    const options = ['--backend', 'wasm', '--workers', '1', '--out', temporaryFolder()];
    const { exitCode, stdout, stderr } = await startCli(['verify', `laws/${law}`, ...options], root);
    expect(`${stdout}${stderr}`).toMatch(/refuted|computes wrongly/);
    expect([1, 4]).toContain(exitCode);
  });
});
