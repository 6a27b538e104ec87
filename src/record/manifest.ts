import { createHash } from 'node:crypto';
import type { ProfileName } from '../claim/profile.js';
import type { Command } from '../subject/command.js';
import type { Shard } from './case-record.js';
import type { Verdicts } from './verdicts.js';

/** What a run must share with the one that it resumes, and, but for the shard, with those that it is merged with. */
export interface Manifest {
  /** Ids of the claims with the hashes of their calibrations. */
  readonly claims: readonly (readonly [id: string, calibration: string | null])[];
  readonly registered: number;
  readonly seed: number;
  readonly profile: ProfileName;
  readonly subject: Verdicts['subject'];
  /** The program that was audited; null for the built-in subject. */
  readonly command: Command | null;
  readonly versions: Verdicts['versions'];
  readonly shard: Shard | null;
}

/** Names a run by what it shares with its shards; a program may lie elsewhere on another machine. */
export function runId(manifest: Manifest): string {
  return createHash('sha256')
    .update(JSON.stringify({ ...manifest, shard: null, command: null }))
    .digest('hex')
    .slice(0, 16);
}
