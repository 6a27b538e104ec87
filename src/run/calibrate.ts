import { type CalibrationEntry, UNCALIBRATED } from '../claim/calibration.js';
import { type Claim, firstIndices, instanceAt, type Measurement, streamOf } from '../claim/claim.js';
import { type ProfileName, profiles } from '../claim/profile.js';
import { registered } from '../claim/registry.js';
import { deviation } from '../judge/estimate.js';
import { resolutionOf, type Sensitivity } from '../judge/resolution.js';
import { seedOf } from '../math/random.js';
import { mean, slopeOf, variance } from '../math/statistics.js';
import type { Outcome } from '../record/outcome.js';
import type { Subject } from '../subject/subject.js';
import { MeasurementError, UsageError } from '../support/errors.js';
import { measureCase, variantOf } from './measure.js';

/**
 * C = 1.25 × the 99.5th percentile, from at least 300 ratios of its kind. The claims allow 1 % of violations: of 1,200 ratios 6 exceed that
 * percentile, so at 95 % confidence at most .99 % of all do, and the margin leaves fewer. (1.25 × the 95th percentile was exceeded by 2–3 % where
 * tails are long; 1.25 × the largest leaves the control without ν² too weak.)
 */
const QUANTILE = 0.995;
const FEWEST = 300;
const MARGIN = 1.25;
const CONTROL_INSTANCES = 60;
const CONTROL_LADDERS = 12;

/**
 * A tolerance is what finite size explains: the mean deviation, at three standard errors, and besides as much of the scatter of single cases as some dozens of them
 * resolve. It is no smaller than a run is to resolve.
 */
const LEAST_TOLERANCE = 0.02;
const STANDARD_ERRORS = 3;
const SCATTER = 1.25;

/** A root seed that no run takes by itself: constants are not frozen on the cases that they judge. */
export const CALIBRATION_SEED = 20261;
export const CALIBRATION_INSTANCES = 1200;

export interface CalibrationOptions {
  /** Root seed; 20261 unless given. */
  readonly seed?: number;
  /** Instances of the claim, 300 at least where it has a constant; 1,200 unless given. */
  readonly instances?: number;
}

/** Cases of each stratum, or of all where there is one, from which a resolution is read; ladders of a rate. */
const RESOLUTION_CASES = 24;
const RESOLUTION_WITHOUT_STRATA = 96;
const RESOLUTION_LADDERS = 8;

/** Measures how wrong the theory may be at the case of that index. */
export type MeasureSensitivity = (seed: number, index: number) => Promise<Sensitivity | null>;

/** How small an error in its theory each profile notices of a claim, with the constants that are frozen. */
export async function resolutionsOf(
  claim: Claim,
  seed: number,
  { measure, lanes, command, progress }: Omit<CalibrationRun, 'measure' | 'backend'> & { readonly measure: MeasureSensitivity },
): Promise<NonNullable<CalibrationEntry['resolution']>> {
  const [own] = claim.variants;
  const strata: Sensitivity[][] = own.strata.map(() => []);
  const each = claim.kind === 'rate' ? RESOLUTION_LADDERS : strata.length > 1 ? RESOLUTION_CASES : RESOLUTION_WITHOUT_STRATA;
  const root = seedOf(seed, 'resolution', claim.id);
  await inLanes(each * strata.length, lanes, async (index) => {
    const found = await measure(root, index);
    if (found) strata[index % strata.length]!.push(found);
    progress?.(1);
  });
  const names = Object.keys(profiles) as ProfileName[];
  const count = registered().length;
  return {
    command,
    profiles: Object.fromEntries(names.map((name) => [name, resolutionOf(claim, strata, name, count)])),
  };
}

/** The work on 0 … count − 1, that many at a time: no more than are worked on at once, for each has a time limit from when it is handed over. */
async function inLanes(count: number, lanes: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Measures the case of that index with all constants at `UNCALIBRATED`. */
export type MeasureUncalibrated = (control: string | null, seed: number, index: number) => Promise<Outcome>;

/** What a calibration is made by: `lanes` measurements at a time on that backend, `command` being how to make it again. */
export interface CalibrationRun {
  readonly measure: MeasureUncalibrated;
  readonly lanes: number;
  readonly backend: string;
  readonly command: string;
  readonly progress?: (cases: number) => void;
}

/**
 * The constants of a claim, each 1.25 × the 99.5th percentile of observed/form, and how often its controls violate it with them.
 * @throws MeasurementError for a case that cannot be measured, UsageError when fewer than 300 instances name a constant.
 */
export async function calibrationOf(
  claim: Claim,
  { seed = CALIBRATION_SEED, instances = CALIBRATION_INSTANCES }: CalibrationOptions,
  run: CalibrationRun,
): Promise<CalibrationEntry> {
  const perVariant = Math.min(instances, claim.kind === 'rate' ? CONTROL_LADDERS : CONTROL_INSTANCES);
  const own =
    claim.kind === 'rate' ? [] : await measurements(claim, null, seed, claim.kind === 'identity' ? perVariant : instances, run);
  const constants = constantsFrom(claim, own);
  const controls: CalibrationEntry['controls'] = {};
  for (const { control, nearMiss } of claim.variants) {
    // What shows of a theory that is nearly right is its resolution.
    if (control === null || nearMiss) continue;
    const measured = await measurements(claim, control, seed, perVariant, run);
    controls[control] = { violationRate: violationRate(claim, measured, constants), instances: measured.length };
  }
  return { command: run.command, seed, backend: run.backend, constants, controls };
}

/** Calibrates a claim of one's own on that subject, in this process; its constants go to `verifyClaim` and `testClaims`. */
export function calibrateClaim(claim: Claim, subject: Subject, options: CalibrationOptions = {}): Promise<CalibrationEntry> {
  const measure: MeasureUncalibrated = (control, seed, index) => {
    const variant = variantOf(claim, control);
    return measureCase(variant, instanceAt(variant, seed, String(index)), subject, () => UNCALIBRATED);
  };
  return calibrationOf(claim, options, { measure, lanes: 1, backend: subject.backend, command: `calibrateClaim of ${claim.id}` });
}

async function measurements(
  claim: Claim,
  control: string | null,
  rootSeed: number,
  count: number,
  { measure, lanes, progress }: CalibrationRun,
): Promise<Measurement[]> {
  const variant = variantOf(claim, control);
  const seed = seedOf(rootSeed, 'calibration', claim.id, streamOf(variant));
  const indices = firstIndices(variant, seed, count);
  const outcomes: Outcome[] = [];
  await inLanes(count, lanes, async (at) => {
    const outcome = await measure(control, seed, indices[at]!);
    if (control === null && count < FEWEST) refuseTooFew(claim, outcome, count);
    outcomes[at] = outcome;
    progress?.(1);
  });
  return outcomes.flatMap((outcome) => {
    if (outcome.status === 'measured') return [outcome.measurement];
    // Outside the assumptions, or of what float32 carries.
    if (outcome.status === 'inapplicable') return [];
    throw new MeasurementError({ problem: `${claim.id} cannot be calibrated: ${outcome.reason}` });
  });
}

/** @throws UsageError where a case names a constant, and so few cannot settle it. */
function refuseTooFew(claim: Claim, outcome: Outcome, count: number): void {
  if (outcome.status !== 'measured' || outcome.measurement.kind !== 'bound' || outcome.measurement.constant === null) return;
  throw tooFew(claim, outcome.measurement.constant, count);
}

function tooFew(claim: Claim, name: string, count: number): UsageError {
  return new UsageError({
    problem: `constant '${name}' of ${claim.id} cannot be calibrated`,
    expected: `at least ${FEWEST} instances in scope that name it`,
    found: String(count),
    hint: 'draw more with --instances',
  });
}

function constantsFrom(claim: Claim, measured: readonly Measurement[]): CalibrationEntry['constants'] {
  const ratios = new Map<string, number[]>();
  const deviations = new Map<string, number[]>();
  const add = (to: Map<string, number[]>, name: string, value: number) => to.set(name, [...(to.get(name) ?? []), value]);
  for (const measurement of measured) {
    if (measurement.kind === 'bound' && measurement.constant !== null) {
      add(ratios, measurement.constant, (UNCALIBRATED * measurement.observed) / measurement.bound);
    }
    if (measurement.kind !== 'estimate') continue;
    for (const number of Object.values(measurement.numbers)) {
      if (number.constant !== null) add(deviations, number.constant, deviation(number));
    }
  }
  if (deviations.size > 0) return Object.fromEntries([...deviations].sort().map(([name, list]) => [name, toleranceFrom(list)]));
  return Object.fromEntries(
    [...ratios].sort().map(([name, list]) => {
      list.sort((a, b) => a - b);
      if (list.length < FEWEST) throw tooFew(claim, name, list.length);
      const largest = list.at(-1)!;
      const percentile = (level: number) => list[Math.ceil(level * list.length) - 1]!;
      return [
        name,
        {
          value: digits(MARGIN * percentile(QUANTILE)),
          percentile95: digits(percentile(0.95)),
          percentile995: digits(percentile(QUANTILE)),
          largest: digits(largest),
          instances: list.length,
        },
      ];
    }),
  );
}

const digits = (value: number) => Number(value.toPrecision(4));

function toleranceFrom(deviations: readonly number[]): CalibrationEntry['constants'][string] {
  const instances = deviations.length;
  const centre = mean(deviations);
  const deviationOf = instances > 1 ? Math.sqrt(variance(deviations)) : 0;
  const bias = Math.abs(centre) + (STANDARD_ERRORS * deviationOf) / Math.sqrt(instances);
  const value = Math.max(LEAST_TOLERANCE, bias + SCATTER * deviationOf);
  return { value: digits(value), mean: digits(centre), standardDeviation: digits(deviationOf), instances };
}

/** Rate at which a control violates: the bound with these constants, the claimed slope, or a tolerance. */
function violationRate(claim: Claim, measured: readonly Measurement[], constants: CalibrationEntry['constants']): number {
  const violations = measured.filter((measurement) => {
    if (measurement.kind === 'rate') return slopeOf(measurement.points) > claim.rate!.slope;
    if (measurement.kind === 'estimate') {
      return Object.values(measurement.numbers).some((number) => {
        const tolerance = number.constant === null ? number.tolerance : (constants[number.constant]?.value ?? 0);
        return Math.abs(deviation(number)) > tolerance;
      });
    }
    const constant = measurement.constant === null ? 1 : (constants[measurement.constant]?.value ?? 0) / UNCALIBRATED;
    return measurement.observed > constant * measurement.bound;
  });
  return Number((violations.length / Math.max(1, measured.length)).toFixed(3));
}
