import { openBackend } from '../backend/backend.js';
import type { BackendName } from '../backend/engine.js';
import { calibratedConstant } from '../claim/calibration.js';
import { type Claim, instanceAt, streamOf, variantsIn } from '../claim/claim.js';
import { type ProfileName, perClaim, profiles } from '../claim/profile.js';
import { claimOf, registered } from '../claim/registry.js';
import { type Trial, trialOf, verdictOf } from '../judge/trial.js';
import { seedOf } from '../math/random.js';
import type { Outcome } from '../record/outcome.js';
import type { ClaimVerdict, Counterexample } from '../record/verdicts.js';
import { builtInSubject } from '../subject/built-in.js';
import type { Subject } from '../subject/subject.js';
import { claimVerdict } from './claim-verdict.js';
import { measureCases, variantOf } from './measure.js';
import { jobOf, type Measurers, runJobs } from './schedule.js';
import { measuredOf } from './shrink.js';

export interface ClaimOptions {
  /** What is under test; the built-in implementation on WASM unless given. */
  readonly subject?: Subject;
  /** How much is spent; `quick` unless given. */
  readonly profile?: ProfileName;
  /** Root seed; 42 unless given. */
  readonly seed?: number;
  /** Constants of a claim that is not in the registry, by name: numbers, or those of what `calibrateClaim` gives. */
  readonly constants?: Readonly<Record<string, number | { readonly value: number }>>;
}

const backends = new Map<BackendName, Promise<Subject>>();

function builtIn(backend: BackendName): Promise<Subject> {
  const opened = backends.get(backend) ?? openBackend(backend).then(builtInSubject);
  backends.set(backend, opened);
  return opened;
}

/**
 * Verifies one claim, of the registry by its id or one's own, with its controls, in this process and one case after the other: the verdict that `earlytime verify` gives
 * at the same seed, but for its counterexample, which is not shrunk.
 * @throws UsageError for an unknown id or a constant that is missing; MeasurementError when no subject is given and WASM does not open.
 */
export async function verifyClaim(claim: Claim | string, options: ClaimOptions = {}): Promise<ClaimVerdict> {
  const chosen = typeof claim === 'string' ? claimOf(claim) : claim;
  const { profile: name = 'quick', seed: rootSeed = 42, constants = {} } = options;
  const subject = options.subject ?? (await builtIn('wasm'));
  const profile = profiles[name];
  const errors = perClaim(profile.budget, registered().length);
  const constant = (key: string) => {
    const given = constants[key];
    return typeof given === 'object' ? given.value : (given ?? calibratedConstant(chosen.id, key));
  };
  const start = performance.now();
  const jobs = variantsIn(chosen, name).map((variant) => {
    const trial = trialOf(chosen, variant.control, profile, errors);
    return jobOf(chosen, variant.control, seedOf(rootSeed, chosen.id, streamOf(variant)), trial);
  });
  const here: Measurers = {
    size: 1,
    measure: async ({ controls, draw }) => {
      const variants = controls.map((control) => variantOf(chosen, control));
      const instance = 'instance' in draw ? draw.instance : instanceAt(variants[0]!, draw.seed, draw.path);
      return { instance, measured: await measureCases(variants, instance, subject, constant) };
    },
  };
  const silent = { record: () => {}, progress: () => {} };
  await runJobs(jobs, here, silent, new AbortController().signal);
  const [own, ...controls] = jobs;
  const { trial, cases } = own!;
  const worst = cases.find(({ index }) => index === trial.result().worstIndex)?.outcome ?? null;
  const seconds = (performance.now() - start) / 1000;
  return claimVerdict(
    {
      claim: chosen,
      trial,
      controls: controls.map((job) => ({ id: job.control!, trial: job.trial })),
      counterexample: counterexampleOf(chosen, trial, worst, rootSeed, subject),
      profile: name,
      seconds,
    },
    errors,
  );
}

function counterexampleOf(
  claim: Claim,
  trial: Trial,
  worst: Outcome | null,
  rootSeed: number,
  subject: Subject,
): Counterexample | null {
  const { worstIndex } = trial.result();
  if (verdictOf(trial.result()) !== 'refuted' || worstIndex === null) return null;
  const seed = seedOf(rootSeed, claim.id, '');
  const path = String(worstIndex);
  const instance = { ...instanceAt(claim.variants[0], seed, path) };
  // What only its caller knows is left to be filled in.
  const own = !registered().includes(claim);
  const process = subject.backend === 'process';
  const file = own ? ' --claims FILE' : '';
  const program = process ? ' -- PROGRAM' : '';
  const meant = [...(own ? ['FILE the module that exports the claim'] : []), ...(process ? ['PROGRAM that of the subject'] : [])];
  return {
    rootSeed,
    seed,
    path,
    shrinks: 0,
    instance,
    measured: measuredOf(claim, worst ?? undefined),
    replay: `npx earlytime replay ${claim.id}${file} --seed ${seed} --path ${path}${program}${meant.length > 0 ? `, with ${meant.join(' and ')}` : ''}`,
  };
}
