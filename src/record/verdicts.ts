import { z } from 'zod';

/** reports/verdicts.json, schema 1. It only ever grows. Everything but `timing` is deterministic. */

const finite = z.number().nullable();
const verdict = z.enum(['holds', 'refuted', 'undecided', 'inapplicable', 'unmeasured']);
const errors = z.object({ falseAlarm: z.number(), falsePass: z.number() });

/** A predicted number, in units of its prediction: estimate 1 is as predicted; where nothing is predicted, in a unit of its own. */
const number = z.object({
  stratum: z.string().nullable(),
  name: z.string(),
  verdict: z.enum(['holds', 'refuted', 'undecided']),
  estimate: z.number(),
  /** The true mean is between these but for the probability of a false alarm: outside the tolerance they refute. */
  lower: z.number(),
  upper: z.number(),
  /** And between these but for that of a false pass: within the tolerance they accept. */
  acceptLower: z.number(),
  acceptUpper: z.number(),
  predicted: z.number(),
  tolerance: z.number(),
  cases: z.number().int(),
});

const control = z.object({
  id: z.string(),
  verdict,
  cases: z.number().int(),
  violations: z.number().int(),
  /** False when the run ended before the control had its full budget. */
  settled: z.boolean(),
  /** The subject lacks what the control needs: then the power of the test is as on other subjects, and was not shown on this one. */
  missing: z.boolean().optional(),
  reason: z.string().nullable(),
});

const counterexample = z.object({
  rootSeed: z.number().int(),
  seed: z.number().int(),
  path: z.string(),
  shrinks: z.number().int(),
  instance: z.record(z.string(), z.unknown()),
  /** What was measured of it, of a rate the slope and the claimed one. */
  measured: z.object({ observed: finite, bound: finite }).optional(),
  replay: z.string(),
});

/** The margins against those of the project's baseline. */
const drift = z.object({
  /** Drifted, or the entry of the baseline is of no use any more; `reason` says which. */
  regressed: z.boolean(),
  reason: z.string().nullable(),
  /** Of the two-sample test; null without a measured case. */
  pValue: finite,
  /** The p-value below which the run alarms. */
  level: z.number(),
  cases: z.number().int(),
  baselineCases: z.number().int(),
  median: finite,
  baselineMedian: finite,
  /** Drift that would have been seen with probability .9: a factor of the ratios, a difference of slopes; null when none would. */
  detectable: finite,
  /** Where none would be seen: the least number of cases with which some would; null where the baseline itself is too small. */
  needed: finite.optional(),
});

/** An estimate between Student limits. */
const interval = z.object({ estimate: z.number(), lower: z.number(), upper: z.number() });

const common = {
  id: z.string(),
  statement: z.string(),
  verdict,
  expected: z.enum(['holds', 'refuted', 'inapplicable']),
  asExpected: z.boolean(),
  /** The subject lacks a capability that the claim needs: then nothing is said of it. */
  missing: z.boolean(),
  /** No case asked the subject for anything: the claim is about the theory alone. */
  untouched: z.boolean().optional(),
  /** True for a failure that the adopter expected; false for one that was expected wrongly. */
  excused: z.boolean().optional(),
  /** Why the verdict is not one of holds and refuted, or why a claim is expected not to hold. */
  reason: z.string().nullable(),
  cases: z.number().int(),
  violations: z.number().int(),
  inapplicable: z.number().int(),
  unmeasured: z.number().int(),
  calibration: z.string().nullable(),
  rounding: z.object({
    worstErrorOverBudget: finite,
    reason: z.string().nullable(),
    /** Cases within rounding of their bound, which the float64 reference decided, and those that rounding left no verdict on. */
    onReference: z.number().int().optional(),
    setAside: z.number().int().optional(),
  }),
  /** Of a claim that is judged by strata, as by activation: what became of each. */
  strata: z
    .object({
      factor: z.string(),
      each: z.array(
        z.object({
          name: z.string(),
          verdict,
          cases: z.number().int(),
          violations: z.number().int(),
          /** Of a rate, once it was looked at. */
          slope: interval.extend({ replicates: z.number().int() }).optional(),
        }),
      ),
    })
    .optional(),
  /** Smallest error of a number of its theory, of what it bounds or of its slope, that a run of this profile refutes with probability .95. */
  resolution: z
    .array(
      z.object({
        number: z.string(),
        /** In the stratum that shows it best, and in the one that shows it least; null where no error up to a factor of 4 is seen. */
        best: finite,
        least: finite,
      }),
    )
    .optional(),
  controls: z.array(control),
  /** Cases that once refuted the claim, measured again; `violated` is null where that failed. */
  kept: z.array(z.object({ file: z.string(), violated: z.boolean().nullable(), reason: z.string().nullable() })).optional(),
  /** Only where the baseline has an entry. */
  drift: drift.optional(),
  counterexample: counterexample.nullable(),
  timing: z.object({ seconds: z.number() }),
};

const sequential = {
  ...common,
  passRate: z.object({ claimed: z.number(), broken: z.number() }),
  /** The smallest violation rate that an accepted test would have accepted with at most the false-pass probability. */
  detectableViolationRate: finite,
  /** Always-valid p-value of the claimed pass rate; reported, not used to decide. */
  pValue: finite,
  worstRatio: finite,
  medianRatio: finite,
};

const claim = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('estimate'),
    numbers: z.array(number),
    /** Largest deviation over its tolerance of the worst case, and of the median one. */
    worstRatio: finite,
    medianRatio: finite,
  }),
  z.object({ ...sequential, kind: z.literal('identity') }),
  z.object({ ...sequential, kind: z.literal('bound') }),
  z.object({
    ...common,
    kind: z.literal('rate'),
    slope: z
      .object({
        ...interval.shape,
        claimed: z.number(),
        ladder: z.array(z.number()),
        replicates: z.number().int(),
        /** The one whose slope it is, where strata are judged by themselves: that of the largest. */
        stratum: z.string().optional(),
      })
      .nullable(),
  }),
]);

export const verdictsSchema = z.object({
  schema: z.literal(1),
  seed: z.number().int(),
  profile: z.enum(['quick', 'standard', 'deep']),
  shard: z.object({ index: z.number().int(), of: z.number().int() }).nullable(),
  versions: z.object({ earlytime: z.string(), node: z.string(), fastCheck: z.string(), tfjs: z.string() }),
  subject: z.object({
    name: z.string(),
    backend: z.string(),
    device: z.string(),
    roundoff: z.object({ inputs: z.number(), accumulator: z.number() }),
  }),
  errorBudget: errors.extend({ perClaim: errors }),
  /** Whether the run exits with 0. */
  asExpected: z.boolean(),
  /** What is known of the defect of a subject that fails. */
  diagnosis: z.array(z.string()).optional(),
  claims: z.array(claim),
});

export type Verdicts = z.infer<typeof verdictsSchema>;
export type ClaimVerdict = Verdicts['claims'][number];
export type Counterexample = z.infer<typeof counterexample>;
