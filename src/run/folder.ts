import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CaseRecord } from '../record/case-record.js';
import { type Manifest, runId } from '../record/manifest.js';
import { messageOf, UsageError } from '../support/errors.js';
import { readJson, replaceFile } from '../support/files.js';
import { lock } from './lock.js';

/** The folder of a run. Everything new is written beside the earlier report and takes its place only when it is complete. */
export interface RunFolder {
  /** Appends one record to the journal of its claim. */
  record(record: CaseRecord): void;
  /** Records of the interrupted run, when this one resumes it. */
  readonly resumed: readonly CaseRecord[];
  /** Puts the journal and these files (name → text) in place of the earlier report. */
  publish(files: Readonly<Record<string, string>>): void;
  /** Lets others write into the folder; what is not published stays to be resumed. */
  release(): void;
}

const PENDING = '.run';
const MANIFEST = 'run.json';
const RECORDS = 'records';
const LOCK = 'lock';

/**
 * Opens `out` for a run.
 * @throws UsageError when the folder cannot be written, when another run is writing into it, or when `resume` finds nothing to resume or a run of another kind.
 */
export function openRunFolder(out: string, manifest: Manifest, resume: boolean): RunFolder {
  const pending = join(out, PENDING);
  const records = join(pending, RECORDS);
  const stamp = { run: runId(manifest), shards: manifest.shard?.of ?? 1, rootSeed: manifest.seed };
  const held = writing(out, () => {
    mkdirSync(pending, { recursive: true });
    return lock(out, join(pending, LOCK));
  });
  let resumed: CaseRecord[] = [];
  try {
    writing(out, () => {
      if (resume) resumed = earlierRecords(pending, manifest);
      else {
        for (const name of readdirSync(pending)) {
          if (name !== LOCK) rmSync(join(pending, name), { recursive: true });
        }
        mkdirSync(records);
        writeFileSync(join(pending, MANIFEST), JSON.stringify(manifest));
      }
    });
  } catch (cause) {
    held.release();
    throw cause;
  }
  return {
    resumed,
    release: held.release,
    record: (record) =>
      writing(out, () => {
        held.assertHeld();
        appendFileSync(join(records, journalName(record.claim)), `${JSON.stringify({ ...stamp, ...record })}\n`);
      }),
    publish: (files) =>
      writing(out, () => {
        held.assertHeld();
        for (const [name, text] of Object.entries(files)) writeFileSync(join(pending, name), text);
        if (existsSync(join(out, RECORDS))) renameSync(join(out, RECORDS), join(pending, 'earlier'));
        renameSync(records, join(out, RECORDS));
        for (const name of [MANIFEST, ...Object.keys(files)]) renameSync(join(pending, name), join(out, name));
        rmSync(pending, { recursive: true, force: true });
      }),
  };
}

/** Puts these files (name → text) in place of those in that folder, each when it is complete. @throws UsageError when it cannot be written. */
export function writeReport(folder: string, files: Readonly<Record<string, string>>): void {
  writing(folder, () => {
    for (const [name, text] of Object.entries(files)) replaceFile(join(folder, name), text);
  });
}

/** Runs what writes into `out`; a failure is the user's to mend. */
function writing<T>(out: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError({
      problem: `the output folder '${out}' cannot be written: ${messageOf(cause)}`,
      expected: 'a folder that this user may write, with room',
      hint: 'choose another one with --out',
    });
  }
}

function journalName(claim: string): string {
  return `${claim.replace('/', '.')}.jsonl`;
}

function earlierRecords(pending: string, manifest: Manifest): CaseRecord[] {
  const file = join(pending, MANIFEST);
  if (!existsSync(file))
    throw new UsageError({
      problem: 'there is no interrupted run to resume',
      found: `no ${file}`,
      hint: 'leave --resume out',
    });
  const earlier = readManifest(pending);
  const [differs] = (Object.keys(manifest) as (keyof Manifest)[]).filter(
    (key) => JSON.stringify(earlier[key]) !== JSON.stringify(manifest[key]),
  );
  if (differs !== undefined) {
    throw new UsageError({
      problem: `the interrupted run is of another kind: its ${differs} differ`,
      expected: JSON.stringify(manifest[differs]),
      found: JSON.stringify(earlier[differs]) ?? 'nothing',
      hint: 'resume with the same claims, seed, profile and backend, or leave --resume out',
    });
  }
  const folder = join(pending, RECORDS);
  // A killed process may leave half a line at the end: cut it off, so that the next record starts on its own line.
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole !== text) writeFileSync(join(folder, name), whole);
  }
  return readRecords(pending, manifest);
}

/** The manifest of the run in that folder. @throws UsageError when there is none. */
export function readManifest(folder: string): Manifest {
  const file = join(folder, MANIFEST);
  try {
    return readJson(file) as Manifest;
  } catch (cause) {
    throw new UsageError({
      problem: `the folder '${folder}' holds no run: ${messageOf(cause)}`,
      expected: 'what `earlytime verify --out` has written',
    });
  }
}

/** The records of the run in that folder. @throws UsageError for a damaged line, or one of another run. */
export function readRecords(folder: string, manifest: Manifest): CaseRecord[] {
  const records = join(folder, RECORDS);
  const run = runId(manifest);
  if (!existsSync(records)) {
    throw new UsageError({ problem: `the folder '${folder}' has lost its records`, expected: records, found: 'nothing there' });
  }
  return readdirSync(records)
    .sort()
    .flatMap((name) =>
      readFileSync(join(records, name), 'utf8')
        .split('\n')
        .flatMap((line, index) => (line === '' ? [] : [parseRecord(line, run, join(records, name), index + 1)])),
    );
}

function parseRecord(line: string, run: string, file: string, number: number): CaseRecord {
  try {
    const { run: own, shards: _, rootSeed: __, ...record } = JSON.parse(line);
    if (own === run) return record as CaseRecord;
  } catch {
    // Told below.
  }
  throw new UsageError({
    problem: `${file} is damaged at line ${number}`,
    expected: `one JSON record of run ${run} per line`,
    found: line.slice(0, 80),
    hint: 'remove the line',
  });
}
