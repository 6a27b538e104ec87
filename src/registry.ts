import { claims } from '../properties/index.js';
import type { Claim } from './claim.js';
import { UsageError } from './errors.js';

/** The registered claim of that id. @throws UsageError for an unknown one, with the nearest known ids. */
export function claimOf(id: string): Claim {
  const found = claims.find((claim) => claim.id === id);
  if (found) return found;
  throw unknownClaim(id);
}

/**
 * The claims that the selectors name: an id, or a prefix that ends at a slash (`hu2020/`, or `hu2020`); all without a selector.
 * @throws UsageError for a selector that names none.
 */
export function selectClaims(selectors: readonly string[]): readonly Claim[] {
  if (selectors.length === 0) return claims;
  const chosen = new Set<Claim>();
  for (const selector of selectors) {
    const prefix = selector.endsWith('/') ? selector : `${selector}/`;
    const matches = claims.filter(({ id }) => id === selector || id.startsWith(prefix));
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
