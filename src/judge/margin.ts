import type { Measurement } from '../claim/claim.js';
import { slopeOf } from './rate.js';

/** How near a case is to its bound, observed/bound; of a rate the slope of its ladder. */
export function marginOf(measurement: Measurement): number {
  return measurement.kind === 'rate' ? slopeOf(measurement.points) : measurement.observed / measurement.bound;
}

/** The upper one of two middle values; null of none. */
export function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
}
