import { it } from 'vitest';
import { claims } from '../properties/index.js';
import { papers } from '../properties/papers.js';
import type { Claim } from './claim/claim.js';
import { selectClaims, ship } from './claim/registry.js';
import { evidence } from './record/evidence.js';
import { counterexampleLines, reasons } from './record/reasons.js';
import { isFine, partsOf, standingOf } from './record/standing.js';
import type { ClaimVerdict } from './record/verdicts.js';
import { type ClaimOptions, verifyClaim } from './run/verify-claim.js';

ship(claims, papers);

/** Milliseconds that one claim may take. */
const TIMEOUT = 600_000;

/**
 * A vitest test for each of these claims: one's own, or what a selector of the command line names, as an id, `hu2020` or `laws/kernel`. Its verdict, and those
 * of its controls, must be as expected; a claim that the subject lacks a capability for is skipped. The subject may be a promise.
 * @throws UsageError for a selector that names no claim.
 */
export function testClaims(
  selected: readonly (Claim | string)[],
  {
    subject,
    ...options
  }: Omit<ClaimOptions, 'subject'> & { readonly subject?: ClaimOptions['subject'] | Promise<ClaimOptions['subject']> } = {},
): void {
  const chosen = selected.flatMap((entry) =>
    typeof entry === 'string' ? selectClaims([entry], options.profile ?? 'quick') : [entry],
  );
  for (const claim of new Set(chosen)) {
    it(
      `${claim.id}: ${claim.title}`,
      async ({ skip }) => {
        const opened = await subject;
        const verdict = await verifyClaim(claim, { ...options, ...(opened && { subject: opened }) });
        const standing = standingOf(verdict);
        if (standing === 'missing') skip(partsOf(verdict)[0].why ?? standing);
        // Its stack would lead into this package, not to what is wrong.
        if (!isFine(standing)) throw Object.assign(new Error(explained(verdict)), { name: 'not as expected', stack: '' });
      },
      TIMEOUT,
    );
  }
}

/** What is wrong with a claim, and how to see it again. */
function explained(verdict: ClaimVerdict): string {
  const headline = `${verdict.verdict}, expected ${verdict.expected}`;
  const lines = [...reasons(verdict).filter((line) => line !== headline), evidence(verdict), ...counterexampleLines(verdict)];
  return [`${verdict.id}: ${headline}`, ...lines].join('\n  ');
}
