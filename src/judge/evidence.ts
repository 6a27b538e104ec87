import type { Measurement } from '../claim/claim.js';
import type { ErrorProbabilities, PassRate } from '../claim/pass-rate.js';
import { type EstimatedNumber, estimateNumbers } from './estimate.js';
import { marginOf } from './margin.js';
import { decideRate, estimateSlope, type SlopeEstimate } from './rate.js';
import { type Decision, decide, fewestToDecide, type SequentialTest, sequentialTest } from './sequential.js';

/** What the measured cases of one trial say so far; a case that was not measured may hide whatever would speak against the claim. */
export interface Evidence {
  add(measurement: Measurement, violation: boolean, index: number): void;
  decide(unmeasured: number): Decision;
  /** Whether so many cases that were not measured leave nothing to decide. */
  untrusted(unmeasured: number): boolean;
  /** Fewest further cases after which it could decide. */
  fewest(unmeasured: number): number;
  /** Whether no further case is asked for. */
  complete(): boolean;
  /** Cases that it takes at least to accept; of a rate by itself all that are planned. */
  readonly fewestToAccept: number;
  found(): Found;
}

export interface Found {
  /** Cases that were measured. */
  readonly cases: number;
  readonly violations: number;
  /** Index of the first violation; of a rate, of the ladder with the largest slope; of an estimate, of the case that is furthest off. */
  readonly worstIndex: number | null;
  /** A case so far beyond its bound that it refutes by itself: observed over bound, and the multiple that it exceeds. */
  readonly gross: { readonly ratio: number; readonly beyond: number } | null;
  /** Margins of the cases: observed/bound, of an estimate the largest deviation over its tolerance; none of a rate. */
  readonly ratios: readonly number[];
  readonly test: SequentialTest | null;
  readonly slope: SlopeEstimate | null;
  readonly numbers: readonly EstimatedNumber[];
}

const nothing = { violations: 0, gross: null, ratios: [], test: null, slope: null, numbers: [] } as const;

/** The multiple of the bound beyond which one case refutes, given its false-alarm probability; null where nothing says so. */
export type Gross = (measurement: Measurement, falseAlarm: number) => number | null;

/** Part of the false alarms that a single gross violation may have. */
export const GROSS_SHARE = 0.1;

/** Of a bound or an identity; `certain` where no rate of violations is tolerated, however many passes came before. */
export function sequentialEvidence(
  rates: PassRate,
  errors: ErrorProbabilities,
  certain: boolean,
  grossOf: Gross | null = null,
): Evidence {
  const share = grossOf === null ? 0 : GROSS_SHARE;
  const test = sequentialTest(rates, { ...errors, falseAlarm: (1 - share) * errors.falseAlarm });
  let gross: Found['gross'] = null;
  const ratios: number[] = [];
  let violations = 0;
  let worstIndex: number | null = null;
  const passes = () => ratios.length - violations;
  return {
    add: (measurement, violation, index) => {
      ratios.push(marginOf(measurement));
      if (!violation) return;
      violations++;
      const beyond = grossOf?.(measurement, share * errors.falseAlarm) ?? Number.POSITIVE_INFINITY;
      const ratio = ratios.at(-1)!;
      if (ratio > beyond && gross === null) {
        gross = { ratio, beyond };
        worstIndex = index;
      }
      worstIndex ??= index;
    },
    // A case that was not measured counts against accepting, as a violation, and never for rejecting.
    decide: (unmeasured) => {
      if (gross !== null || (certain && violations > 0) || decide(test, passes(), violations) === 'reject') return 'reject';
      return decide(test, passes(), violations + unmeasured) === 'accept' ? 'accept' : 'continue';
    },
    untrusted: (unmeasured) => unmeasured > 0 && (certain || decide(test, passes(), unmeasured) === 'reject'),
    fewest: (unmeasured) => Math.max(1, fewestToDecide(test, passes(), violations + unmeasured)),
    complete: () => false,
    fewestToAccept: test.passesToAccept(0),
    found: () => ({ ...nothing, cases: ratios.length, violations, worstIndex, gross, ratios, test }),
  };
}

/** Of a number of replicates that is fixed beforehand: it decides at these looks, which share its error probabilities. */
function looking<T>(
  looks: readonly number[],
  errors: ErrorProbabilities,
  judge: (errors: ErrorProbabilities) => { readonly decision: Decision; readonly found: T },
) {
  const atEachLook = { falseAlarm: errors.falseAlarm / looks.length, falsePass: errors.falsePass / looks.length };
  let cases = 0;
  let latest: { readonly decision: Decision; readonly found: T | null } = { decision: 'continue', found: null };
  return {
    counted: () => {
      cases++;
      latest = looks.includes(cases) ? judge(atEachLook) : { decision: 'continue', found: null };
    },
    cases: () => cases,
    latest: () => latest,
    decide: () => latest.decision,
    untrusted: (unmeasured: number) => unmeasured > 0,
    fewest: () => looks.find((look) => look > cases)! - cases,
    complete: () => cases >= looks.at(-1)!,
  };
}

/** Of a rate: slopes of ladders, claimed to be at most `claimed` in the mean. */
export function rateEvidence(
  claimed: number,
  looks: readonly number[],
  errors: ErrorProbabilities,
  fewestToAccept: number,
): Evidence {
  const slopes: number[] = [];
  let worstIndex: number | null = null;
  const { counted, latest, cases, ...rest } = looking(looks, errors, (each) => {
    const found = estimateSlope(slopes, each);
    return { decision: decideRate(found, claimed), found };
  });
  return {
    ...rest,
    fewestToAccept,
    add: (measurement, _, index) => {
      const slope = marginOf(measurement);
      if (slopes.every((other) => slope > other)) worstIndex = index;
      slopes.push(slope);
      counted();
    },
    found: () => ({ ...nothing, cases: cases(), worstIndex, slope: latest().found }),
  };
}

/** Of an estimate: numbers that are predicted, in the mean within their tolerances. */
export function estimateEvidence(looks: readonly number[], errors: ErrorProbabilities): Evidence {
  const measured: Extract<Measurement, { kind: 'estimate' }>[] = [];
  const ratios: number[] = [];
  let worstIndex: number | null = null;
  const { counted, latest, cases, ...rest } = looking(looks, errors, (each) => {
    const found = estimateNumbers(measured, each);
    const decision = found.some((number) => number.decision === 'reject')
      ? 'reject'
      : found.every((number) => number.decision === 'accept')
        ? 'accept'
        : 'continue';
    return { decision, found };
  });
  return {
    ...rest,
    fewestToAccept: looks[0]!,
    add: (measurement, _, index) => {
      if (measurement.kind !== 'estimate') return;
      const margin = marginOf(measurement);
      if (ratios.every((other) => margin > other)) worstIndex = index;
      ratios.push(margin);
      measured.push(measurement);
      counted();
    },
    found: () => ({ ...nothing, cases: cases(), worstIndex, ratios, numbers: latest().found ?? [] }),
  };
}
