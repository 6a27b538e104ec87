import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { messageOf, UsageError } from '../support/errors.js';
import { packageRoot, readJson, replaceFile } from '../support/files.js';

const constantSchema = z.object({
  /** C = 1.25 × the 99.5th percentile of observed/form. */
  value: z.number().positive(),
  percentile95: z.number().min(0),
  percentile995: z.number().positive(),
  largest: z.number().positive(),
  instances: z.number().int().positive(),
});

const toleranceSchema = z.object({
  /** max(.02, |mean| + 3 standard errors + 1.25 standard deviations) of (estimate − predicted)/unit. */
  value: z.number().positive(),
  mean: z.number(),
  standardDeviation: z.number().min(0),
  instances: z.number().int().positive(),
});

const off = z.number().min(0).nullable();

const resolutionSchema = z.object({
  command: z.string(),
  /** By profile and number: the smallest error that is refuted with probability .95, in the stratum that shows it best and in the one that shows it least. */
  profiles: z.record(z.string(), z.record(z.string(), z.tuple([off, off]))),
});

const entrySchema = z.object({
  command: z.string(),
  seed: z.number().int(),
  backend: z.string(),
  constants: z.record(z.string(), z.union([constantSchema, toleranceSchema])),
  /** How often each control violated the bound with these constants (bound), or its slope interval (rate), or was further off than the tolerance (estimate). */
  controls: z.record(z.string(), z.object({ violationRate: z.number(), instances: z.number().int().min(0) })),
  /** What `calibrate --resolution` found with these constants. */
  resolution: resolutionSchema.optional(),
});

const calibrationSchema = z.record(z.string(), entrySchema);

export type CalibrationEntry = z.infer<typeof entrySchema>;
export type Calibration = z.infer<typeof calibrationSchema>;

/** Where a project keeps the constants of its own claims, from the folder in which earlytime runs. */
export const calibrationFile: string = join('fixtures', 'calibration.json');

const shippedFile = join(packageRoot, 'fixtures', 'calibration.json');

let loaded: Calibration | undefined;

/** The frozen constants of all claims: a project calibrates its own, never those of the registry. */
export function calibration(): Calibration {
  loaded ??= { ...readCalibration(resolve(calibrationFile)), ...readCalibration(shippedFile) };
  return loaded;
}

/** The entries of a calibration file, none where there is no file. @throws UsageError for a damaged one. */
export function readCalibration(file: string): Calibration {
  if (!existsSync(file)) return {};
  let found: string;
  try {
    const parsed = calibrationSchema.safeParse(readJson(file));
    if (parsed.success) return parsed.data;
    found = z.prettifyError(parsed.error).split('\n')[0]!;
  } catch (cause) {
    found = messageOf(cause);
  }
  throw new UsageError({
    problem: `the calibration '${file}' is damaged`,
    expected: 'what `earlytime calibrate` writes: constants and control rates by claim',
    found,
  });
}

/** Puts these entries into a calibration file, in place of those of the same claims. @throws UsageError for an entry that is none, and when it cannot be written. */
export function writeCalibration(entries: Calibration, file: string): void {
  for (const [id, entry] of Object.entries(entries)) {
    const parsed = entrySchema.safeParse(entry);
    if (parsed.success) continue;
    throw new UsageError({
      problem: `${id} cannot be calibrated`,
      expected: 'a bound whose form is positive, and observations of which more than one in 200 is above 0',
      found: z.prettifyError(parsed.error).replace(/\s+/g, ' '),
    });
  }
  try {
    replaceFile(file, `${JSON.stringify({ ...readCalibration(file), ...entries }, null, 2)}\n`);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError({ problem: `the calibration '${file}' cannot be written: ${messageOf(cause)}` });
  }
}

/** Stands for every constant while constants are measured: so far above them that no bound is close, and a norm never needs a proof that it is below. */
export const UNCALIBRATED = 16;

/** The calibrated constant of a claim. @throws UsageError when it was never calibrated. */
export function calibratedConstant(claim: string, name: string): number {
  const constant = calibration()[claim]?.constants[name];
  if (constant) return constant.value;
  throw new UsageError({
    problem: `claim ${claim} uses a constant '${name}' that was never calibrated`,
    hint: `npx earlytime calibrate ${claim}, with the same --claims where the claim is your own`,
  });
}

type Constant = z.infer<typeof constantSchema>;

/**
 * A multiple of the bound that a case exceeds with at most that probability, by a Pareto tail through the 95th and the 99.5th percentile of its calibration, whose
 * exponent is lowered by two standard errors (those of the logarithm of two order statistics); no less than twice the largest ratio that was seen.
 */
export function grossMultiple({ value, percentile95, percentile995, largest, instances }: Constant, probability: number): number {
  const [above95, above995] = [Math.max(2, 0.05 * instances), Math.max(1, 0.005 * instances)];
  const standardError = Math.sqrt(1 / above995 - 1 / above95) / Math.log(10);
  const exponent = Math.log(10) / Math.log(percentile995 / percentile95) / (1 + 2 * standardError);
  const beyond = percentile95 * (0.05 / probability) ** (1 / exponent);
  return Math.max(beyond, 2 * largest) / value;
}

/** Errors of a theory's numbers that are larger are not looked for: a theory that is so far off is another one. */
export const LARGEST_FACTOR = 4;
/** What a quantity that is bounded is called: how many times as large it would have to be. */
export const OBSERVED = 'the observed quantity';
/** What the slope of a rate is called: by how much the true one would have to exceed the claimed one. */
export const SLOPE = 'the slope';

/** The smallest error of a number that a run notices: in the stratum that shows it best, and in the one that shows it least; null where none is seen. */
export interface NoticedNumber {
  readonly number: string;
  readonly best: number | null;
  readonly least: number | null;
}

/** What a run of that profile notices, as far as an entry says. */
export function noticedIn(entry: CalibrationEntry | undefined, profile: string): NoticedNumber[] {
  return Object.entries(entry?.resolution?.profiles[profile] ?? {}).map(([number, [best, least]]) => ({ number, best, least }));
}

/** SHA-256 of what a claim's verdict depends on in its calibration entry, by which a report names it; null for a claim without one. */
export function calibrationHash(claim: string): string | null {
  const entry = calibration()[claim];
  if (!entry) return null;
  const { resolution: _, ...judgedBy } = entry;
  return `sha256:${createHash('sha256').update(JSON.stringify(judgedBy)).digest('hex')}`;
}
