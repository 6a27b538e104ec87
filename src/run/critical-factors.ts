import { LARGEST_FACTOR } from '../claim/calibration.js';
import type { BoundMeasurement, Claim, Instance } from '../claim/claim.js';
import type { Sensitivity } from '../judge/resolution.js';
import type { Subject } from '../subject/subject.js';
import { InapplicableError } from '../support/errors.js';

/** Halvings of ln 4 per direction: to one per cent. */
const HALVINGS = 7;

/** Measures a case of a bound under theories that are more and more wrong in one number, by bisection, infinite beyond a factor of 4; null of a case that the claim does not judge. */
export async function criticalFactors(
  claim: Claim,
  instance: Instance,
  subject: Subject,
  constant: (name: string) => number,
): Promise<Sensitivity | null> {
  const [own] = claim.variants;
  if (own.scopeViolation(instance) !== null) return null;
  const laboratory = { subject, constant };
  const observed = own.observe(instance, laboratory);
  try {
    const measurement = await own.measure(instance, laboratory, observed);
    const critical: Record<string, readonly [number, number]> = {};
    if (measurement.kind === 'bound') {
      for (const { name, scaled } of claim.numbers) {
        const violatesAt = async (factor: number) =>
          violates((await scaled(factor).measure(instance, laboratory, observed)) as BoundMeasurement);
        critical[name] = [await firstFactor(violatesAt), await firstFactor((factor) => violatesAt(1 / factor))];
      }
    }
    return { measurement, critical };
  } catch (cause) {
    if (cause instanceof InapplicableError) return null;
    throw cause;
  }
}

const violates = ({ observed, bound, roundoff }: BoundMeasurement) => observed - roundoff > bound;

async function firstFactor(violatesAt: (factor: number) => Promise<boolean>): Promise<number> {
  if (!(await violatesAt(LARGEST_FACTOR))) return Number.POSITIVE_INFINITY;
  let [low, high] = [0, Math.log(LARGEST_FACTOR)];
  for (let k = 0; k < HALVINGS; k++) {
    const middle = (low + high) / 2;
    if (await violatesAt(Math.exp(middle))) high = middle;
    else low = middle;
  }
  return Math.exp(high);
}
