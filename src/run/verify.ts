import { availableParallelism } from 'node:os';
import type { BackendChoice } from '../backend/backend.js';
import { calibrationHash } from '../calibration.js';
import type { Claim } from '../claim.js';
import { trialOf, verdictOf } from '../judge/trial.js';
import { type ProfileName, perClaim, profiles } from '../profile.js';
import { seedOf } from '../random.js';
import { junit } from '../report/junit.js';
import type { Counterexample, Verdicts } from '../report/schema.js';
import { summary } from '../report/summary.js';
import { claimVerdict } from '../report/verdicts.js';
import { versions } from '../versions.js';
import { openRunFolder } from './folder.js';
import { openPool, type Pool } from './pool.js';
import { deliver, type Job, jobOf, runJobs } from './schedule.js';
import { asCounterexample, shrinkViolation } from './shrink.js';

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
  readonly out: string;
  readonly progress: (jobs: readonly Job[]) => void;
  /** Aborted by the user. */
  readonly interrupt: AbortSignal;
}

/**
 * Verifies the claims and their controls, and writes verdicts.json, junit.xml, summary.md and records/ into `out`. Returns null when it
 * was interrupted: then the journal stays for `resume`, and the earlier report is as it was.
 */
export async function verify(options: VerifyOptions): Promise<Verdicts | null> {
  const { claims, seed, interrupt } = options;
  const profile = profiles[options.profile];
  const errors = perClaim(profile.budget, options.registered);
  const { pool, subject } = await openSuitablePool(options);
  try {
    const key = {
      claims: claims.map(({ id }) => [id, calibrationHash(id)]),
      seed,
      profile: options.profile,
      subject: { ...subject },
      versions: versions(),
    };
    const folder = openRunFolder(options.out, key, options.resume);
    const jobs = claims.flatMap((claim) =>
      claim.variants.map(({ control }) =>
        jobOf(claim, control, seedOf(seed, claim.id, control ?? ''), trialOf(claim, control, profile, errors)),
      ),
    );
    for (const record of folder.resumed) {
      const job = jobs.find(({ claim, control }) => claim.id === record.claim && control === record.control);
      if (job) deliver(job, record);
    }
    const stop =
      options.time === null ? interrupt : AbortSignal.any([interrupt, AbortSignal.timeout(Math.ceil(options.time * 1000))]);
    await runJobs(jobs, pool, { record: folder.record, progress: options.progress }, stop);
    if (interrupt.aborted) return null;

    const entries: Verdicts['claims'] = [];
    for (const claim of claims) {
      const [own, ...controls] = jobs.filter((job) => job.claim === claim);
      entries.push(
        claimVerdict(
          {
            claim,
            trial: own!.trial,
            controls: controls.map(({ control, trial }) => ({ id: control!, trial })),
            counterexample: await counterexampleOf(own!, seed, pool, interrupt),
            seconds: [own!, ...controls].reduce((sum, job) => sum + job.seconds, 0),
          },
          errors,
        ),
      );
    }
    if (interrupt.aborted) return null;
    const verdicts: Verdicts = {
      schema: 1,
      seed,
      profile: options.profile,
      shard: null,
      versions: versions(),
      subject,
      errorBudget: { ...profile.budget, perClaim: errors },
      asExpected: entries.every(({ asExpected }) => asExpected),
      claims: entries,
    };
    folder.publish({
      'verdicts.json': `${JSON.stringify(verdicts, null, 2)}\n`,
      'junit.xml': junit(verdicts),
      'summary.md': summary(verdicts),
    });
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

async function counterexampleOf(
  { claim, trial, seed }: Job,
  rootSeed: number,
  pool: Pool,
  stop: AbortSignal,
): Promise<Counterexample | null> {
  const result = trial.result();
  if (verdictOf(result) !== 'refuted' || result.worstIndex === null) return null;
  return claim.kind === 'rate'
    ? asCounterexample(claim, result.worstIndex, rootSeed, seed, pool)
    : shrinkViolation(claim, result.worstIndex, rootSeed, seed, pool, stop);
}
