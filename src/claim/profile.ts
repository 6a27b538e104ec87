import type { ErrorProbabilities } from './pass-rate.js';

export type ProfileName = 'quick' | 'standard' | 'deep';

/** How much a run spends. */
export interface Profile {
  /** Error probabilities of the whole registry together. */
  readonly budget: ErrorProbabilities;
  /** A claim's own `broken` pass rate, but at most this: the quick profile looks for coarser breakage. */
  readonly broken: number;
  /** Probability at most with which one stratum of several passes at the broken pass rate; all of them together pass with that of the claim. */
  readonly stratumFalsePass: number;
  /** Cases per claim or control after which a sequential test ends undecided; strata have a share of them each. */
  readonly cap: number;
  /** Numbers of ladders at which a rate claim, or a control of one, is judged: it ends at the first that decides, and they share its error probabilities. */
  readonly replicates: readonly number[];
  readonly controlReplicates: readonly number[];
  /** Numbers of ladders of each stratum of a rate that has several, likewise. */
  readonly stratumReplicates: readonly number[];
  /** Numbers of cases of each stratum at which an estimate is judged, likewise. */
  readonly estimates: readonly number[];
}

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  quick: {
    budget: { falseAlarm: 1e-3, falsePass: 1e-3 },
    broken: 0.5,
    stratumFalsePass: 0.1,
    cap: 200,
    replicates: [12, 20, 32],
    controlReplicates: [12],
    stratumReplicates: [4, 8, 16, 32],
    estimates: [8, 16, 32, 64],
  },
  standard: {
    budget: { falseAlarm: 1e-3, falsePass: 1e-3 },
    broken: 0.9,
    stratumFalsePass: 0.02,
    cap: 1000,
    replicates: [40],
    controlReplicates: [20],
    stratumReplicates: [16, 32, 64],
    estimates: [32, 64, 128],
  },
  deep: {
    budget: { falseAlarm: 1e-9, falsePass: 1e-6 },
    broken: 0.9,
    stratumFalsePass: 1e-3,
    cap: 5000,
    replicates: [100],
    controlReplicates: [60],
    stratumReplicates: [48, 96],
    estimates: [128, 256, 512],
  },
};

/**
 * The error probabilities of one stratum of S: one of them falsely refuted refutes the claim, and the claim passes only when all do, so that b^{1/S} of each is b of
 * all where all are broken. What it takes for one alone to be seen is a matter of its exact performance.
 */
export function perStratum({ falseAlarm, falsePass }: ErrorProbabilities, strata: number, profile: Profile): ErrorProbabilities {
  return { falseAlarm: falseAlarm / strata, falsePass: Math.min(falsePass ** (1 / strata), profile.stratumFalsePass) };
}

/** Whether a run of one profile is at least as thorough as another. */
export function reaches(profile: ProfileName, least: ProfileName): boolean {
  const names = Object.keys(profiles);
  return names.indexOf(profile) >= names.indexOf(least);
}

/** Bonferroni: the budget split evenly over the whole registry, so that one claim alone gets the verdict that it has in a full run. */
export function perClaim({ falseAlarm, falsePass }: ErrorProbabilities, registered: number): ErrorProbabilities {
  return { falseAlarm: falseAlarm / registered, falsePass: falsePass / registered };
}
