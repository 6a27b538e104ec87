import fc from 'fast-check';
import type { Capability } from '../models/capability.js';
import type { Subject } from '../subject/subject.js';
import { UsageError } from '../support/errors.js';
import type { PassRate } from './pass-rate.js';
import { type ProfileName, reaches } from './profile.js';

/**
 * An identity is exact but for rounding; a bound may be violated at a small rate; a rate is a slope over a ladder of sizes; an estimate is numbers that the
 * theory predicts, each in the mean within a tolerance of its prediction.
 */
export type ClaimKind = 'identity' | 'bound' | 'rate' | 'estimate';

/** Plain JSON that determines a case; the seed is the only part that is not a size or a choice. */
export interface Instance {
  readonly seed: number;
}

/** What a measure may use. */
export interface Laboratory {
  readonly subject: Subject;
  /** The calibrated constant of that name of the claim under test. */
  constant(name: string): number;
}

/** Curves of one case, for a picture. */
export interface Series {
  /** What the curves are over, as in `step` or `time`. */
  readonly over: string;
  readonly at: readonly number[];
  readonly scale: 'linear' | 'log';
  /** Scale of `at`; linear unless given. */
  readonly overScale?: 'linear' | 'log';
  /** By name, each as long as `at`. */
  readonly curves: Readonly<Record<string, readonly number[]>>;
}

/** One measured case of an identity or a bound: it passes when observed + roundoff ≤ bound. */
export interface BoundMeasurement {
  readonly kind: 'bound';
  readonly observed: number;
  readonly bound: number;
  /** How far `observed` may lawfully be from its value in exact arithmetic. */
  readonly roundoff: number;
  /** The constant that `bound` is proportional to, where it was calibrated. */
  readonly constant: string | null;
  /** Everything else that a reader of a replay would ask for. */
  readonly quantities: Readonly<Record<string, number>>;
  /** Largest difference between subject and float64 reference over its budget; null where the reference was not affordable. */
  readonly rounding: number | null;
  /** What a reader would want to see of the case over time. */
  readonly series?: Series;
}

/** One replicate of a whole ladder. */
export interface RateMeasurement {
  readonly kind: 'rate';
  readonly points: readonly { readonly size: number; readonly value: number }[];
  readonly rounding: number | null;
}

/** Numbers of one case that the theory predicts. */
export interface EstimateMeasurement {
  readonly kind: 'estimate';
  /** By name. */
  readonly numbers: Readonly<
    Record<
      string,
      {
        readonly estimate: number;
        readonly predicted: number;
        /** What a deviation is measured in where that is not the prediction itself, as where it is 0. */
        readonly unit?: number;
        /** What the mean of (estimate − predicted)/unit may be. */
        readonly tolerance: number;
        /** The constant that the tolerance is, where it was calibrated. */
        readonly constant: string | null;
      }
    >
  >;
  readonly quantities: Readonly<Record<string, number>>;
  readonly rounding: number | null;
}

export type Measurement = BoundMeasurement | RateMeasurement | EstimateMeasurement;

export type Expectation = 'holds' | 'refuted' | 'inapplicable';

/** Cases that are judged by themselves, as those of one activation. */
export interface Stratum {
  /** Null where all cases are alike. */
  readonly name: string | null;
  readonly arbitrary: fc.Arbitrary<Instance>;
}

/** The claim itself (`control` null) or one of its controls: a stream of cases with one way to measure them. */
export interface Variant {
  readonly control: string | null;
  readonly statement: string;
  /** The least profile that takes it in where the claim is. */
  readonly profile: ProfileName;
  /** Case i is drawn from stratum i mod their number. */
  readonly strata: readonly [Stratum, ...Stratum[]];
  /** Judged as the claim is, by strata: a control whose theory is nearly right. */
  readonly nearMiss: boolean;
  /** Which of the claim's own cases a control is judged on; null where its cases are drawn for it alone. */
  readonly takes: ((instance: Instance) => boolean) | null;
  /** Why the instance is outside the theorem, or null. A control is measured wherever it is drawn. */
  readonly scopeViolation: (instance: Instance) => string | null;
  /** What the theories of a claim are compared with: the same for all that take the instance. */
  readonly observe: (instance: Instance, laboratory: Laboratory) => Promise<unknown>;
  /** Observes by itself unless `observed` is given. */
  readonly measure: (instance: Instance, laboratory: Laboratory, observed?: Promise<unknown>) => Promise<Measurement>;
}

/** A number of a claim's theory, as ζ², and the claim with that number multiplied by a factor. */
export interface TheoryNumber {
  readonly name: string;
  readonly scaled: (factor: number) => Variant;
}

/** A claim as the machinery sees it: the types of its instances and of its theory are closed over. */
export interface Claim {
  readonly id: string;
  readonly kind: ClaimKind;
  readonly title: string;
  readonly statement: string;
  /** In LaTeX; null where the statement has none. */
  readonly formula: string | null;
  /** Claims that test its law, where its own bound is calibrated and shows only that the distribution reproduces. */
  readonly lawTestedBy: readonly string[];
  readonly source: { readonly paper: string; readonly place: string };
  readonly assumptions: readonly string[];
  /** What it asks of a subject. */
  readonly needs: readonly Capability[];
  readonly expected: { readonly verdict: Expectation; readonly reason: string | null };
  /** What tells its strata apart, as `activation`; null where there is one. */
  readonly factor: string | null;
  readonly passRate: PassRate | null;
  readonly rate: { readonly slope: number; readonly ladder: readonly number[] } | null;
  readonly profile: ProfileName;
  /** What of its theory may be wrong by a factor. */
  readonly numbers: readonly TheoryNumber[];
  /** The claim first, then its controls. */
  readonly variants: readonly [Variant, ...Variant[]];
}

/** Whether a value is what `defineClaim` returns, of whatever copy of this package. */
export function isClaim(value: unknown): value is Claim {
  if (typeof value !== 'object' || value === null) return false;
  const { id, kind, variants } = value as Partial<Claim>;
  return typeof id === 'string' && typeof kind === 'string' && typeof variants?.[0]?.measure === 'function';
}

/** The claim and the controls that a run of that profile takes in. */
export function variantsIn({ variants }: Claim, profile: ProfileName): Variant[] {
  return variants.filter((variant) => reaches(profile, variant.profile));
}

/** What the seed of a variant's cases is derived by: a control that takes those of the claim has no stream of its own. */
export function streamOf({ control, takes }: Variant): string {
  return takes === null ? (control ?? '') : '';
}

/** The stratum that the case of that path is drawn from: that of its index, which a shrunk case keeps. */
export function stratumOf({ strata }: Pick<Variant, 'strata'>, path: string): Stratum {
  return strata[Number.parseInt(path, 10) % strata.length]!;
}

/** Instance i of a variant: drawn alone, from the same distribution as every other of its stratum. */
export function instanceAt(variant: Variant, seed: number, path: string): Instance {
  const [instance] = fc.sample(stratumOf(variant, path).arbitrary, { seed, path, numRuns: 1 });
  if (instance === undefined) {
    throw new UsageError({
      problem: `path '${path}' leads to no instance`,
      hint: 'use a path that a report of this version printed',
    });
  }
  return instance;
}

/** Whether the case of that index is one of the variant's. */
export function takesCase(variant: Variant, seed: number, index: number): boolean {
  return variant.takes === null || variant.takes(instanceAt(variant, seed, String(index)));
}

/** Indices of a stream that are looked through for one that a control takes. */
const LONGEST_SEARCH = 10_000;

/** The indices of the first `count` cases of a variant. @throws UsageError for a control that takes none of so many. */
export function firstIndices(variant: Variant, seed: number, count: number): number[] {
  const indices: number[] = [];
  for (let index = 0; indices.length < count; index++) {
    if (index - (indices.at(-1) ?? 0) > LONGEST_SEARCH) {
      throw new UsageError({ problem: `the control '${variant.control}' takes hardly any case of its claim` });
    }
    if (takesCase(variant, seed, index)) indices.push(index);
  }
  return indices;
}

/** Instances of all strata, as often of each, that the variant takes. */
export function anyOf({ strata, takes }: Variant): fc.Arbitrary<Instance> {
  const any = fc.oneof(...strata.map(({ arbitrary }) => arbitrary));
  return takes === null ? any : any.filter(takes);
}
