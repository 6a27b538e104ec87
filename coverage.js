import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

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

/** Leaves what is of the bundles, whose source maps c8 must read itself: in those that Node keeps it takes every source for one outside the project. */
function keepBundles() {
  const dist = pathToFileURL('dist/src/').href;
  for (const file of readdirSync(childCoverage).map((name) => join(childCoverage, name))) {
    const { result } = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ result: result.filter(({ url }) => url.startsWith(dist)) }));
  }
}

// Run as a script: the tests with both coverage gates.
if (process.argv[1] === import.meta.filename) {
  rmSync('coverage', { recursive: true, force: true });
  const run = (...command) => execFileSync('npx', command, { stdio: 'inherit' });
  run('vitest', 'run', '--coverage');
  keepBundles();
  const gate = ['--check-coverage', '--lines', '90', '--branches', '90', '--exclude-after-remap'];
  const files = processFiles.flatMap((file) => ['--include', file]);
  run('c8', 'report', '--temp-directory', childCoverage, '--reporter', 'text', ...gate, ...files);
}
