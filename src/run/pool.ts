import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Tinypool } from 'tinypool';
import { claimOf, registeredFiles } from '../claim/registry.js';
import type { Sensitivity } from '../judge/resolution.js';
import type { SubjectChoice } from '../subject/choice.js';
import { MeasurementError, messageOf, UsageError } from '../support/errors.js';
import { packageRoot } from '../support/files.js';
import type { CaseReply, CaseRequest, SensitivityRequest, SubjectDescription, WorkerRequest } from './worker.js';

/** What measures cases, `size` of them at a time. */
export interface Workers {
  readonly size: number;
  readonly subject: SubjectChoice;
  /** Measures one case under one theory or several; rejects when its worker dies twice or exceeds the time limit, or with a UsageError when the request is a mistake. */
  measure(request: Omit<CaseRequest, keyof WorkerRequest>): Promise<CaseReply>;
}

/** Worker processes. A crash costs nothing, for a case is the same when it is measured again; a case that kills its worker twice, or hangs, is lost. */
export interface Pool extends Workers {
  /** @throws MeasurementError when the subject does not open. */
  describe(): Promise<SubjectDescription>;
  /** By how much the theory of a claim may be wrong before that case violates it; null of one that it does not judge. */
  sensitivity(request: Omit<SensitivityRequest, keyof WorkerRequest>): Promise<Sensitivity | null>;
  /** What is known of the subject's defect, in sentences. */
  diagnose(): Promise<string[]>;
  /** The same workers for that subject: those that have opened theirs keep it. */
  as(subject: SubjectChoice): Pool;
  close(): Promise<void>;
}

/** Seconds that one case of a claim of that profile may take: a hundred times the slowest on WASM, ten times of those of the deep profile. */
const CASE_LIMITS = { quick: 600, standard: 600, deep: 3600 } as const;

/** Seconds that workers are given to end. */
const CLOSING_LIMIT = 10;

/** Sets of workers that may fail to start, one after the other, before no more are started. */
const MOST_FAILED_STARTS = 3;

/** Starts that many worker processes, each with that subject. @throws MeasurementError when the package is not built or no process can be started. */
export function openPool(size: number, subject: SubjectChoice): Pool {
  return poolOn(workerSet(size), size, subject);
}

/** Worker processes that are replaced when they end. */
interface WorkerSet {
  /** Calls the worker's function of that name. @throws whatever it throws, MeasurementError when the limit passes or the worker dies twice. */
  call(name: string, request: object, limit: number): Promise<unknown>;
  close(): Promise<void>;
}

function workerSet(size: number): WorkerSet {
  const filename = join(packageRoot, 'dist', 'src', 'run', 'worker.js');
  if (!existsSync(filename)) {
    throw new MeasurementError({ problem: 'the package is not built', expected: filename, hint: 'npm run build' });
  }
  let failedStarts = 0;
  let closed = false;
  /** Rejects when the present workers have to be replaced as a whole. */
  let lost = loss();
  const start = (): Tinypool => {
    try {
      return started();
    } catch (cause) {
      throw new MeasurementError({
        problem: `worker processes cannot be started: ${messageOf(cause).split('\n')[0]}`,
        expected: 'room for processes and open files (ulimit -n, ulimit -u)',
      });
    }
  };
  const started = () => {
    const pool = new Tinypool({
      filename,
      runtime: 'child_process',
      // Else a worker, and the program that it audits, would find no PATH, no home and no virtual environment.
      env: process.env as Record<string, string>,
      // The default, JSON, turns NaN into null and typed arrays into objects.
      serialization: 'advanced',
      minThreads: size,
      maxThreads: size,
      concurrentTasksPerWorker: 1,
      isolateWorkers: false,
    });
    pool.on('error', () => replaceDead(pool));
    return pool;
  };
  // A case has its time from when a worker takes it, not from when it is asked for.
  let free = size;
  const waiting: (() => void)[] = [];
  const taken = async () => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const given = () => {
    const next = waiting.shift();
    if (next) next();
    else free++;
  };
  let current: Tinypool;
  // Tinypool puts another worker in the place of one that dies, but none in that of one that dies while it starts.
  const replaceDead = (pool: Tinypool) => {
    if (closed || pool !== current || pool.threads.length >= size) return;
    failedStarts++;
    const { reject } = lost;
    lost = loss();
    try {
      if (failedStarts < MOST_FAILED_STARTS) current = start();
    } catch {
      failedStarts = MOST_FAILED_STARTS;
    }
    reject(new WorkerLost('worker processes end as soon as they start'));
    destroyed(pool);
  };
  current = start();

  const attempt = async (name: string, request: object, limit: number): Promise<unknown> => {
    if (closed) throw new WorkerLost('the workers have been ended');
    const pool = current;
    const controller = new AbortController();
    // A timer that keeps this process alive, unlike that of AbortSignal.timeout.
    const timer = setTimeout(() => controller.abort(), limit * 1000);
    try {
      const reply = await Promise.race([pool.run(request, { name, signal: controller.signal }), lost.promise]);
      failedStarts = 0;
      return reply;
    } catch (cause) {
      if (controller.signal.aborted) throw new MeasurementError({ problem: `no answer within ${limit} s` });
      replaceDead(pool);
      throw /^(Worker exited unexpectedly|Terminating worker thread)$/.test(messageOf(cause))
        ? new WorkerLost('its worker process ended')
        : cause;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    call: async (name, request, limit) => {
      await taken();
      try {
        return await attempt(name, request, limit);
      } catch (cause) {
        if (!(cause instanceof WorkerLost) || closed || failedStarts >= MOST_FAILED_STARTS) throw cause;
        return await attempt(name, request, limit);
      } finally {
        given();
      }
    },
    close: async () => {
      closed = true;
      const limit = new AbortController();
      // A worker that died unseen never reports its end.
      await Promise.race([destroyed(current), delay(CLOSING_LIMIT * 1000, undefined, { signal: limit.signal }).catch(() => {})]);
      limit.abort();
    },
  };
}

/** A worker of Tinypool, which forwards the listeners of its process but lacks `removeListener`. */
interface Listening {
  readonly process: { removeListener(event: string, listener: () => void): unknown };
  removeListener?: (event: string, listener: () => void) => unknown;
}

/** Ends the workers of a pool. A process that fails while Tinypool waits for its end would take this one with it: `once` of node asks its emitter for `removeListener`. */
async function destroyed(pool: Tinypool): Promise<void> {
  for (const worker of pool.threads as unknown as Listening[]) {
    worker.removeListener ??= (event, listener) => worker.process.removeListener(event, listener);
  }
  await pool.destroy().catch(() => {});
}

/** The process that worked on a request is gone. */
class WorkerLost extends Error {}

function loss() {
  let reject: (cause: Error) => void = () => {};
  const promise = new Promise<never>((_, no) => {
    reject = no;
  });
  // Nobody may be waiting.
  promise.catch(() => {});
  return { promise, reject };
}

function poolOn(workers: WorkerSet, size: number, subject: SubjectChoice): Pool {
  const run = async <T>(name: string, request: object, limit: number): Promise<T> => {
    try {
      return (await workers.call(name, { ...request, subject, files: registeredFiles() }, limit)) as T;
    } catch (cause) {
      const problem = messageOf(cause);
      // Errors arrive as plain objects.
      const mistake = typeof cause === 'object' && cause !== null && 'name' in cause && cause.name === 'UsageError';
      throw mistake ? new UsageError({ problem }) : new MeasurementError({ problem });
    }
  };
  return {
    size,
    subject,
    describe: () => run('describe', {}, CASE_LIMITS.quick),
    measure: (request) => run('measure', request, CASE_LIMITS[claimOf(request.claim).profile]),
    sensitivity: (request) => run('sensitivity', request, CASE_LIMITS.deep),
    diagnose: () => run('diagnose', {}, CASE_LIMITS.quick),
    as: (other) => poolOn(workers, size, other),
    close: workers.close,
  };
}
