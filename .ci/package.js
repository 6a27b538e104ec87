// The package as a stranger has it: packed, installed into an empty folder elsewhere without development dependencies, and used by its documents alone. Every code
// block of docs/adding-a-claim.md and docs/auditing.md is run there, in TypeScript, JavaScript, Python and shell.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blocksOf } from './documents.js';

const checkout = process.cwd();
const versionOf = (name) => JSON.parse(readFileSync(join(checkout, 'node_modules', name, 'package.json'), 'utf8')).version;
const root = mkdtempSync(join(tmpdir(), 'earlytime-package-'));
let failures = 0;

function run(command, { cwd = root, code = 0, expected = null } = {}) {
  const { status, stdout } = spawnSync('bash', ['-c', command], { cwd, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
  const right = status === code && (expected === null || expected.test(stdout));
  console.log(`${right ? 'passed' : `FAILED (exit ${status})`}: ${command}`);
  if (!right) {
    console.log(stdout);
    failures++;
  }
  return stdout;
}

/** A .npy file of float32. */
function npy(file, shape, entry) {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const padded = `${header.padEnd(64 * Math.ceil((header.length + 11) / 64) - 11)}\n`;
  const size = shape.reduce((product, length) => product * length, 1);
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8]);
  writeFileSync(
    join(root, file),
    Buffer.concat([start, Buffer.from(padded), Buffer.from(Float32Array.from({ length: size }, entry).buffer)]),
  );
}

run('npx publint --strict', { cwd: checkout });
run('npx attw --pack . --profile esm-only --format ascii', { cwd: checkout });
run(`npm pack --silent --pack-destination ${root}`, { cwd: checkout });
const [tarball] = readdirSync(root);
run('npm init -y');
run(`npm install --silent --omit=dev ./${tarball}`);
run('npx earlytime doctor', { expected: /✓ wasm: WebAssembly SIMD[\s\S]*auto takes / });
run('npx earlytime verify laws/layers-add hu2020/concentration', {
  expected: /✓ laws\/layers-add +holds[\s\S]*Every verdict is as expected/,
});
npy('X.npy', [60, 20], (_, k) => Math.sin(1 + 7 * k * k));
npy('y.npy', [60], (_, k) => (k % 2 === 0 ? 1 : -1));
run('npx earlytime inspect --inputs X.npy --labels y.npy --width 200', { expected: /kernel: ‖Θ − Θ\^lin‖ = [\s\S]*page: / });
run('npx earlytime audit laws -- node node_modules/earlytime/examples/audit-javascript/subject.mjs', {
  expected: /✓ laws\/training-equals-reference +holds[\s\S]*All \d+ verdicts are as expected/,
});
run('cp node_modules/earlytime/examples/my-claim/claims.mjs . && npx earlytime list mine --claims claims.mjs', {
  expected: /mine\/near-linear/,
});
run('test -z "$(find node_modules/earlytime -name "*.test.*")" && test ! -e node_modules/webgpu');

// From here on as the documents say, whose installation is that of the tarball.
run(`npm install --silent --save-dev ./${tarball} vitest@${versionOf('vitest')} typescript@${versionOf('typescript')}`);
for (const document of ['docs/adding-a-claim.md', 'docs/auditing.md']) {
  const blocks = blocksOf(join(checkout, document));
  for (const { name, code } of blocks) if (name !== '') writeFileSync(join(root, name), code);
  for (const { language, code } of blocks) {
    if (language !== 'sh') continue;
    for (const line of code.trim().split('\n')) if (!line.startsWith('npm install')) run(line);
  }
}
run('PYTHON=venv/bin/python sh node_modules/earlytime/examples/own-data/inspect.sh', { expected: /page: reports\/inspect/ });
run('npx earlytime audit laws/kernel -- venv/bin/python node_modules/earlytime/examples/audit-python/mine.py', {
  expected: /All \d+ verdicts are as expected/,
});
const options = '--noEmit --strict --module nodenext --target es2023 --lib es2023,dom --skipLibCheck --noUncheckedIndexedAccess';
run(
  `npx tsc ${options} ${readdirSync(root)
    .filter((name) => name.endsWith('.ts'))
    .join(' ')}`,
);

rmSync(root, { recursive: true });
process.exitCode = failures === 0 ? 0 : 1;
