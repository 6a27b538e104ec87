import { appendFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Manifest, openRunFolder } from './folder.js';
import type { CaseRecord } from './schedule.js';

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
  shard: null,
});
const fresh = () => mkdtempSync(join(tmpdir(), 'earlytime-'));

it('leaves the earlier report alone until the new one is complete', () => {
  const out = fresh();
  const first = openRunFolder(out, manifest(1), false);
  first.record(record(0));
  first.publish({ 'verdicts.json': 'one' });
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
  openRunFolder(out, manifest(1), false).record(record(0));
  const journal = join(out, '.run', 'records', 'p.c.jsonl');
  appendFileSync(journal, '{"claim":"p/c","ind');
  const resumed = openRunFolder(out, manifest(1), true);
  expect(resumed.resumed).toEqual([record(0)]);
  resumed.record(record(1));
  expect(openRunFolder(out, manifest(1), true).resumed).toEqual([record(0), record(1)]);
});

it('refuses to resume nothing, another run, or a damaged journal', () => {
  const out = fresh();
  expect(() => openRunFolder(out, manifest(1), true)).toThrow(/no interrupted run/);
  openRunFolder(out, manifest(1), false).record(record(0));
  expect(() => openRunFolder(out, manifest(2), true)).toThrow(
    /of another kind\n {2}expected: .*"seed":2.*\n {2}found: .*"seed":1/,
  );
  appendFileSync(join(out, '.run', 'records', 'p.c.jsonl'), 'garbage\n');
  expect(() => openRunFolder(out, manifest(1), true)).toThrow(/damaged at line 2/);
});

it('starts afresh without resume', () => {
  const out = fresh();
  openRunFolder(out, manifest(1), false).record(record(0));
  expect(openRunFolder(out, manifest(1), false).resumed).toEqual([]);
  expect(existsSync(join(out, '.run', 'records', 'p.c.jsonl'))).toBe(false);
});

it('says so when the folder cannot be written', () => {
  const file = join(fresh(), 'file');
  writeFileSync(file, '');
  expect(() => openRunFolder(join(file, 'out'), manifest(1), false)).toThrow(/cannot be written.*--out/s);
});

it('refuses a second run in the folder of one that still runs, and takes over from one that does not', () => {
  const out = fresh();
  openRunFolder(out, manifest(1), false).record(record(0));
  const lock = join(out, '.run', 'pid');
  writeFileSync(lock, String(process.ppid));
  for (const resume of [true, false]) {
    expect(() => openRunFolder(out, manifest(1), resume)).toThrow(/another run writes into .*\n {2}found: process \d+/);
  }
  writeFileSync(lock, '4194305');
  expect(openRunFolder(out, manifest(1), true).resumed).toEqual([record(0)]);
});

it('refuses a record of another run', () => {
  const out = fresh();
  openRunFolder(out, manifest(1), false).record(record(0));
  const journal = join(out, '.run', 'records', 'p.c.jsonl');
  writeFileSync(journal, readFileSync(journal, 'utf8').replace(/"run":"\w/, '"run":"x'));
  expect(() => openRunFolder(out, manifest(1), true)).toThrow(/damaged at line 1/);
});
