import type { ErrorProbabilities, PassRate } from '../claim/pass-rate.js';
/**
 * Wald's sequential probability ratio test of a Bernoulli pass rate (Wald 1945), as integer boundaries: a decision depends on the
 * two counts alone, never on the last bit of a logarithm.
 */
export interface SequentialTest {
  readonly rates: PassRate;
  /** Passes needed to accept after that many fails. */
  passesToAccept(fails: number): number;
  /** Fails needed to reject after that many passes. */
  failsToReject(passes: number): number;
}

export type Decision = 'accept' | 'reject' | 'continue';

/** Integer slack: a boundary that Wald's logarithms hit exactly counts as reached. */
const TIE = 1e-9;

/** The test whose log-likelihood ratio is stopped at ln(b/(1 − a)) and ln((1 − b)/a), a = falseAlarm, b = falsePass. */
export function sequentialTest(rates: PassRate, { falseAlarm, falsePass }: ErrorProbabilities): SequentialTest {
  if (!(0 < rates.broken && rates.broken < rates.claimed && rates.claimed < 1)) {
    throw new RangeError(`expected 0 < broken < claimed < 1, found broken ${rates.broken}, claimed ${rates.claimed}`);
  }
  const perPass = -Math.log(rates.broken / rates.claimed);
  const perFail = Math.log((1 - rates.broken) / (1 - rates.claimed));
  const accept = -Math.log(falsePass / (1 - falseAlarm));
  const reject = Math.log((1 - falsePass) / falseAlarm);
  return {
    rates,
    passesToAccept: (fails) => Math.ceil((accept + fails * perFail) / perPass - TIE),
    failsToReject: (passes) => Math.ceil((reject + passes * perPass) / perFail - TIE),
  };
}

export function decide(test: SequentialTest, passes: number, fails: number): Decision {
  if (fails >= test.failsToReject(passes)) return 'reject';
  return passes >= test.passesToAccept(fails) ? 'accept' : 'continue';
}

/** Fewest further cases after which the test could have decided. */
export function fewestToDecide(test: SequentialTest, passes: number, fails: number): number {
  return Math.min(test.passesToAccept(fails) - passes, test.failsToReject(passes) - fails);
}

/** What the test does to independent cases that pass with probability `passRate`. */
export interface Performance {
  readonly accept: number;
  readonly reject: number;
  /** Probability of no decision within the cap. */
  readonly undecided: number;
  readonly expectedCases: number;
}

/** Exact performance by dynamic programming over (passes, fails), up to `cap` cases. */
export function exactPerformance(test: SequentialTest, passRate: number, cap: number): Performance {
  let accept = 0;
  let reject = 0;
  let expectedCases = 0;
  /** Probability of being undecided with so many fails, by number of fails. */
  let undecided = new Map([[0, 1]]);
  for (let cases = 0; cases < cap && undecided.size > 0; cases++) {
    const next = new Map<number, number>();
    for (const [fails, probability] of undecided) {
      expectedCases += probability;
      for (const [failed, weight] of [
        [0, passRate],
        [1, 1 - passRate],
      ] as const) {
        const now = fails + failed;
        const decision = decide(test, cases + 1 - now, now);
        if (decision === 'accept') accept += probability * weight;
        else if (decision === 'reject') reject += probability * weight;
        else next.set(now, (next.get(now) ?? 0) + probability * weight);
      }
    }
    undecided = next;
  }
  return { accept, reject, undecided: 1 - accept - reject, expectedCases };
}

/** The smallest violation rate that the test accepts with probability at most `falsePass`, to 10⁻³. */
export function detectableViolationRate(test: SequentialTest, falsePass: number, cap: number): number {
  let [low, high] = [1 - test.rates.claimed, 1];
  while (high - low > 1e-3) {
    const middle = (low + high) / 2;
    if (exactPerformance(test, 1 - middle, cap).accept <= falsePass) high = middle;
    else low = middle;
  }
  return high;
}

/** The smallest violation rate that the test rejects with probability .95 within the cap, to 10⁻³; 1 where it takes all. */
export function refutableViolationRate(test: SequentialTest, cap: number): number {
  let [low, high] = [1 - test.rates.claimed, 1];
  while (high - low > 1e-3) {
    const middle = (low + high) / 2;
    if (exactPerformance(test, 1 - middle, cap).reject >= 0.95) high = middle;
    else low = middle;
  }
  return high;
}

/** Always-valid p-value of "the pass rate is as claimed" at these counts: 1/likelihood ratio, at most 1 (Ville's inequality). */
export function alwaysValidPValue({ claimed, broken }: PassRate, passes: number, fails: number): number {
  return Math.min(1, Math.exp(passes * Math.log(claimed / broken) - fails * Math.log((1 - broken) / (1 - claimed))));
}
