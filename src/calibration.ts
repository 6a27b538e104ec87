import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from './errors.js';
import { packageRoot, readJson } from './files.js';

const constantSchema = z.object({
  /** C = 1.25 × the 99.5th percentile of observed/form. */
  value: z.number().positive(),
  percentile95: z.number().positive(),
  percentile995: z.number().positive(),
  largest: z.number().positive(),
  instances: z.number().int().positive(),
});

const entrySchema = z.object({
  command: z.string(),
  seed: z.number().int(),
  backend: z.string(),
  constants: z.record(z.string(), constantSchema),
  /** How often each control violated the bound with these constants (bound), or its slope interval (rate). */
  controls: z.record(z.string(), z.object({ violationRate: z.number(), instances: z.number().int().positive() })),
});

const calibrationSchema = z.record(z.string(), entrySchema);

export type CalibrationEntry = z.infer<typeof entrySchema>;
export type Calibration = z.infer<typeof calibrationSchema>;

export const calibrationFile: string = join(packageRoot, 'fixtures', 'calibration.json');

let loaded: Calibration | undefined;

/** The frozen constants of all claims, from fixtures/calibration.json. */
export function calibration(): Calibration {
  if (loaded) return loaded;
  const parsed = calibrationSchema.safeParse(readJson(calibrationFile));
  if (!parsed.success) {
    throw new UsageError({
      problem: `${calibrationFile} is damaged`,
      expected: 'constants and control rates by claim',
      found: z.prettifyError(parsed.error).split('\n')[0]!,
      todo: 'npm run calibrate',
    });
  }
  loaded = parsed.data;
  return loaded;
}

/** Stands for every constant while constants are measured: so far above them that no bound is close, and a norm never needs a proof that it is below. */
export const UNCALIBRATED = 16;

/** The calibrated constant of a claim. @throws UsageError when it was never calibrated. */
export function calibratedConstant(claim: string, name: string): number {
  const constant = calibration()[claim]?.constants[name];
  if (constant) return constant.value;
  throw new UsageError({
    problem: `claim ${claim} uses a constant '${name}' that was never calibrated`,
    todo: `npm run calibrate -- ${claim}`,
  });
}

/** SHA-256 of a claim's calibration entry, by which a report names it; null for a claim without calibrated constants. */
export function calibrationHash(claim: string): string | null {
  const entry = calibration()[claim];
  return entry ? `sha256:${createHash('sha256').update(JSON.stringify(entry)).digest('hex')}` : null;
}
