import { cpSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { childCoverage } from '../../coverage.js';
import { packageRoot } from '../support/files.js';

/** Where workers are not what is tested: each takes a second of CPU time to start. */
export const ONE_WORKER = ['--backend', 'wasm', '--workers', '1'] as const;

/** Starts the built command line, as a user would, with its coverage recorded. */
export function startCli(
  args: readonly string[],
  root = packageRoot,
  cwd = process.cwd(),
  env: Readonly<Record<string, string>> = { NO_COLOR: '1' },
) {
  return execa('node', [join(root, 'dist', 'src', 'cli.js'), ...args], {
    reject: false,
    cwd,
    env: { NODE_V8_COVERAGE: resolve(packageRoot, childCoverage), ...env },
    timeout: 600_000,
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

/** An empty project in which the package is installed. */
export function projectFolder(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(packageRoot, join(folder, 'node_modules', 'earlytime'));
  return folder;
}

/** A copy of the built package, in which a test may change what it likes. */
export function copyOfPackage(): string {
  const root = temporaryFolder();
  for (const part of ['dist', 'package.json', 'fixtures']) cpSync(join(packageRoot, part), join(root, part), { recursive: true });
  symlinkSync(join(packageRoot, 'node_modules'), join(root, 'node_modules'));
  return root;
}
