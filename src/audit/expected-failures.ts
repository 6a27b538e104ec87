import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { claimOf } from '../claim/registry.js';
import { judged } from '../record/standing.js';
import type { ClaimVerdict } from '../record/verdicts.js';
import { messageOf, UsageError } from '../support/errors.js';

/** A claim that an adopter knows to fail, why, and until when that is accepted. */
const failureSchema = z.object({ id: z.string(), reason: z.string().min(1), expires: z.iso.date() }).strict();
export type ExpectedFailure = z.infer<typeof failureSchema>;

/**
 * Reads a file of expected failures, `[{ "id", "reason", "expires": "YYYY-MM-DD" }]`.
 * @throws UsageError for a file that is not of that form, an id that is not registered or twice there.
 */
export function readExpectedFailures(file: string): readonly ExpectedFailure[] {
  const expected = 'a JSON list of { id, reason, expires } with expires as in 2027-01-31';
  let failures: readonly ExpectedFailure[];
  try {
    failures = z.array(failureSchema).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new UsageError({ problem: `the expected failures '${file}' cannot be used`, expected, found: messageOf(cause) });
  }
  for (const [k, { id }] of failures.entries()) {
    claimOf(id);
    if (failures.findIndex((other) => other.id === id) < k) throw new UsageError({ problem: `'${file}' names ${id} twice` });
  }
  return failures;
}

const fails = ({ verdict, expected, missing }: ClaimVerdict) =>
  !missing && verdict !== expected && (verdict === 'refuted' || verdict === 'unmeasured');

/**
 * A verdict in the light of expected failures, which are strict: one that has expired, or whose claim does not fail, is itself against expectation.
 * `today` is YYYY-MM-DD.
 */
export function expecting(claim: ClaimVerdict, failures: readonly ExpectedFailure[], today: string): ClaimVerdict {
  const entry = failures.find(({ id }) => id === claim.id);
  // What was not decided neither fails nor passes.
  if (!entry || claim.verdict === 'undecided') return claim;
  const expired = entry.expires < today;
  const excused = fails(claim) && !expired;
  const comment = expired
    ? `its entry of expected failures has expired on ${entry.expires}`
    : excused
      ? `expected to fail until ${entry.expires}: ${entry.reason}`
      : 'it was expected to fail but does not: take its entry out of the expected failures';
  return judged({ ...claim, excused, reason: claim.reason ? `${comment} (${claim.reason})` : comment });
}
