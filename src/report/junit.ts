import imported, { type Builder } from 'junit-report-builder';
import { byPaper } from '../record/evidence.js';
import { type Part, partsOf } from '../record/standing.js';
import type { Verdicts } from '../record/verdicts.js';

// The package exports its builder as module.exports; its type declarations place it one level deeper.
const builder = imported as unknown as Builder;

/**
 * JUnit XML: one suite per paper, one test case per claim and per control. It has a failure or an error exactly where the run exits with another code than 0 for it:
 * what is against expectation fails, what was not measured or not decided is an error, and what the subject lacks, a known failure and the open claims of a shard are skipped.
 */
export function junit({ claims, subject, shard }: Verdicts): string {
  const report = builder.newBuilder();
  for (const [paper, own] of byPaper(claims)) {
    const suite = report.testSuite().name(`${paper} (${subject.backend})`);
    for (const claim of own) {
      for (const part of partsOf(claim)) {
        const name = part.control === null ? claim.id : `${claim.id} control ${part.control}`;
        const test = suite.testCase().className(paper).name(name);
        if (part.control === null) test.time(claim.timing.seconds);
        const replay =
          part.control === null && claim.counterexample && part.standing === 'against' ? `; ${claim.counterexample.replay}` : '';
        mark(test, { ...part, why: part.why === null ? null : `${part.why}${replay}` }, shard !== null);
      }
    }
  }
  return report.build();
}

type TestCase = ReturnType<ReturnType<Builder['testSuite']>['testCase']>;

function mark(test: TestCase, { standing, why }: Part, isShard: boolean): void {
  if (standing === 'against') test.failure(why ?? standing);
  else if (standing === 'missing' || standing === 'excused' || (isShard && standing === 'undecided')) {
    test.skipped();
    if (why !== null) test.standardOutput(why);
  } else if (standing !== 'as expected') test.error(why ?? standing);
}
