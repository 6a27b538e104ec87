import fc from 'fast-check';
import { type Claim, type Instance, instanceAt, stratumOf } from '../claim/claim.js';
import { fileOf } from '../claim/registry.js';
import { marginOf } from '../judge/margin.js';
import { seedOf } from '../math/random.js';
import type { Outcome } from '../record/outcome.js';
import type { Counterexample } from '../record/verdicts.js';
import type { Workers } from './pool.js';

/** Cases that the search for a smaller counterexample may cost. */
const CASE_BUDGET = 90;
/** Seeds of the same configuration that decide whether it violates: one unlucky seed is no counterexample. */
const SEEDS = 3;

const violated = (outcome: Outcome | undefined) => outcome?.status === 'measured' && outcome.violation;

/** Observed and bound of a measured case; of a rate its slope and the claimed one, of an estimate its largest deviation over the tolerance. */
export function measuredOf(claim: Claim, outcome: Outcome | undefined): Counterexample['measured'] {
  if (outcome?.status !== 'measured') return undefined;
  const { measurement } = outcome;
  if (measurement.kind !== 'bound') return { observed: marginOf(measurement), bound: claim.rate?.slope ?? 1 };
  return { observed: measurement.observed, bound: measurement.bound };
}

/** The given case as a counterexample, as it was drawn. */
export function asCounterexample(claim: Claim, index: number, rootSeed: number, seed: number, pool: Workers): Counterexample {
  const path = String(index);
  return {
    rootSeed,
    seed,
    path,
    shrinks: 0,
    instance: { ...instanceAt(claim.variants[0], seed, path) },
    replay: replayCommand(claim, seed, path, pool),
  };
}

function replayCommand(claim: Claim, seed: number, path: string, { subject }: Workers): string {
  const file = fileOf(claim);
  const own = file === null ? '' : ` --claims ${shellQuoted(file)}`;
  const replay = `npx earlytime replay ${claim.id}${own} --seed ${seed} --path ${path}`;
  return subject.kind === 'process'
    ? `${replay} -- ${subject.command.map(shellQuoted).join(' ')}`
    : `${replay} --backend ${subject.backend}`;
}

/** An argument as a POSIX shell takes it. */
export function shellQuoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

/**
 * The smallest failing configuration that fast-check finds below the given violation: a smaller one counts when its own seed and
 * one of two others violate the claim there. The violation itself is returned when nothing smaller fails, or when `stop` is aborted.
 */
export async function shrinkViolation(
  claim: Claim,
  index: number,
  rootSeed: number,
  seed: number,
  pool: Workers,
  stop: AbortSignal,
): Promise<Counterexample> {
  const [variant] = claim.variants;
  let spent = 0;
  let smallest: Outcome | undefined;
  const violates = async (instance: Instance): Promise<boolean> => {
    if (spent >= CASE_BUDGET || stop.aborted) return false;
    spent += SEEDS;
    const seeds = Array.from({ length: SEEDS }, (_, k) => (k === 0 ? instance.seed : seedOf(instance.seed, 'shrink', k) >>> 1));
    const outcomes = await Promise.all(
      seeds.map((again) =>
        pool.measure({ claim: claim.id, controls: [null], draw: { instance: { ...instance, seed: again } } }).then(
          ({ measured }) => measured[0]!.outcome,
          () => undefined,
        ),
      ),
    );
    const violations = outcomes.filter(violated).length;
    if (!violated(outcomes[0]) || violations * 2 <= SEEDS) return false;
    // The search goes on below each case that violates, so the last one is the smallest.
    smallest = outcomes[0];
    return true;
  };
  let found = 0;
  const property = fc.asyncProperty(stratumOf(variant, String(index)).arbitrary, async (instance) => {
    // The first call is the violation itself, which stands whatever other seeds say.
    found++;
    return !(found === 1 || (await violates(instance)));
  });
  const details = await fc.check(property, { seed, path: String(index), numRuns: 1 });
  const path = details.counterexamplePath ?? String(index);
  return {
    rootSeed,
    seed,
    path,
    shrinks: details.numShrinks,
    instance: { ...details.counterexample![0] },
    ...(smallest && { measured: measuredOf(claim, smallest) }),
    replay: replayCommand(claim, seed, path, pool),
  };
}
