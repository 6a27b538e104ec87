import { expect, it } from 'vitest';
import type { Claim } from './claim.js';
import { claimOf } from './registry.js';
import { type ClaimOptions, verifyClaim } from './verify-claim.js';

/** Milliseconds that one claim may take. */
const TIMEOUT = 600_000;

/**
 * A vitest test for each of these claims, ids or one's own: its verdict, and those of its controls, must be as expected.
 * The subject may be a promise.
 */
export function testClaims(
  claims: readonly (Claim | string)[],
  {
    subject,
    ...options
  }: Omit<ClaimOptions, 'subject'> & { readonly subject?: ClaimOptions['subject'] | Promise<ClaimOptions['subject']> } = {},
): void {
  for (const entry of claims) {
    const claim = typeof entry === 'string' ? claimOf(entry) : entry;
    it(
      `${claim.id}: ${claim.statement}`,
      async () => {
        const opened = await subject;
        const { verdict, reason, controls, counterexample } = await verifyClaim(claim, {
          ...options,
          ...(opened && { subject: opened }),
        });
        const seen = controls.map(({ id, verdict: of }) => ({ id, verdict: of }));
        const found = counterexample ? `counterexample ${JSON.stringify(counterexample.instance)}` : (reason ?? undefined);
        expect({ verdict, controls: seen }, found).toEqual({
          verdict: claim.expected.verdict,
          controls: seen.map(({ id }) => ({ id, verdict: 'refuted' })),
        });
      },
      TIMEOUT,
    );
  }
}
