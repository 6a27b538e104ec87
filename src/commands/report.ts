import type { Command } from 'commander';
import { expecting, readExpectedFailures } from '../audit/expected-failures.js';
import { readBaseline } from '../baseline/baseline.js';
import { registered } from '../claim/registry.js';
import { standingOfRun } from '../record/exit-code.js';

import { today } from '../run/conclude.js';
import { readKept } from '../run/kept.js';
import { mergeShards, reportAgain } from '../run/rejudge.js';
import { UsageError } from '../support/errors.js';
import { claimsOption, expectOption, jsonOption, quietOption, verboseOption } from './options.js';
import { printJson } from './output.js';
import { type Telling, teller } from './terminal-text.js';

interface Flags extends Telling {
  readonly merge?: string[];
  readonly expect?: string;
  readonly out: string;
  readonly json?: boolean;
}

export function addReport(program: Command): void {
  program
    .command('report')
    .description('the report again, from records; with --merge from those of all shards of a run')
    .option('--merge <folders...>', 'the output folders of the shards')
    .addOption(expectOption())
    .addOption(claimsOption())
    .option('--out <folder>', 'where the report goes; without --merge, where the records are', 'reports')
    .addOption(verboseOption())
    .addOption(quietOption())
    .addOption(jsonOption())
    .action(async (flags: Flags) => {
      const { merge, out, json } = flags;
      const [baseline, claims] = [readBaseline(), registered()];
      if (flags.expect !== undefined && !merge) {
        throw new UsageError({
          problem: '--expect goes with --merge',
          hint: 'leave it out: a report that is made again keeps the known failures of its run',
        });
      }
      const failures = flags.expect === undefined ? [] : readExpectedFailures(flags.expect);
      const verdicts = merge
        ? await mergeShards(merge, out, claims, baseline, readKept(claims), (claim) => expecting(claim, failures, today()))
        : await reportAgain(out, claims, baseline);
      const tell = teller(
        verdicts.claims.map(({ id }) => id),
        flags,
      );
      tell.header('report', verdicts);
      if (verdicts.diagnosis) tell.diagnosed(verdicts.diagnosis);
      verdicts.claims.forEach(tell.settled);
      if (json) printJson(verdicts);
      tell.end(verdicts, out, baseline);
      process.exitCode = standingOfRun(verdicts).code;
    });
}
