import type { Claim } from '../claim/claim.js';
import type { Trial } from '../judge/trial.js';
import type { CaseRecord, Shard, Tried } from '../record/case-record.js';
import { messageOf, UsageError } from '../support/errors.js';
import type { Workers } from './pool.js';

/** A trial with its place in the registry and the seed of its cases. */
export interface Job extends Tried {
  readonly seed: number;
  readonly trial: Trial;
  readonly shard: Shard | null;
  readonly cases: CaseRecord[];
  /** Next index to hand out. */
  next: number;
  /** Records that wait for an earlier index. */
  readonly waiting: Map<number, CaseRecord>;
  /** Next index to judge. */
  judged: number;
}

export function jobOf(claim: Claim, control: string | null, seed: number, trial: Trial, shard: Shard | null = null): Job {
  const first = firstOf(shard);
  const fewestToAccept = trial.result().test?.passesToAccept(0) ?? null;
  return { claim, control, seed, trial, shard, fewestToAccept, cases: [], next: first, waiting: new Map(), judged: first };
}

const firstOf = (shard: Shard | null) => (shard ? shard.index % shard.of : 0);
const strideOf = ({ shard }: Job) => shard?.of ?? 1;

/** The index of the k-th case that the trial of this job has taken. */
export function indexOf(job: Job, k: number): number {
  return firstOf(job.shard) + k * strideOf(job);
}

/** A shard alone may refute, or find what no further case mends; it must not accept, for the merged trial may need any of its cases. */
function finished(job: Job): boolean {
  if (!job.shard) return job.trial.settled() || nextIndex(job) >= job.trial.cap;
  const { decision, missing, disagrees } = job.trial.result();
  return decision === 'reject' || missing || disagrees || nextIndex(job) >= job.trial.planned;
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
    if (!next || (!job.shard && job.trial.settled())) return;
    job.waiting.delete(job.judged);
    job.trial.add(next.outcome);
    job.cases.push(next);
    job.judged += strideOf(job);
  }
}

/**
 * Runs the jobs on the pool until every trial is settled or `stop` is aborted. Each worker has one case at a time. Cases that are
 * sure to be needed go first, in the order of the jobs; a free worker then runs ahead in an unsettled trial, whose surplus
 * is discarded.
 */
export async function runJobs(jobs: readonly Job[], pool: Workers, observer: Observer, stop: AbortSignal): Promise<void> {
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
  const open = jobs.filter((job) => !finished(job));
  return open.find((job) => (nextIndex(job) - job.judged) / strideOf(job) < job.trial.fewest()) ?? open[0];
}

/** The next index to hand out, past those that a resumed run already has. */
function nextIndex(job: Job): number {
  let index = Math.max(job.next, job.judged);
  while (job.waiting.has(index)) index += strideOf(job);
  return index;
}

async function measure(job: Job, pool: Workers): Promise<CaseRecord> {
  const index = nextIndex(job);
  job.next = index + strideOf(job);
  const place = { claim: job.claim.id, control: job.control, index };
  try {
    const reply = await pool.measure({ ...place, draw: { seed: job.seed, path: String(index) } });
    return { ...place, ...reply };
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    return { ...place, instance: null, outcome: { status: 'unmeasured', reason: messageOf(cause) }, seconds: 0 };
  }
}
