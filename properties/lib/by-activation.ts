import type fc from 'fast-check';
import { type Strata, strata } from '../../src/claim/strata.js';

/** Instances by activation, each judged by itself. */
export function byActivation<I>(names: readonly string[], instancesOf: (names: readonly string[]) => fc.Arbitrary<I>): Strata<I> {
  return strata('activation', names, (name) => instancesOf([name]));
}

/** Takes the cases of these activations. */
export function withActivation(names: readonly string[]): (instance: { readonly activation: string }) => boolean {
  return ({ activation }) => names.includes(activation);
}
