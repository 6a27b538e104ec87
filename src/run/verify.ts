import { availableParallelism } from 'node:os';
import type { BackendChoice } from '../backend/engine.js';
import type { Baseline } from '../baseline/baseline.js';
import { calibrationHash } from '../claim/calibration.js';
import type { Claim } from '../claim/claim.js';
import type { ProfileName } from '../claim/profile.js';
import type { Shard } from '../record/case-record.js';
import type { Manifest } from '../record/manifest.js';
import type { ClaimVerdict, Verdicts } from '../record/verdicts.js';
import type { SubjectChoice } from '../subject/choice.js';
import { MeasurementError } from '../support/errors.js';
import { versions } from '../support/versions.js';
import { listed } from '../support/words.js';
import {
  type Circumstances,
  concludeClaim,
  counterexampleOf,
  deliverAll,
  isSuspicious,
  jobsOf,
  reportFiles,
  verdictsOf,
} from './conclude.js';
import { deadline } from './deadline.js';
import { openRunFolder } from './folder.js';
import { type KeptCase, replayKept } from './kept.js';
import { openPool, type Pool } from './pool.js';
import { type Job, runJobs } from './schedule.js';
import type { SubjectDescription } from './worker.js';

export interface VerifyOptions {
  readonly claims: readonly Claim[];
  /** Number of claims over which the error budget is split. */
  readonly registered: number;
  readonly profile: ProfileName;
  readonly seed: number;
  readonly subject: SubjectChoice;
  /** Capabilities of the protocol without which a program is not measured. */
  readonly required: readonly string[];
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
  readonly refine?: Circumstances['refine'];
  readonly listener: Listener;
  /** Aborted by the user. */
  readonly interrupt: AbortSignal;
}

/** Who is told how a run goes on, in this order. */
export interface Listener {
  started(manifest: Manifest, subject: SubjectDescription): void;
  progress(jobs: readonly Job[], workers: number): void;
  /** What is known of the defect of a program, before the first claim that it fails. */
  diagnosed(findings: readonly string[]): void;
  /** A claim is judged: as soon as its trials and those of its controls are. */
  settled(claim: ClaimVerdict): void;
}

/**
 * Verifies the claims and their controls, and writes index.html, verdicts.json, junit.xml, summary.md, run.json and records/ into `out`. Returns null when it
 * was interrupted: then the journal stays for `resume`, and the earlier report is as it was. The verdicts of a shard are those of its own cases.
 */
export async function verify(options: VerifyOptions): Promise<Verdicts | null> {
  const { claims, interrupt, listener } = options;
  const { pool, subject } = await openSuitablePool(options);
  try {
    requireAll(subject, options.required);
    const { name, backend, device, roundoff } = subject;
    const manifest: Manifest = {
      claims: claims.map(({ id }) => [id, calibrationHash(id)]),
      registered: options.registered,
      seed: options.seed,
      profile: options.profile,
      subject: { name, backend, device, roundoff },
      command: options.subject.kind === 'process' ? options.subject.command : null,
      versions: versions(),
      shard: options.shard,
    };
    const folder = openRunFolder(options.out, manifest, options.resume);
    try {
      listener.started(manifest, subject);
      const jobs = jobsOf(claims, manifest);
      deliverAll(jobs, folder.resumed);
      const ended = new AbortController();
      interrupt.addEventListener('abort', () => ended.abort(), { once: true });
      const conclusions = concluding(options, manifest, jobs, pool, await replayKept(options.kept, pool), ended.signal);
      const stop = deadline(interrupt, options.time);
      const progress = () => {
        listener.progress(jobs, pool.size);
        conclusions.settle();
      };
      progress();
      try {
        await runJobs(jobs, pool, { record: folder.record, progress }, stop.signal);
      } catch (cause) {
        ended.abort();
        throw cause;
      } finally {
        stop.release();
      }
      if (interrupt.aborted) return null;
      const verdicts = await conclusions.all();
      if (interrupt.aborted) return null;
      folder.publish(await reportFiles(verdicts, jobs, options.baseline));
      return verdicts;
    } finally {
      folder.release();
    }
  } finally {
    await pool.close();
  }
}

/** The verdicts as they come about: each claim is concluded once, when its last trial has settled or the run has ended. */
function concluding(
  { claims, baseline, refine, listener, shard }: VerifyOptions,
  manifest: Manifest,
  jobs: readonly Job[],
  pool: Pool,
  kept: Circumstances['kept'],
  ended: AbortSignal,
) {
  const concluded = new Map<Claim, Promise<ClaimVerdict>>();
  let diagnosis: Promise<string[] | null> | null = null;
  const conclude = async (claim: Claim): Promise<ClaimVerdict> => {
    const entry = await concludeClaim(manifest, claim, jobs, {
      counterexample: (job) => counterexampleOf(job, manifest.seed, () => pool, ended),
      kept,
      baseline,
      ...(refine && { refine }),
    });
    if (ended.aborted) return entry;
    if (manifest.command !== null && isSuspicious(entry)) {
      // A program that cannot be diagnosed has been judged all the same.
      diagnosis ??= pool.diagnose().then(
        (findings) => {
          listener.diagnosed(findings);
          return findings;
        },
        () => null,
      );
      await diagnosis;
    }
    listener.settled(entry);
    return entry;
  };
  const start = (claim: Claim) => {
    if (concluded.has(claim)) return;
    const conclusion = conclude(claim);
    // It is awaited with the others.
    conclusion.catch(() => {});
    concluded.set(claim, conclusion);
  };
  return {
    /** Concludes what has settled; a shard settles nothing. */
    settle: () => {
      const open = new Set(jobs.filter(({ trial }) => !trial.settled()).map(({ claim }) => claim));
      if (shard === null) claims.filter((claim) => !open.has(claim)).forEach(start);
    },
    /** The verdicts of the whole run. */
    all: async (): Promise<Verdicts> => {
      claims.forEach(start);
      const entries = await Promise.all(claims.map((claim) => concluded.get(claim)!));
      return verdictsOf(manifest, entries, await diagnosis);
    },
  };
}

/** @throws MeasurementError unless the program has all of these capabilities. */
function requireAll({ name, offers }: SubjectDescription, required: readonly string[]): void {
  const lacking = required.filter((capability) => !offers?.capabilities.includes(capability));
  if (lacking.length === 0) return;
  throw new MeasurementError({
    problem: `the subject ${name} lacks ${listed(lacking)}, which --require asks for`,
    expected: listed(required),
    found: `${listed(offers?.capabilities ?? [])}${offers?.attributes ? `; its own names are ${listed(offers.attributes)}` : ''}`,
  });
}

/** A pool of suitable size; with `auto`, that is known only once the first worker has chosen. */
async function openSuitablePool({
  subject: choice,
  workers,
}: Pick<VerifyOptions, 'subject' | 'workers'>): Promise<{ pool: Pool; subject: SubjectDescription }> {
  const first = openPool(workers ?? defaultWorkers(choice), choice);
  try {
    const subject = await first.describe();
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
