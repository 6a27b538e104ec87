import type fc from 'fast-check';
import { type Strata, strata } from '../../src/claim/strata.js';
import type { MarginLoss } from '../../src/math/margin-loss.js';

/** Instances by loss, each judged by itself: whatever else is drawn does not depend on it. */
export function byLoss<I extends { readonly loss: MarginLoss }>(instances: fc.Arbitrary<I>): Strata<I> {
  return strata('loss', ['exponential', 'logistic'], (name) =>
    instances.map((instance) => ({ ...instance, loss: name as MarginLoss })),
  );
}
