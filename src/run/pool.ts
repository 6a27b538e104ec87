import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Tinypool } from 'tinypool';
import { MeasurementError, messageOf, UsageError } from '../errors.js';
import { packageRoot } from '../files.js';
import { claimOf } from '../registry.js';
import type { SubjectChoice } from '../subject/choice.js';
import type { CaseReply, CaseRequest, SubjectDescription } from './worker.js';

/** What measures cases, `size` of them at a time. */
export interface Workers {
  readonly size: number;
  readonly subject: SubjectChoice;
  /** Measures one case; rejects when its worker dies or exceeds the time limit, or with a UsageError when the request is a mistake. */
  measure(request: Omit<CaseRequest, 'subject'>): Promise<CaseReply>;
}

/** Worker processes. A crash or a hang costs the one case that ran. */
export interface Pool extends Workers {
  /** @throws MeasurementError when the subject does not open. */
  describe(): Promise<SubjectDescription>;
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

/** Starts that many worker processes, each with that subject. */
export function openPool(size: number, subject: SubjectChoice): Pool {
  const filename = join(packageRoot, 'dist', 'src', 'run', 'worker.js');
  if (!existsSync(filename)) {
    throw new MeasurementError({ problem: 'the package is not built', expected: filename, todo: 'npm run build' });
  }
  const pool = new Tinypool({
    filename,
    runtime: 'child_process',
    // The default, JSON, turns NaN into null and typed arrays into objects.
    serialization: 'advanced',
    minThreads: size,
    maxThreads: size,
    concurrentTasksPerWorker: 1,
    isolateWorkers: false,
  });
  // The death of an idle worker: the pool has put another in its place.
  pool.on('error', () => {});
  return poolOn(pool, size, subject);
}

function poolOn(pool: Tinypool, size: number, subject: SubjectChoice): Pool {
  const run = async (name: string, request: object, limit: number) => {
    const signal = AbortSignal.timeout(limit * 1000);
    try {
      return await pool.run({ ...request, subject }, { name, signal });
    } catch (cause) {
      const problem = signal.aborted ? `no answer within ${limit} s` : messageOf(cause);
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
    diagnose: () => run('diagnose', {}, CASE_LIMITS.quick),
    as: (other) => poolOn(pool, size, other),
    close: async () => {
      const limit = new AbortController();
      // A worker that died unseen never reports its end.
      await Promise.race([pool.destroy(), delay(CLOSING_LIMIT * 1000, undefined, { signal: limit.signal }).catch(() => {})]);
      limit.abort();
    },
  };
}
