import type fc from 'fast-check';
import { UsageError } from '../support/errors.js';

/** Instances by a discrete choice that the theory depends on: each is judged by itself, and a run draws them by turns. */
export interface Strata<I> {
  /** What tells them apart, as `activation`. */
  readonly factor: string;
  readonly each: readonly { readonly name: string; readonly arbitrary: fc.Arbitrary<I> }[];
}

/** The strata of those names, each with its own instances. @throws UsageError without a name, or with one twice. */
export function strata<I>(factor: string, names: readonly string[], instancesOf: (name: string) => fc.Arbitrary<I>): Strata<I> {
  if (names.length === 0 || new Set(names).size < names.length) {
    throw new UsageError({ problem: `strata by ${factor} need names that differ`, found: names.join(', ') || 'none' });
  }
  return { factor, each: names.map((name) => ({ name, arbitrary: instancesOf(name) })) };
}

/** Strata, or instances that are all alike. */
export type Instances<I> = fc.Arbitrary<I> | Strata<I>;

export function isStrata(instances: unknown): instances is Strata<unknown> {
  return Array.isArray((instances as { each?: unknown } | null)?.each);
}
