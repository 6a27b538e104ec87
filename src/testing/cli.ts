import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { childCoverage } from '../../coverage.js';
import { packageRoot } from '../files.js';

/** The running command line, which is also a promise of its end. */
export type RunningCli = ReturnType<typeof startCli>;

/** Starts the built command line, as a user would, with its coverage recorded. */
export function startCli(args: readonly string[], root = packageRoot, cwd = process.cwd()) {
  return execa('node', [join(root, 'dist', 'src', 'cli.js'), ...args], {
    reject: false,
    cwd,
    env: { NODE_V8_COVERAGE: resolve(packageRoot, childCoverage), NO_COLOR: '1' },
    timeout: 150_000,
  });
}

/** Runs it to the end. */
export async function cli(...args: string[]) {
  const { exitCode, stdout, stderr } = await startCli(args);
  return { code: exitCode, stdout, stderr };
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'earlytime-'));
}

/** A copy of the built package, to which a test may add claims. */
export function copyOfPackage(): string {
  const root = temporaryFolder();
  for (const part of ['dist', 'package.json', 'fixtures']) cpSync(join(packageRoot, part), join(root, part), { recursive: true });
  symlinkSync(join(packageRoot, 'node_modules'), join(root, 'node_modules'));
  mkdirSync(join(root, 'dist', 'properties', 'mine'));
  return root;
}

/** Writes a claim's file into a copy of the package, and registers it. */
export function addClaim(root: string, exported: string, source: string): void {
  writeFileSync(join(root, 'dist', 'properties', 'mine', `${exported}.js`), source);
  const index = join(root, 'dist', 'properties', 'index.js');
  const text = readFileSync(index, 'utf8').replace('export const claims = [', `export const claims = [\n    ${exported},`);
  writeFileSync(index, `import { ${exported} } from './mine/${exported}.js';\n${text}`);
}
