import type { Profile } from '../claim/profile.js';

/** As many claims as a registry may have. */
export const REGISTERED = 128;

/** A profile of the tests' own: what a trial needs does not change when the profiles that users run do. */
export const testProfile: Profile = {
  budget: { falseAlarm: 1e-3, falsePass: 1e-3 },
  broken: 0.8,
  stratumFalsePass: 0.1,
  cap: 200,
  replicates: [20],
  controlReplicates: [12],
  stratumReplicates: [4, 8],
  estimates: [8, 16],
};
