import { join } from 'node:path';
import type { BackendChoice } from '../backend/backend.js';
import type { Baseline } from '../baseline/baseline.js';
import { calibrationHash } from '../calibration.js';
import type { Claim } from '../claim.js';
import { messageOf, UsageError } from '../errors.js';
import { readJson } from '../files.js';
import { type Verdicts, verdictsSchema } from '../report/schema.js';
import { conclude, counterexampleOf, deliverAll, jobsOf, reportFiles } from './conclude.js';
import { type Manifest, openRunFolder, readManifest, readRecords, runId, writeReport } from './folder.js';
import { type KeptCase, replayKept } from './kept.js';
import { openPool, type Pool } from './pool.js';
import type { CaseRecord, Job } from './schedule.js';

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
      todo: 'use the version of earlytime that made them',
    });
  });
  const jobs = jobsOf(chosen, manifest);
  deliverAll(jobs, records);
  return jobs;
}

/**
 * Judges the records of a run again, and writes its report anew beside them. What takes measuring is kept from the earlier report: counterexamples, a diagnosis.
 */
export async function reportAgain(folder: string, claims: readonly Claim[], baseline: Baseline): Promise<Verdicts> {
  const { manifest, jobs } = trialsOf(folder, claims);
  const earlier = earlierVerdicts(folder);
  const entryOf = (id: string) => earlier.claims.find((claim) => claim.id === id);
  const judged = await conclude(manifest, jobs, {
    counterexample: async ({ claim }) => entryOf(claim.id)?.counterexample ?? null,
    kept: new Map(earlier.claims.flatMap(({ id, kept }) => (kept ? [[id, kept]] : []))),
    baseline,
  });
  const excused = judged.claims.map((claim) => {
    const before = entryOf(claim.id);
    return before?.excused === undefined
      ? claim
      : { ...claim, excused: before.excused, asExpected: before.asExpected, reason: before.reason };
  });
  const verdicts = {
    ...judged,
    claims: excused,
    asExpected: excused.every(({ asExpected }) => asExpected),
    ...(earlier.diagnosis && { diagnosis: earlier.diagnosis }),
  };
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
): Promise<Verdicts> {
  const whole: Manifest = { ...wholeOf(folders.map(readManifest), folders), shard: null };
  const records = folders.flatMap((folder) => readRecords(folder, whole));
  const jobs = judge(whole, records, claims);
  const ids = whole.claims.map(([id]) => id);
  // Only a counterexample takes measuring.
  let opened: Pool | undefined;
  const pool = () => {
    opened ??= openPool(1, { kind: 'built-in', backend: whole.subject.backend as BackendChoice });
    return opened;
  };
  try {
    const own = kept.filter(({ claim }) => ids.includes(claim));
    const verdicts = await conclude(whole, jobs, {
      counterexample: (job) => counterexampleOf(job, whole.seed, pool, new AbortController().signal),
      kept: own.length > 0 ? await replayKept(own, pool()) : new Map(),
      baseline,
    });
    const folder = openRunFolder(out, whole, false);
    records.forEach(folder.record);
    folder.publish(await reportFiles(verdicts, jobs, baseline));
    return verdicts;
  } finally {
    await opened?.close();
  }
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
