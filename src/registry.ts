import { claims } from '../properties/index.js';
import type { Claim } from './claim.js';
import { UsageError } from './errors.js';
import { type ProfileName, reaches } from './profile.js';

/** The registered claim of that id. @throws UsageError for an unknown one, with the nearest known ids. */
export function claimOf(id: string): Claim {
  const found = claims.find((claim) => claim.id === id);
  if (found) return found;
  throw unknownClaim(id);
}

/**
 * The claims that the selectors name: an id, a folder (`hu2020/`, or `hu2020`), or what the ids of a family begin with before a hyphen
 * (`hu2020/sharp-terms`); all without a selector. A claim that is for more thorough profiles than this one is taken only by its id.
 * @throws UsageError for a selector that names none.
 */
export function selectClaims(selectors: readonly string[], profile: ProfileName = 'deep'): readonly Claim[] {
  const affordable = claims.filter((claim) => reaches(profile, claim.profile));
  if (selectors.length === 0) return affordable;
  const chosen = new Set<Claim>();
  for (const selector of selectors) {
    const folder = selector.endsWith('/') ? selector : `${selector}/`;
    let matches = [...claims.filter(({ id }) => id === selector), ...affordable.filter(({ id }) => id.startsWith(folder))];
    if (matches.length === 0 && selector.includes('/')) matches = affordable.filter(({ id }) => id.startsWith(`${selector}-`));
    if (matches.length === 0) throw unknownClaim(selector);
    for (const claim of matches) chosen.add(claim);
  }
  return claims.filter((claim) => chosen.has(claim));
}

function unknownClaim(id: string): UsageError {
  return new UsageError({
    problem: `unknown claim '${id}'`,
    expected: `one of ${claims.map((claim) => claim.id).join(', ')}`,
    todo: 'run `earlytime list`; a folder such as hu2020 selects all of its claims',
  });
}
