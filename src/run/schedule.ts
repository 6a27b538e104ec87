import { type Claim, streamOf, takesCase, type Variant } from '../claim/claim.js';
import type { Trial } from '../judge/trial.js';
import type { CaseRecord, Shard, Tried } from '../record/case-record.js';
import { messageOf, UsageError } from '../support/errors.js';
import { variantOf } from './measure.js';
import type { Workers } from './pool.js';

/** What measures the cases of a run. */
export type Measurers = Pick<Workers, 'size' | 'measure'>;

/** A trial with its place in the registry and the seed of its cases. */
export interface Job extends Tried {
  readonly variant: Variant;
  readonly seed: number;
  readonly trial: Trial;
  readonly shard: Shard | null;
  readonly cases: CaseRecord[];
  /** Indices that were handed out or delivered, and are not judged yet. */
  readonly begun: Set<number>;
  /** Records that wait for an earlier index. */
  readonly waiting: Map<number, CaseRecord>;
  /** Next index to judge. */
  judged: number;
  /** Which cases the variant takes, as far as that was asked. */
  readonly taken: Map<number, boolean>;
}

export function jobOf(claim: Claim, control: string | null, seed: number, trial: Trial, shard: Shard | null = null): Job {
  const first = shard ? shard.index % shard.of : 0;
  return {
    claim,
    control,
    variant: variantOf(claim, control),
    seed,
    trial,
    shard,
    fewestToAccept: trial.fewestToAccept,
    cases: [],
    begun: new Set(),
    waiting: new Map(),
    judged: first,
    taken: new Map(),
  };
}

const strideOf = ({ shard }: Job) => shard?.of ?? 1;

/** Indices beyond which a control has taken too few of its claim's cases. */
const LAST_INDEX = 20_000;

/** Whether the case of that index is one of the job's, and could still change its verdict; in a shard, where no verdict is final, whether it is one. */
function asksFor(job: Job, index: number): boolean {
  if (!job.shard && !job.trial.wants(index)) return false;
  const known = job.taken.get(index);
  if (known !== undefined) return known;
  const takes = takesCase(job.variant, job.seed, index);
  job.taken.set(index, takes);
  return takes;
}

/** A shard alone may refute, or find what no further case mends; it must not accept, for the merged trial may need any of its cases. */
function finished(job: Job): boolean {
  if (!job.shard)
    return job.trial.settled() || job.cases.length + job.begun.size >= job.trial.cap || nextIndex(job) >= LAST_INDEX;
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
  job.begun.add(record.index);
  for (;;) {
    if (job.waiting.size === 0 || (!job.shard && job.trial.settled())) return;
    if (asksFor(job, job.judged)) {
      const next = job.waiting.get(job.judged);
      if (!next) return;
      job.trial.add(next.index, next.outcome);
      job.cases.push(next);
    }
    job.waiting.delete(job.judged);
    job.begun.delete(job.judged);
    job.judged += strideOf(job);
  }
}

/**
 * Runs the jobs on the pool until every trial is settled or `stop` is aborted. Each worker has one case at a time, under the theories of all open trials
 * that take it. Cases that are sure to be needed go first, in the order of the jobs; a free worker then runs ahead in an unsettled trial, whose surplus
 * is discarded.
 */
export async function runJobs(jobs: readonly Job[], pool: Measurers, observer: Observer, stop: AbortSignal): Promise<void> {
  const running = new Set<Promise<void>>();
  const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
  while (!stop.aborted) {
    while (running.size < pool.size) {
      const job = nextJob(jobs);
      if (!job) break;
      const task = measure(job, jobs, pool)
        .then((records) => {
          if (stop.aborted) return;
          for (const { of, record } of records) {
            observer.record(record);
            deliver(of, record);
          }
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
  return open.find(isSurelyNeeded) ?? open[0];
}

/** Whether the next case of a job is judged whatever becomes of those before it. */
function isSurelyNeeded(job: Job): boolean {
  const index = nextIndex(job);
  let before = 0;
  for (const begun of job.begun) if (begun < index) before++;
  return before < job.trial.fewest();
}

/** The next index to hand out, past those that are not asked for. */
function nextIndex(job: Job): number {
  let index = job.judged;
  while (index < LAST_INDEX && (job.begun.has(index) || !asksFor(job, index))) index += strideOf(job);
  return index;
}

/** The job and the other open ones of its claim that take the same case. */
function sharing(job: Job, index: number, jobs: readonly Job[]): Job[] {
  const isOpen = (other: Job) => other.judged <= index && !other.begun.has(index) && !finished(other) && asksFor(other, index);
  return jobs.filter(
    (other) => other === job || (other.claim === job.claim && streamOf(other.variant) === streamOf(job.variant) && isOpen(other)),
  );
}

async function measure(job: Job, jobs: readonly Job[], pool: Measurers): Promise<{ of: Job; record: CaseRecord }[]> {
  const index = nextIndex(job);
  const together = sharing(job, index, jobs);
  for (const each of together) each.begun.add(index);
  const place = ({ claim, control }: Job) => ({ claim: claim.id, control, index });
  try {
    const { instance, measured } = await pool.measure({
      claim: job.claim.id,
      controls: together.map(({ control }) => control),
      draw: { seed: job.seed, path: String(index) },
    });
    return together.map((of, k) => ({ of, record: { ...place(of), instance, ...measured[k]! } }));
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    const outcome = { status: 'unmeasured', reason: messageOf(cause) } as const;
    return together.map((of) => ({ of, record: { ...place(of), instance: null, outcome, seconds: 0 } }));
  }
}
