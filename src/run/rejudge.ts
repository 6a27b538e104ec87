import { join } from 'node:path';
import type { BackendChoice } from '../backend/engine.js';
import type { Baseline } from '../baseline/baseline.js';
import { calibrationHash } from '../claim/calibration.js';
import type { Claim } from '../claim/claim.js';
import { fileOf } from '../claim/registry.js';
import type { CaseRecord } from '../record/case-record.js';
import { type Manifest, runId } from '../record/manifest.js';
import { judged } from '../record/standing.js';
import { type ClaimVerdict, type Verdicts, verdictsSchema } from '../record/verdicts.js';
import type { SubjectChoice } from '../subject/choice.js';
import { ANSWER_SECONDS } from '../subject/command.js';
import { messageOf, UsageError } from '../support/errors.js';
import { readJson } from '../support/files.js';
import {
  type Circumstances,
  claimsOf,
  concludeClaim,
  counterexampleOf,
  deliverAll,
  isSuspicious,
  jobsOf,
  reportFiles,
  verdictsOf,
} from './conclude.js';
import { openRunFolder, readManifest, readRecords, writeReport } from './folder.js';
import { type KeptCase, replayKept } from './kept.js';
import { openPool, type Pool } from './pool.js';
import type { Job } from './schedule.js';

/** The trials of the run in a folder, as its records leave them. @throws UsageError for a run with claims or calibrations that are not those of this version. */
export function trialsOf(folder: string, claims: readonly Claim[]): { manifest: Manifest; jobs: Job[] } {
  const manifest = readManifest(folder);
  return { manifest, jobs: judge(manifest, readRecords(folder, manifest), claims) };
}

/** The verdicts that the report in a folder holds. */
export function earlierVerdicts(folder: string): Verdicts {
  try {
    return verdictsSchema.parse(readJson(join(folder, 'verdicts.json')));
  } catch (cause) {
    throw new UsageError({
      problem: `the verdicts in '${folder}' cannot be used`,
      expected: 'the verdicts.json that `earlytime verify --out` has written',
      found: messageOf(cause),
    });
  }
}

function judge(manifest: Manifest, records: readonly CaseRecord[], claims: readonly Claim[]): Job[] {
  const chosen = manifest.claims.map(([id, calibration]) => {
    const claim = claims.find((registered) => registered.id === id);
    if (claim && calibrationHash(id) === calibration) return claim;
    throw new UsageError({
      problem: `the records are of ${id}, which ${claim ? 'has another calibration' : 'is not registered'} here`,
      hint:
        claim && fileOf(claim) === null
          ? 'use the version of earlytime that made them'
          : 'name the file of claims of your own with --claims, as it was then',
    });
  });
  const jobs = jobsOf(chosen, manifest);
  deliverAll(jobs, records);
  return jobs;
}

/**
 * Judges the records of a run again, and writes its report anew beside them. What takes measuring, or knowing what was expected, is kept from the earlier report:
 * counterexamples, a diagnosis, known failures.
 */
export async function reportAgain(folder: string, claims: readonly Claim[], baseline: Baseline): Promise<Verdicts> {
  const { manifest, jobs } = trialsOf(folder, claims);
  const earlier = earlierVerdicts(folder);
  const entryOf = (id: string) => earlier.claims.find((claim) => claim.id === id);
  const entries: ClaimVerdict[] = [];
  for (const claim of claimsOf(jobs)) {
    const before = entryOf(claim.id);
    const entry = await concludeClaim(manifest, claim, jobs, {
      counterexample: async () => before?.counterexample ?? null,
      kept: new Map(before?.kept ? [[claim.id, before.kept]] : []),
      baseline,
      refine: (now) => (before?.excused === undefined ? now : judged({ ...now, excused: before.excused, reason: before.reason })),
    });
    entries.push(entry);
  }
  const verdicts = verdictsOf(manifest, entries, earlier.diagnosis ?? null);
  writeReport(folder, await reportFiles(verdicts, jobs, baseline));
  return verdicts;
}

/**
 * Joins the shards of a run, each in a folder of its own, into the verdicts that one run would have given, and writes them into `out` as `verify` does.
 * @throws UsageError when a shard is missing or doubled, or when the folders hold shards of different runs.
 */
export async function mergeShards(
  folders: readonly string[],
  out: string,
  claims: readonly Claim[],
  baseline: Baseline,
  kept: readonly KeptCase[],
  refine?: Circumstances['refine'],
): Promise<Verdicts> {
  const whole: Manifest = { ...wholeOf(folders.map(readManifest), folders), shard: null };
  const records = folders.flatMap((folder) => readRecords(folder, whole));
  const jobs = judge(whole, records, claims);
  const ids = whole.claims.map(([id]) => id);
  // Only a counterexample takes measuring.
  let opened: Pool | undefined;
  const pool = () => {
    opened ??= openPool(1, choiceOf(whole));
    return opened;
  };
  try {
    const own = kept.filter(({ claim }) => ids.includes(claim));
    const circumstances = {
      counterexample: (job: Job) => counterexampleOf(job, whole.seed, pool, new AbortController().signal),
      kept: own.length > 0 ? await replayKept(own, pool()) : new Map(),
      baseline,
      ...(refine && { refine }),
    };
    const entries: ClaimVerdict[] = [];
    for (const claim of claimsOf(jobs)) entries.push(await concludeClaim(whole, claim, jobs, circumstances));
    const diagnosis =
      whole.command !== null && entries.some(isSuspicious)
        ? await pool()
            .diagnose()
            .catch(() => null)
        : null;
    const verdicts = verdictsOf(whole, entries, diagnosis);
    const folder = openRunFolder(out, whole, false);
    try {
      records.forEach(folder.record);
      folder.publish(await reportFiles(verdicts, jobs, baseline));
    } finally {
      folder.release();
    }
    return verdicts;
  } finally {
    await opened?.close();
  }
}

/** What measured the cases of a run. */
function choiceOf({ command, subject }: Manifest): SubjectChoice {
  return command === null
    ? { kind: 'built-in', backend: subject.backend as BackendChoice }
    : { kind: 'process', command, seconds: ANSWER_SECONDS };
}

/** What the shards share. @throws UsageError unless each shard of one run is there once. */
function wholeOf(manifests: readonly Manifest[], folders: readonly string[]): Manifest {
  const [first] = manifests;
  if (!first) throw new UsageError({ problem: 'no folder to merge', expected: 'the --out folders of all shards of a run' });
  const named = (index: number) => `'${folders[index]}'`;
  const other = manifests.findIndex((manifest) => runId(manifest) !== runId(first));
  if (other >= 0) {
    throw new UsageError({
      problem: `${named(0)} and ${named(other)} hold shards of different runs`,
      expected: 'the same claims, seed, profile, backend, device and versions',
    });
  }
  const counts = new Set(manifests.map(({ shard }) => shard?.of ?? 0));
  const of = first.shard?.of;
  if (of === undefined || counts.size > 1) {
    throw new UsageError({
      problem: 'these folders are not the shards of one run',
      expected: 'folders written with --shard 1/n … n/n, of one n',
      found: manifests.map(({ shard }) => (shard ? `${shard.index}/${shard.of}` : 'a whole run')).join(', '),
    });
  }
  for (let index = 1; index <= of; index++) {
    const found = manifests.flatMap(({ shard }, k) => (shard?.index === index ? [named(k)] : []));
    if (found.length !== 1) {
      throw new UsageError({
        problem: `shard ${index}/${of} is ${found.length === 0 ? 'missing' : `there ${found.length} times: ${found.join(', ')}`}`,
        expected: `each of the ${of} shards once`,
      });
    }
  }
  return first;
}
