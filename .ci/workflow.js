// Runs the workflow of docs/ci.md line by line on this machine: each job in a clean clone of its own, artefacts as folders, `gh` as a program that prints what it is
// given. Every line is run as it is written, but that `verify` has a few cheap claims to verify. Actions are not run.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { blocksOf } from './documents.js';

const [{ code: text }] = blocksOf('docs/ci.md').filter(({ language }) => language === 'yaml');
const { jobs } = parse(text);
const root = mkdtempSync(join(tmpdir(), 'workflow-'));
const artefacts = join(root, 'artefacts');
const bin = join(root, 'bin');
mkdirSync(bin);
writeFileSync(join(bin, 'gh'), '#!/bin/sh\necho "gh $*"\n', { mode: 0o755 });
const summary = join(root, 'summary.md');
let failures = 0;

function checkout() {
  const folder = mkdtempSync(join(root, 'checkout-'));
  run(`git clone --quiet ${resolve('.')} ${folder}`, root);
  return folder;
}

/** Expressions of the workflow, as GitHub fills them in. */
const filled = (value, matrix) =>
  value.replace(/\$\{\{ matrix\.shard \}\}/g, String(matrix.shard)).replace(/\$\{\{ github\.event\.number \}\}/, '1');

function run(command, folder) {
  const cheap = command.replace(
    'earlytime verify',
    'earlytime verify laws/layers-add hu2020/scope-spike hu2020/first-layer-certificate --backend wasm',
  );
  const environment = { ...process.env, GITHUB_STEP_SUMMARY: summary, PATH: `${bin}:${process.env.PATH}` };
  const { status, stdout } = spawnSync('bash', ['-e', '-c', cheap], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  console.log(`${status === 0 ? 'passed' : `FAILED (exit ${status})`}: ${cheap}`);
  if (status !== 0) failures++;
  return String(stdout);
}

const annotations = [];
for (const job of [jobs.verify, jobs.report]) {
  for (const shard of job.strategy?.matrix.shard ?? [null]) {
    const folder = checkout();
    for (const step of job.steps) {
      const path = step.with?.path;
      if (step.uses?.startsWith('actions/upload')) cpSync(join(folder, path), artefacts, { recursive: true });
      else if (step.uses?.startsWith('actions/download')) cpSync(artefacts, join(folder, path), { recursive: true });
      else if (step.run) {
        const output = run(filled(step.run, { shard }), folder);
        if (step.run.startsWith('jq')) annotations.push(output);
      }
    }
  }
}
// The one claim that is refuted here is expected to be; with the expectation changed it is annotated.
const verdicts = JSON.parse(readFileSync(join(artefacts, 'verdicts.json'), 'utf8'));
const [annotate] = jobs.report.steps.filter(({ run }) => run?.startsWith('jq')).map(({ run }) => run);
for (const claim of verdicts.claims) claim.expected = 'holds';
mkdirSync(join(root, 'changed', 'reports'), { recursive: true });
writeFileSync(join(root, 'changed', 'reports', 'verdicts.json'), JSON.stringify(verdicts));
const changed = run(annotate, join(root, 'changed'));
const sound =
  annotations.join('') === '' && /^::error title=hu2020\/scope-spike::.*npx earlytime replay hu2020\/scope-spike/.test(changed);
if (!sound) console.log(`FAILED: annotations are '${annotations.join('')}' and '${changed}'`);
if (!existsSync(join(artefacts, 'index.html')) || !readFileSync(summary, 'utf8').includes('# earlytime')) {
  console.log('FAILED: no page or no summary');
  failures++;
}
rmSync(root, { recursive: true });
process.exitCode = failures === 0 && sound ? 0 : 1;
