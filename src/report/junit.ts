import imported, { type Builder } from 'junit-report-builder';
import type { ClaimVerdict, Verdicts } from './schema.js';
import { byPaper, driftText } from './summary.js';

// The package exports its builder as module.exports; its type declarations place it one level deeper.
const builder = imported as unknown as Builder;

/** JUnit XML: one suite per paper, one test case per claim and per control. An unmeasured claim is an error, an undecided one skipped. */
export function junit({ claims, subject }: Verdicts): string {
  const report = builder.newBuilder();
  for (const [paper, own] of byPaper(claims)) {
    const suite = report.testSuite().name(`${paper} (${subject.backend})`);
    for (const claim of own) {
      const test = suite.testCase().className(paper).name(claim.id).time(claim.timing.seconds);
      if (claim.verdict === 'unmeasured') test.error(claim.reason ?? 'unmeasured');
      else if (claim.drift?.regressed) test.failure(`against the baseline: ${driftText(claim)}`);
      else if (claim.kept?.some(({ violated }) => violated)) test.failure('a kept counterexample violates the claim');
      else if (claim.kept?.some(({ violated }) => violated === null)) test.error('a kept counterexample was not measured');
      else if (claim.verdict === 'undecided') test.skipped();
      else if (claim.verdict !== claim.expected) test.failure(describeFailure(claim));
      for (const control of claim.controls) {
        const controlTest = suite.testCase().className(paper).name(`${claim.id} control ${control.id}`);
        if (control.verdict === 'unmeasured') controlTest.error(control.reason ?? 'unmeasured');
        else if (control.verdict !== 'refuted' && control.settled) controlTest.failure(`control not refuted: ${control.verdict}`);
        else if (control.verdict !== 'refuted') controlTest.skipped();
      }
    }
  }
  return report.build();
}

function describeFailure({ verdict, expected, counterexample, reason }: ClaimVerdict): string {
  const replay = counterexample ? `; ${counterexample.replay}` : '';
  return `${verdict}, expected ${expected}${reason ? ` (${reason})` : ''}${replay}`;
}
