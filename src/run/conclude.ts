import { type Baseline, entryOf } from '../baseline/baseline.js';
import { driftOf } from '../baseline/drift.js';
import { type Claim, streamOf, variantsIn } from '../claim/claim.js';
import { perClaim, profiles } from '../claim/profile.js';
import { trialOf, verdictOf } from '../judge/trial.js';
import { seedOf } from '../math/random.js';
import type { CaseRecord } from '../record/case-record.js';
import { exitCodes, standingOfRun } from '../record/exit-code.js';
import type { Manifest } from '../record/manifest.js';
import { isFine, judged, standingOf } from '../record/standing.js';
import type { ClaimVerdict, Counterexample, Verdicts } from '../record/verdicts.js';
import { summary } from '../report/summary.js';
import { claimVerdict } from './claim-verdict.js';
import type { Replayed } from './kept.js';
import type { Pool } from './pool.js';
import { deliver, type Job, jobOf } from './schedule.js';
import { asCounterexample, measuredOf, shrinkViolation } from './shrink.js';

/** The trials of the claims and of their controls. */
export function jobsOf(claims: readonly Claim[], { profile: name, registered, seed, shard }: Manifest): Job[] {
  const profile = profiles[name];
  const errors = perClaim(profile.budget, registered);
  return claims.flatMap((claim) =>
    variantsIn(claim, name).map((variant) => {
      const trial = trialOf(claim, variant.control, profile, errors);
      return jobOf(claim, variant.control, seedOf(seed, claim.id, streamOf(variant)), trial, shard);
    }),
  );
}

export function deliverAll(jobs: readonly Job[], records: readonly CaseRecord[]): void {
  const byName = new Map(jobs.map((job) => [`${job.claim.id} ${job.control}`, job]));
  for (const record of records) {
    const job = byName.get(`${record.claim} ${record.control}`);
    if (job) deliver(job, record);
  }
}

/** What verdicts say besides the trials. */
export interface Circumstances {
  readonly counterexample: (job: Job) => Promise<Counterexample | null>;
  readonly kept: Replayed;
  readonly baseline: Baseline;
  /** In what light a verdict is seen, as that of expected failures. */
  readonly refine?: (claim: ClaimVerdict) => ClaimVerdict;
}

/** The verdict on a claim, as its trial and those of its controls stand. */
export async function concludeClaim(
  { profile, registered, subject, shard }: Manifest,
  claim: Claim,
  jobs: readonly Job[],
  { counterexample, kept, baseline, refine = (entry) => entry }: Circumstances,
): Promise<ClaimVerdict> {
  const errors = perClaim(profiles[profile].budget, registered);
  const all = jobs.filter((job) => job.claim === claim);
  const own = all.find(({ control }) => control === null)!;
  const verdict = claimVerdict(
    {
      claim,
      trial: own.trial,
      controls: all.flatMap(({ control, trial }) => (control === null ? [] : [{ id: control, trial }])),
      counterexample: await counterexample(own),
      profile,
      seconds: all.flatMap(({ cases }) => cases).reduce((sum, record) => sum + record.seconds, 0),
    },
    errors,
  );
  const replayed = kept.get(claim.id);
  const entry = shard ? null : entryOf(baseline, claim.id, subject);
  return refine(
    judged({
      ...verdict,
      ...(entry && { drift: await driftOf(own, entry, errors.falseAlarm, today()) }),
      ...(replayed && { kept: replayed }),
    }),
  );
}

/** The verdicts of a run. */
export function verdictsOf(
  { seed, profile, registered, subject, versions, shard }: Manifest,
  claims: readonly ClaimVerdict[],
  diagnosis: readonly string[] | null,
): Verdicts {
  const { budget } = profiles[profile];
  const entries = [...claims];
  return {
    schema: 1,
    seed,
    profile,
    shard,
    versions,
    subject,
    errorBudget: { ...budget, perClaim: perClaim(budget, registered) },
    asExpected: standingOfRun({ claims: entries, shard, subject }).code === exitCodes.asExpected,
    ...(diagnosis && { diagnosis: [...diagnosis] }),
    claims: entries,
  };
}

/** Whether the subject may compute something else than it should, be that a known failure or not. */
export function isSuspicious(claim: ClaimVerdict): boolean {
  const standing = standingOf(claim);
  return standing === 'excused' || !(isFine(standing) || standing === 'undecided');
}

/** The claims of these trials, in their order. */
export function claimsOf(jobs: readonly Job[]): readonly Claim[] {
  return [...new Set(jobs.map(({ claim }) => claim))];
}

/** YYYY-MM-DD. */
export const today = (): string => new Date().toISOString().slice(0, 10);

/** The report as files of its folder. */
export async function reportFiles(
  verdicts: Verdicts,
  jobs: readonly Job[],
  baseline: Baseline,
): Promise<Readonly<Record<string, string>>> {
  // What writes them takes longer to load than most commands to run.
  const [{ page }, { junit }] = await Promise.all([import('../report/page.js'), import('../report/junit.js')]);
  return {
    'index.html': page(verdicts, jobs, baseline),
    'verdicts.json': `${JSON.stringify(verdicts, null, 2)}\n`,
    'junit.xml': junit(verdicts),
    'summary.md': summary(verdicts),
  };
}

/** The first violation of a refuted claim, shrunk where that was not expected; of a rate its steepest ladder, of an estimate the case that is furthest off. */
export async function counterexampleOf(
  job: Job,
  rootSeed: number,
  pool: () => Pool,
  stop: AbortSignal,
): Promise<Counterexample | null> {
  const { claim, trial, seed, cases } = job;
  const result = trial.result();
  if (verdictOf(result) !== 'refuted' || result.worstIndex === null) return null;
  const index = result.worstIndex;
  const found =
    claim.passRate === null || claim.expected.verdict === 'refuted'
      ? asCounterexample(claim, index, rootSeed, seed, pool())
      : await shrinkViolation(claim, index, rootSeed, seed, pool(), stop);
  const worst = cases.find((record) => record.index === index);
  return { measured: measuredOf(claim, worst?.outcome), ...found };
}
