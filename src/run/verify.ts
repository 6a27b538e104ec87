import { availableParallelism } from 'node:os';
import type { BackendChoice } from '../backend/backend.js';
import { calibrationHash } from '../calibration.js';
import type { Claim } from '../claim.js';
import type { ProfileName } from '../profile.js';
import type { Verdicts } from '../report/schema.js';
import { versions } from '../versions.js';
import { conclude, counterexampleOf, deliverAll, jobsOf, reportFiles } from './conclude.js';
import { type Manifest, openRunFolder } from './folder.js';
import { openPool, type Pool } from './pool.js';
import { type Job, runJobs, type Shard } from './schedule.js';

export interface VerifyOptions {
  readonly claims: readonly Claim[];
  /** Number of claims over which the error budget is split. */
  readonly registered: number;
  readonly profile: ProfileName;
  readonly seed: number;
  readonly backend: BackendChoice;
  /** Worker processes; null for as many as suit the backend. */
  readonly workers: number | null;
  /** Seconds after which no new case is started; null for no limit. */
  readonly time: number | null;
  readonly resume: boolean;
  /** Measures only the cases of one shard; null for all. */
  readonly shard: Shard | null;
  readonly out: string;
  readonly progress: (jobs: readonly Job[]) => void;
  /** Aborted by the user. */
  readonly interrupt: AbortSignal;
}

/**
 * Verifies the claims and their controls, and writes verdicts.json, junit.xml, summary.md, run.json and records/ into `out`. Returns null when it
 * was interrupted: then the journal stays for `resume`, and the earlier report is as it was. The verdicts of a shard are those of its own cases.
 */
export async function verify(options: VerifyOptions): Promise<Verdicts | null> {
  const { claims, interrupt } = options;
  const { pool, subject } = await openSuitablePool(options);
  try {
    const manifest: Manifest = {
      claims: claims.map(({ id }) => [id, calibrationHash(id)]),
      registered: options.registered,
      seed: options.seed,
      profile: options.profile,
      subject: { ...subject },
      versions: versions(),
      shard: options.shard,
    };
    const folder = openRunFolder(options.out, manifest, options.resume);
    const jobs = jobsOf(claims, manifest);
    deliverAll(jobs, folder.resumed);
    const stop =
      options.time === null ? interrupt : AbortSignal.any([interrupt, AbortSignal.timeout(Math.ceil(options.time * 1000))]);
    await runJobs(jobs, pool, { record: folder.record, progress: options.progress }, stop);
    if (interrupt.aborted) return null;
    const verdicts = await conclude(manifest, jobs, (job) => counterexampleOf(job, manifest.seed, pool, interrupt));
    if (interrupt.aborted) return null;
    folder.publish(reportFiles(verdicts));
    return verdicts;
  } finally {
    await pool.close();
  }
}

/** A pool of suitable size; with `auto`, that is known only once the first worker has chosen. */
async function openSuitablePool({ backend, workers }: VerifyOptions): Promise<{ pool: Pool; subject: Verdicts['subject'] }> {
  const first = openPool(workers ?? (backend === 'auto' ? 1 : defaultWorkers(backend)), backend);
  try {
    const { hardware: _, ...subject } = await first.describe();
    const size = workers ?? defaultWorkers(subject.backend);
    // Never `auto` beyond this point: a worker that starts later must not choose another backend.
    if (size === first.size && backend !== 'auto') return { pool: first, subject };
    await first.close();
    return { pool: openPool(size, subject.backend as BackendChoice), subject };
  } catch (cause) {
    await first.close();
    throw cause;
  }
}

/** One process per core for single-threaded backends; a GPU or a multi-threaded library is shared by nobody. */
function defaultWorkers(backend: string): number {
  return backend === 'wasm' || backend === 'cpu' ? availableParallelism() : 1;
}
