import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Claim, Instance } from '../claim/claim.js';
import { readInstance } from '../claim/instance-file.js';
import { claimOf } from '../claim/registry.js';
import type { ClaimVerdict, Verdicts } from '../record/verdicts.js';
import { messageOf, UsageError } from '../support/errors.js';
import { readJson, replaceFile } from '../support/files.js';
import type { Pool } from './pool.js';

/** Where a project keeps the cases that once refuted a claim, from the folder in which earlytime runs. */
export const keptFolder: string = join('fixtures', 'counterexamples');

/** A case that once refuted a claim. */
export interface KeptCase {
  readonly file: string;
  readonly claim: string;
  readonly instance: Instance;
}

/** The kept cases of these claims. @throws UsageError for a file that holds no case of a registered claim. */
export function readKept(claims: readonly Claim[], folder: string = keptFolder): readonly KeptCase[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => {
      const file = join(folder, name);
      const claim = keptClaim(file);
      return claims.includes(claim) ? [{ file, claim: claim.id, instance: readInstance(claim, file) }] : [];
    });
}

function keptClaim(file: string): Claim {
  let claim: unknown;
  try {
    ({ claim } = readJson(file) as { claim: unknown });
    return claimOf(String(claim));
  } catch (cause) {
    throw new UsageError({
      problem: `the kept counterexample '${file}' cannot be used`,
      expected: 'what `earlytime verify --save` writes, of a registered claim',
      found: claim === undefined ? messageOf(cause) : String(claim),
      hint: 'remove the file, save the case again, or name the file of a claim of your own with --claims',
    });
  }
}

/** What became of the kept cases, by claim. */
export type Replayed = ReadonlyMap<string, ClaimVerdict['kept']>;

/** Measures the kept cases again; those that the subject lacks a capability for are left out. */
export async function replayKept(kept: readonly KeptCase[], pool: Pool): Promise<Replayed> {
  const results = (
    await Promise.all(
      kept.map(async ({ file, claim, instance }) => {
        try {
          const { outcome } = (await pool.measure({ claim, controls: [null], draw: { instance } })).measured[0]!;
          if (outcome.status === 'measured') return [{ claim, file, violated: outcome.violation, reason: null }];
          if (outcome.status === 'inapplicable') return [{ claim, file, violated: false, reason: outcome.reason }];
          return outcome.missing ? [] : [{ claim, file, violated: null, reason: outcome.reason }];
        } catch (cause) {
          if (cause instanceof UsageError) throw cause;
          return [{ claim, file, violated: null, reason: messageOf(cause) }];
        }
      }),
    )
  ).flat();
  const ofClaim = (id: string) => results.filter(({ claim }) => claim === id).map(({ claim: _, ...result }) => result);
  return new Map(results.map(({ claim }) => [claim, ofClaim(claim)]));
}

/** Writes the counterexamples of claims that were not expected to be refuted, one file each; a rate or an estimate has none, for one case refutes neither. Gives the files. */
export function saveCounterexamples({ claims, subject, versions }: Verdicts, folder: string = keptFolder): string[] {
  return claims.flatMap(({ id, kind, expected, counterexample }) => {
    if (counterexample === null || expected === 'refuted' || kind === 'rate' || kind === 'estimate') return [];
    const { instance, rootSeed, seed, path } = counterexample;
    const name = createHash('sha256').update(JSON.stringify(instance)).digest('hex').slice(0, 8);
    const file = join(folder, `${id.replace('/', '.')}-${name}.json`);
    try {
      replaceFile(file, `${JSON.stringify({ claim: id, instance, rootSeed, seed, path, subject, versions }, null, 2)}\n`);
    } catch (cause) {
      throw new UsageError({ problem: `the counterexample '${file}' cannot be written: ${messageOf(cause)}` });
    }
    return [file];
  });
}
