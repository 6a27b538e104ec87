import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';

/** Files that run in processes of their own: c8 measures them, vitest's provider all others. */
export const processFiles = [
  'src/cli.ts',
  'src/commands/*.ts',
  'src/audit/expected-failures.ts',
  'src/baseline/baseline.ts',
  'src/claim/calibration.ts',
  'src/claim/registry.ts',
  'src/run/calibrate.ts',
  'src/run/conclude.ts',
  'src/run/rejudge.ts',
  'src/run/kept.ts',
  'src/run/pool.ts',
  'src/run/verify.ts',
  'src/run/worker.ts',
  'src/subject/choice.ts',
];

/** What only runs where an optional package is installed. */
export const optionalFiles = existsSync('node_modules/webgpu') ? [] : ['src/backend/webgpu.ts'];

/** Where children of the tests leave their coverage. */
export const childCoverage = 'coverage/children';

// Run as a script: the tests with both coverage gates.
if (process.argv[1] === import.meta.filename) {
  rmSync('coverage', { recursive: true, force: true });
  const run = (...command) => execFileSync('npx', command, { stdio: 'inherit' });
  run('vitest', 'run', '--coverage');
  const gate = ['--check-coverage', '--lines', '90', '--branches', '90', '--exclude-after-remap'];
  const files = processFiles.flatMap((file) => ['--include', file]);
  run('c8', 'report', '--temp-directory', childCoverage, '--reporter', 'text', ...gate, ...files);
}
