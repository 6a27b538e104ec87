// Runs every `sh` block of the README that begins with npx or npm run, as a reader would, in the built checkout.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const documents = ['README.md', 'CONTRIBUTING.md', 'docs/auditing.md'];
const blocks = documents.flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/```sh\n(.*?)```/gs)].map(([, code]) => ({ file, code: code.trim() })),
);
let failures = 0;
for (const { file, code } of blocks) {
  // The installation, the whole test suite and the main job are steps of their own.
  const lines = code
    .split('\n')
    .filter((line) => !/^npm (ci|test)|npm ci &&|^npm run (bench|calibrate)|build-tensorflow/.test(line));
  for (const line of lines) {
    const { status } = spawnSync('bash', ['-c', line], { stdio: 'inherit' });
    console.log(`${status === 0 ? 'passed' : `FAILED (exit ${status})`}: ${file}: ${line}`);
    if (status !== 0) failures++;
  }
}
process.exitCode = failures === 0 && blocks.length > 0 ? 0 : 1;
