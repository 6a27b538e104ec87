// Runs every `sh` block of the documents that belong to the checkout, as a reader would, after the build. The documents of the package are run by package.js.
import { spawnSync } from 'node:child_process';
import { blocksOf } from './documents.js';

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/verdicts.md',
  'docs/inspect.md',
  'docs/ci.md',
  'docs/backends.md',
  'docs/architecture.md',
];
const blocks = documents.flatMap(blocksOf).filter(({ language }) => language === 'sh');
let failures = 0;
for (const { file, code } of blocks) {
  // The installation, the whole test suite and the main job are steps of their own.
  const lines = code
    .trim()
    .split('\n')
    .filter((line) => !/^npm (ci|test|install)|npm ci &&|^npm run bench|build-tensorflow/.test(line));
  for (const line of lines) {
    const { status } = spawnSync('bash', ['-c', line], { stdio: 'inherit' });
    console.log(`${status === 0 ? 'passed' : `FAILED (exit ${status})`}: ${file}: ${line}`);
    if (status !== 0) failures++;
  }
}
process.exitCode = failures === 0 && blocks.length > 0 ? 0 : 1;
