/** The rate of passing that a claim asserts, and the rate at which it counts as broken. */
export interface PassRate {
  readonly claimed: number;
  readonly broken: number;
}

/** Error probabilities that a test may spend. */
export interface ErrorProbabilities {
  /** Probability of refuting a claim whose pass rate is as claimed. */
  readonly falseAlarm: number;
  /** Probability of accepting a claim whose pass rate is the broken one. */
  readonly falsePass: number;
}
