import type { Measurement } from '../claim/claim.js';
import { slopeOf } from '../math/statistics.js';
import { deviation } from './estimate.js';

/** How near a case is to its bound, observed/bound; of a rate the slope of its ladder, of an estimate its largest deviation over the tolerance. */
export function marginOf(measurement: Measurement): number {
  if (measurement.kind === 'rate') return slopeOf(measurement.points);
  if (measurement.kind === 'bound') return measurement.observed / measurement.bound;
  return Math.max(...Object.values(measurement.numbers).map((number) => Math.abs(deviation(number)) / number.tolerance));
}
