import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { claimOf } from '../claim/registry.js';
import type { Verdicts } from '../record/verdicts.js';
import { messageOf, UsageError } from '../support/errors.js';
import { readJson, replaceFile } from '../support/files.js';

/** The margins that a claim had on a subject: observed over bound of each case, of a rate the slope of each ladder. */
const entrySchema = z
  .object({
    claim: z.string(),
    subject: z.string(),
    backend: z.string(),
    device: z.string(),
    calibration: z.string().nullable(),
    profile: z.string(),
    seed: z.number().int(),
    reason: z.string().min(1),
    expires: z.iso.date().nullable(),
    margins: z.array(z.number()).min(1),
  })
  .strict();
const baselineSchema = z.object({ schema: z.literal(1), entries: z.array(entrySchema) }).strict();

/** Significant digits of a kept margin. */
export const MARGIN_DIGITS = 5;

export type BaselineEntry = z.infer<typeof entrySchema>;
export type Baseline = readonly BaselineEntry[];

/** Where a project keeps its baseline, from the folder in which earlytime runs. */
export const baselineFile: string = join('fixtures', 'baseline.json');

const keyOf = ({ claim, subject, backend, device }: BaselineEntry) => JSON.stringify([claim, subject, backend, device]);

/**
 * The project's baseline, empty where there is none.
 * @throws UsageError for a file that is not of its form, an entry of a claim that is not registered, or two entries of one claim and subject.
 */
export function readBaseline(file: string = baselineFile): Baseline {
  if (!existsSync(file)) return [];
  let entries: Baseline;
  try {
    entries = baselineSchema.parse(readJson(file)).entries;
  } catch (cause) {
    throw new UsageError({
      problem: `the baseline '${file}' cannot be used`,
      expected: 'what `earlytime baseline update` writes',
      found: messageOf(cause),
    });
  }
  const keys = new Set<string>();
  for (const entry of entries) {
    try {
      claimOf(entry.claim);
    } catch {
      throw new UsageError({
        problem: `the baseline '${file}' has an entry of an unknown claim`,
        found: entry.claim,
        hint: 'take the entry out, or name the file of a claim of your own with --claims',
      });
    }
    if (keys.has(keyOf(entry))) throw new UsageError({ problem: `the baseline '${file}' has two entries ${keyOf(entry)}` });
    keys.add(keyOf(entry));
  }
  return entries;
}

/** Puts entries in place of those of the same claims and subjects; one entry per line, in a fixed order. */
export function writeBaseline(earlier: Baseline, entries: Baseline, file: string = baselineFile): void {
  const replaced = new Set(entries.map(keyOf));
  const all = [...earlier.filter((entry) => !replaced.has(keyOf(entry))), ...entries].sort((a, b) =>
    keyOf(a) < keyOf(b) ? -1 : 1,
  );
  try {
    replaceFile(file, `{"schema":1,"entries":[\n${all.map((entry) => JSON.stringify(entry)).join(',\n')}\n]}\n`);
  } catch (cause) {
    throw new UsageError({ problem: `the baseline '${file}' cannot be written: ${messageOf(cause)}` });
  }
}

/** The entry of that claim on that subject. */
export function entryOf(baseline: Baseline, claim: string, { name, backend, device }: Verdicts['subject']): BaselineEntry | null {
  return (
    baseline.find(
      (entry) => entry.claim === claim && entry.subject === name && entry.backend === backend && entry.device === device,
    ) ?? null
  );
}
