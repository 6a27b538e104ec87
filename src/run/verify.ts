import { availableParallelism } from 'node:os';
import type { BackendChoice } from '../backend/backend.js';
import type { Baseline } from '../baseline/baseline.js';
import { calibrationHash } from '../calibration.js';
import type { Claim } from '../claim.js';
import type { ProfileName } from '../profile.js';
import type { Verdicts } from '../report/schema.js';
import type { SubjectChoice } from '../subject/choice.js';
import { versions } from '../versions.js';
import { conclude, counterexampleOf, deliverAll, jobsOf, reportFiles } from './conclude.js';
import { deadline } from './deadline.js';
import { type Manifest, openRunFolder } from './folder.js';
import { type KeptCase, replayKept } from './kept.js';
import { openPool, type Pool } from './pool.js';
import { type Job, runJobs, type Shard } from './schedule.js';

export interface VerifyOptions {
  readonly claims: readonly Claim[];
  /** Number of claims over which the error budget is split. */
  readonly registered: number;
  readonly profile: ProfileName;
  readonly seed: number;
  readonly subject: SubjectChoice;
  /** Worker processes; null for as many as suit the backend. */
  readonly workers: number | null;
  /** Seconds after which no new case is started; null for no limit. */
  readonly time: number | null;
  readonly resume: boolean;
  /** Measures only the cases of one shard; null for all. */
  readonly shard: Shard | null;
  readonly out: string;
  /** Cases that once refuted these claims; they are measured first. */
  readonly kept: readonly KeptCase[];
  /** Earlier margins to compare with. */
  readonly baseline: Baseline;
  /** What the verdicts are seen in the light of before they are written; nothing unless given. */
  readonly refine?: (verdicts: Verdicts, pool: Pool) => Promise<Verdicts>;
  readonly progress: (jobs: readonly Job[]) => void;
  /** Aborted by the user. */
  readonly interrupt: AbortSignal;
}

/**
 * Verifies the claims and their controls, and writes index.html, verdicts.json, junit.xml, summary.md, run.json and records/ into `out`. Returns null when it
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
    const kept = await replayKept(options.kept, pool);
    const stop = deadline(interrupt, options.time);
    try {
      await runJobs(jobs, pool, { record: folder.record, progress: options.progress }, stop.signal);
    } finally {
      stop.release();
    }
    if (interrupt.aborted) return null;
    const concluded = await conclude(manifest, jobs, {
      counterexample: (job) => counterexampleOf(job, manifest.seed, () => pool, interrupt),
      kept,
      baseline: options.baseline,
    });
    if (interrupt.aborted) return null;
    const verdicts = options.refine ? await options.refine(concluded, pool) : concluded;
    folder.publish(await reportFiles(verdicts, jobs, options.baseline));
    return verdicts;
  } finally {
    await pool.close();
  }
}

/** A pool of suitable size; with `auto`, that is known only once the first worker has chosen. */
async function openSuitablePool({
  subject: choice,
  workers,
}: Pick<VerifyOptions, 'subject' | 'workers'>): Promise<{ pool: Pool; subject: Verdicts['subject'] }> {
  const first = openPool(workers ?? defaultWorkers(choice), choice);
  try {
    const { hardware: _, ...subject } = await first.describe();
    if (choice.kind === 'process' || choice.backend !== 'auto') return { pool: first, subject };
    // Never `auto` beyond this point: a worker that starts later must not choose another backend.
    const settled: SubjectChoice = { kind: 'built-in', backend: subject.backend as BackendChoice };
    const size = workers ?? defaultWorkers(settled);
    if (size === first.size) return { pool: first.as(settled), subject };
    await first.close();
    return { pool: openPool(size, settled), subject };
  } catch (cause) {
    await first.close();
    throw cause;
  }
}

/** One process per core for backends of one thread, such as `auto` takes where there is no GPU; a GPU, a library of many threads or a program of others is not shared. */
function defaultWorkers(choice: SubjectChoice): number {
  return choice.kind === 'built-in' && ['wasm', 'cpu', 'auto'].includes(choice.backend) ? availableParallelism() : 1;
}
