import type { Claim, Instance } from '../claim.js';
import { messageOf, UsageError } from '../errors.js';
import type { Trial } from '../judge/trial.js';
import type { Outcome } from './measure.js';
import type { Pool } from './pool.js';

/** One case as it was measured: a line of the journal. */
export interface CaseRecord {
  readonly claim: string;
  readonly control: string | null;
  readonly index: number;
  readonly instance: Instance | null;
  readonly outcome: Outcome;
  readonly seconds: number;
}

/** A trial with its place in the registry and the seed of its cases. */
export interface Job {
  readonly claim: Claim;
  readonly control: string | null;
  readonly seed: number;
  readonly trial: Trial;
  /** Seconds of work spent on cases that were judged. */
  seconds: number;
  /** Next index to hand out. */
  next: number;
  /** Records that wait for an earlier index. */
  readonly waiting: Map<number, CaseRecord>;
  /** Next index to judge. */
  judged: number;
}

export function jobOf(claim: Claim, control: string | null, seed: number, trial: Trial): Job {
  return { claim, control, seed, trial, seconds: 0, next: 0, waiting: new Map(), judged: 0 };
}

/** What the scheduler reports to. */
export interface Observer {
  record(record: CaseRecord): void;
  progress(jobs: readonly Job[]): void;
}

/** Takes a record, and judges all that are next in index order: the order of arrival never matters. */
export function deliver(job: Job, record: CaseRecord): void {
  job.waiting.set(record.index, record);
  for (;;) {
    const next = job.waiting.get(job.judged);
    if (!next || job.trial.settled()) return;
    job.waiting.delete(job.judged);
    job.trial.add(next.outcome);
    job.seconds += next.seconds;
    job.judged++;
  }
}

/**
 * Runs the jobs on the pool until every trial is settled or `stop` is aborted. Each worker has one case at a time. Cases that are
 * sure to be needed go first, in the order of the jobs; a free worker then runs ahead in an unsettled trial, whose surplus
 * is discarded.
 */
export async function runJobs(jobs: readonly Job[], pool: Pool, observer: Observer, stop: AbortSignal): Promise<void> {
  const running = new Set<Promise<void>>();
  const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
  while (!stop.aborted) {
    while (running.size < pool.size) {
      const job = nextJob(jobs);
      if (!job) break;
      const task = measure(job, pool)
        .then((record) => {
          if (stop.aborted) return;
          observer.record(record);
          deliver(job, record);
          observer.progress(jobs);
        })
        .finally(() => running.delete(task));
      running.add(task);
    }
    if (running.size === 0) return;
    await Promise.race([...running, stopped]);
  }
}

function nextJob(jobs: readonly Job[]): Job | undefined {
  const open = jobs.filter((job) => !job.trial.settled() && nextIndex(job) < job.trial.cap);
  return open.find((job) => nextIndex(job) - job.judged < job.trial.fewest()) ?? open[0];
}

/** The next index to hand out, past those that a resumed run already has. */
function nextIndex(job: Job): number {
  let index = Math.max(job.next, job.judged);
  while (job.waiting.has(index)) index++;
  return index;
}

async function measure(job: Job, pool: Pool): Promise<CaseRecord> {
  const index = nextIndex(job);
  job.next = index + 1;
  const place = { claim: job.claim.id, control: job.control, index };
  try {
    const reply = await pool.measure({ ...place, draw: { seed: job.seed, path: String(index) } });
    return { ...place, ...reply };
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    return { ...place, instance: null, outcome: { status: 'unmeasured', reason: messageOf(cause) }, seconds: 0 };
  }
}
