import type { BackendChoice } from '../backend/backend.js';
import { calibrationHash } from '../calibration.js';
import type { Claim } from '../claim.js';
import { UsageError } from '../errors.js';
import type { Verdicts } from '../report/schema.js';
import { conclude, counterexampleOf, deliverAll, jobsOf, reportFiles } from './conclude.js';
import { type Manifest, openRunFolder, readManifest, readRecords, runId } from './folder.js';
import { openPool } from './pool.js';

/**
 * Joins the shards of a run, each in a folder of its own, into the verdicts that one run would have given, and writes them into `out` as `verify` does.
 * @throws UsageError when a shard is missing or doubled, or when the folders hold shards of different runs.
 */
export async function mergeShards(folders: readonly string[], out: string, claims: readonly Claim[]): Promise<Verdicts> {
  const manifests = folders.map(readManifest);
  const whole: Manifest = { ...wholeOf(manifests, folders), shard: null };
  const chosen = whole.claims.map(([id, calibration]) => {
    const claim = claims.find((registered) => registered.id === id);
    if (claim && calibrationHash(id) === calibration) return claim;
    throw new UsageError({
      problem: `the shards verify ${id}, which ${claim ? 'has another calibration' : 'is not registered'} here`,
      todo: 'merge with the version of earlytime that ran the shards',
    });
  });
  const jobs = jobsOf(chosen, whole);
  const records = folders.flatMap((folder) => readRecords(folder, whole));
  deliverAll(jobs, records);
  const pool = openPool(1, { kind: 'built-in', backend: whole.subject.backend as BackendChoice });
  try {
    const verdicts = await conclude(whole, jobs, (job) => counterexampleOf(job, whole.seed, pool, new AbortController().signal));
    const folder = openRunFolder(out, whole, false);
    records.forEach(folder.record);
    folder.publish(reportFiles(verdicts));
    return verdicts;
  } finally {
    await pool.close();
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
