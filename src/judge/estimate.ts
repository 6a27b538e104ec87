import studentQuantile from '@stdlib/stats-base-dists-t-quantile';
import type { EstimateMeasurement } from '../claim/claim.js';
import type { ErrorProbabilities } from '../claim/pass-rate.js';
import { mean, variance } from '../math/statistics.js';
import { noticedErrors } from './rate.js';
import type { Decision } from './sequential.js';

/** A predicted number as the cases give it, in units of the prediction: 1 is as predicted, or 0 where nothing is predicted. */
export interface EstimatedNumber {
  readonly name: string;
  /** Mean of estimate/predicted; of a prediction of 0, of the estimate in its unit. */
  readonly estimate: number;
  /** The true mean is between these but for the probability of a false alarm: outside the tolerance they refute. */
  readonly lower: number;
  readonly upper: number;
  /** And between these but for that of a false pass: within the tolerance they accept. */
  readonly acceptLower: number;
  readonly acceptUpper: number;
  /** 1, or 0 where nothing is predicted. */
  readonly predicted: number;
  readonly tolerance: number;
  readonly cases: number;
  readonly decision: Decision;
}

/** Fewest cases for which Student's limits are trusted. */
export const FEWEST_CASES = 8;

/** How far a number is off, in units of its prediction. */
export function deviation({ estimate, predicted, unit = predicted }: EstimateMeasurement['numbers'][string]): number {
  return (estimate - predicted) / unit;
}

/** The numbers of these cases, each judged by two one-sided Student tests of equivalence (Schuirmann 1987); the false alarms are shared by the numbers. */
export function estimateNumbers(cases: readonly EstimateMeasurement[], errors: ErrorProbabilities): EstimatedNumber[] {
  if (cases.length < FEWEST_CASES) throw new RangeError(`expected at least ${FEWEST_CASES} cases, found ${cases.length}`);
  const names = Object.keys(cases[0]!.numbers);
  return names.map((name) => {
    const numbers = cases.map(({ numbers: of }) => of[name]!);
    const predicted = numbers.every((number) => number.predicted === 0) ? 0 : 1;
    const { tolerance } = numbers[0]!;
    return { name, predicted, ...estimateMean(numbers.map(deviation), predicted, tolerance, errors, names.length) };
  });
}

/**
 * The smallest relative error of a predicted number that n cases refute with probability .95, to a per cent of itself: a theory that is larger by the factor 1 + δ sees
 * the deviation (mean − δ)/(1 + δ). `numbers` share the false alarms.
 */
export function resolution(
  {
    mean,
    standardDeviation,
    value: tolerance,
  }: { readonly mean: number; readonly standardDeviation: number; readonly value: number },
  cases: number,
  falseAlarm: number,
  numbers: number,
): number {
  const wide = noticedErrors(falseAlarm / (2 * numbers), cases);
  const off = tolerance + Math.abs(mean) + (wide * standardDeviation) / Math.sqrt(cases);
  return off < 1 ? off / (1 - off) : Number.POSITIVE_INFINITY;
}

/** The mean deviation against its tolerance: accepted when it is surely inside, rejected when surely outside. */
function estimateMean(
  deviations: readonly number[],
  predicted: number,
  tolerance: number,
  { falseAlarm, falsePass }: ErrorProbabilities,
  numbers: number,
): Omit<EstimatedNumber, 'name' | 'predicted'> {
  const cases = deviations.length;
  const centre = mean(deviations);
  const scatter = variance(deviations);
  const halfWidth = (level: number) => studentQuantile(1 - level, cases - 1) * Math.sqrt(scatter / cases);
  // Two sides for each number: at the edge of the tolerance only one of them can give a false alarm, but that is not known.
  const wide = halfWidth(falseAlarm / (2 * numbers));
  // A claim with a number beyond its tolerance passes only when that number does: its probability needs no sharing.
  const narrow = halfWidth(falsePass);
  const decision = Math.abs(centre) - wide > tolerance ? 'reject' : Math.abs(centre) + narrow < tolerance ? 'accept' : 'continue';
  const at = (value: number) => predicted + value;
  return {
    estimate: at(centre),
    lower: at(centre - wide),
    upper: at(centre + wide),
    acceptLower: at(centre - narrow),
    acceptUpper: at(centre + narrow),
    tolerance,
    cases,
    decision,
  };
}
