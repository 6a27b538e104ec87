import { appendFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CaseRecord } from '../record/case-record.js';
import type { Manifest } from '../record/manifest.js';
import { openRunFolder, type RunFolder } from './folder.js';

const record = (index: number): CaseRecord => ({
  claim: 'p/c',
  control: null,
  index,
  instance: { seed: index },
  outcome: { status: 'unmeasured', reason: 'r' },
  seconds: 1,
});
const manifest = (seed: number): Manifest => ({
  claims: [['p/c', null]],
  registered: 1,
  seed,
  profile: 'quick',
  subject: { name: 'n', backend: 'wasm', device: 'd', roundoff: { inputs: 0, accumulator: 1 } },
  versions: { earlytime: '1', node: '2', fastCheck: '3', tfjs: '4' },
  command: null,
  shard: null,
});
/** Opens the folder, as `openRunFolder` does, and lets it go again after the action. */
function opened<T>(out: string, of: Manifest, resume: boolean, act: (folder: RunFolder) => T): T {
  const folder = openRunFolder(out, of, resume);
  try {
    return act(folder);
  } finally {
    folder.release();
  }
}
const begun = (out: string, seed = 1) => opened(out, manifest(seed), false, (folder) => folder.record(record(0)));
const fresh = () => mkdtempSync(join(tmpdir(), 'earlytime-'));

it('leaves the earlier report alone until the new one is complete', () => {
  const out = fresh();
  const first = openRunFolder(out, manifest(1), false);
  first.record(record(0));
  first.publish({ 'verdicts.json': 'one' });
  first.release();
  const second = openRunFolder(out, manifest(2), false);
  second.record(record(1));
  expect(readFileSync(join(out, 'verdicts.json'), 'utf8')).toBe('one');
  expect(readFileSync(join(out, 'records', 'p.c.jsonl'), 'utf8')).toContain('"index":0');
  second.publish({ 'verdicts.json': 'two' });
  expect(readFileSync(join(out, 'verdicts.json'), 'utf8')).toBe('two');
  expect(readFileSync(join(out, 'records', 'p.c.jsonl'), 'utf8')).not.toContain('"index":0');
  expect(existsSync(join(out, '.run'))).toBe(false);
});

it('resumes an interrupted run, cutting off half a line', () => {
  const out = fresh();
  begun(out);
  const journal = join(out, '.run', 'records', 'p.c.jsonl');
  appendFileSync(journal, '{"claim":"p/c","ind');
  opened(out, manifest(1), true, ({ resumed, record: append }) => {
    expect(resumed).toEqual([record(0)]);
    append(record(1));
  });
  opened(out, manifest(1), true, ({ resumed }) => expect(resumed).toEqual([record(0), record(1)]));
});

it('refuses to resume nothing, another run, or a damaged journal', () => {
  const out = fresh();
  expect(() => openRunFolder(out, manifest(1), true)).toThrow(/no interrupted run/);
  begun(out);
  expect(() => openRunFolder(out, manifest(2), true)).toThrow(/of another kind: its seed differ\n {2}expected: 2\n {2}found: 1/);
  appendFileSync(join(out, '.run', 'records', 'p.c.jsonl'), 'garbage\n');
  expect(() => openRunFolder(out, manifest(1), true)).toThrow(/damaged at line 2/);
});

it('starts afresh without resume', () => {
  const out = fresh();
  begun(out);
  opened(out, manifest(1), false, ({ resumed }) => expect(resumed).toEqual([]));
  expect(existsSync(join(out, '.run', 'records', 'p.c.jsonl'))).toBe(false);
});

it('says so when the folder cannot be written', () => {
  const file = join(fresh(), 'file');
  writeFileSync(file, '');
  expect(() => openRunFolder(join(file, 'out'), manifest(1), false)).toThrow(/cannot be written.*--out/s);
});

it('refuses a second run in the folder of one that still runs', () => {
  const out = fresh();
  const running = openRunFolder(out, manifest(1), false);
  for (const resume of [true, false]) {
    expect(() => openRunFolder(out, manifest(1), resume)).toThrow(/another run writes into .*\n {2}found: process \d+/);
  }
  running.release();
  opened(out, manifest(1), true, ({ resumed }) => expect(resumed).toEqual([]));
});

it('stops writing when another run has taken the folder over', () => {
  const out = fresh();
  const running = openRunFolder(out, manifest(1), false);
  writeFileSync(join(out, '.run', 'lock'), 'of another');
  expect(() => running.record(record(0))).toThrow(/taken .* over/);
  expect(() => running.publish({})).toThrow(/taken .* over/);
});

it('refuses a record of another run', () => {
  const out = fresh();
  begun(out);
  const journal = join(out, '.run', 'records', 'p.c.jsonl');
  writeFileSync(journal, readFileSync(journal, 'utf8').replace(/"run":"\w/, '"run":"x'));
  expect(() => openRunFolder(out, manifest(1), true)).toThrow(/damaged at line 1/);
});
