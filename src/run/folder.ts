import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, UsageError } from '../errors.js';
import { readJson } from '../files.js';
import type { CaseRecord } from './schedule.js';

/** What a run must share with the one that it resumes. */
export type RunKey = Readonly<Record<string, unknown>>;

/** The folder of a run. Everything new is written beside the earlier report and takes its place only when it is complete. */
export interface RunFolder {
  /** Appends one record to the journal of its claim. */
  record(record: CaseRecord): void;
  /** Records of the interrupted run, when this one resumes it. */
  readonly resumed: readonly CaseRecord[];
  /** Puts the journal and these files (name → text) in place of the earlier report. */
  publish(files: Readonly<Record<string, string>>): void;
}

const PENDING = '.run';

/**
 * Opens `out` for a run.
 * @throws UsageError when the folder cannot be written, or when `resume` finds nothing to resume or a run of another kind.
 */
export function openRunFolder(out: string, key: RunKey, resume: boolean): RunFolder {
  const pending = join(out, PENDING);
  const records = join(pending, 'records');
  const keyFile = join(pending, 'run.json');
  let resumed: CaseRecord[] = [];
  writing(out, () => {
    if (resume) resumed = earlierRecords(pending, key);
    else rmSync(pending, { recursive: true, force: true });
    mkdirSync(records, { recursive: true });
    writeFileSync(keyFile, JSON.stringify(key));
  });
  return {
    resumed,
    record: (record) =>
      writing(out, () => appendFileSync(join(records, journalName(record.claim)), `${JSON.stringify(record)}\n`)),
    publish: (files) =>
      writing(out, () => {
        for (const [name, text] of Object.entries(files)) writeFileSync(join(pending, name), text);
        rmSync(join(out, 'records'), { recursive: true, force: true });
        renameSync(records, join(out, 'records'));
        for (const name of Object.keys(files)) renameSync(join(pending, name), join(out, name));
        rmSync(pending, { recursive: true, force: true });
      }),
  };
}

/** Runs what writes into `out`; a failure is the user's to mend. */
function writing(out: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError({
      problem: `the output folder '${out}' cannot be written: ${messageOf(cause)}`,
      expected: 'a folder that this user may write, with room',
      todo: 'choose another one with --out',
    });
  }
}

function journalName(claim: string): string {
  return `${claim.replace('/', '.')}.jsonl`;
}

function earlierRecords(pending: string, key: RunKey): CaseRecord[] {
  const keyFile = join(pending, 'run.json');
  if (!existsSync(keyFile))
    throw new UsageError({
      problem: 'there is no interrupted run to resume',
      found: `no ${keyFile}`,
      todo: 'leave --resume out',
    });
  const earlier = JSON.stringify(readJson(keyFile));
  if (earlier !== JSON.stringify(key)) {
    throw new UsageError({
      problem: 'the interrupted run is of another kind',
      expected: JSON.stringify(key),
      found: earlier,
      todo: 'resume with the same claims, seed, profile and backend, or leave --resume out',
    });
  }
  const folder = join(pending, 'records');
  return readdirSync(folder).flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    // A killed process may leave half a line at the end: cut it off, so that the next record starts on its own line.
    if (whole !== text) writeFileSync(join(folder, file), whole);
    return whole.split('\n').flatMap((line, index) => (line === '' ? [] : [parseRecord(line, file, index + 1)]));
  });
}

function parseRecord(line: string, file: string, number: number): CaseRecord {
  try {
    return JSON.parse(line) as CaseRecord;
  } catch {
    throw new UsageError({
      problem: `${file} is damaged at line ${number}`,
      expected: 'one JSON record per line',
      todo: 'remove the line',
    });
  }
}
