import type { Command } from 'commander';
import { claims } from '../../properties/index.js';
import { readBaseline } from '../baseline/baseline.js';
import { exitCode } from '../report/verdicts.js';
import { readKept } from '../run/kept.js';
import { mergeShards, reportAgain } from '../run/rejudge.js';
import { jsonOption, printJson } from './options.js';
import { tellVerdicts } from './verify.js';

interface Flags {
  readonly merge?: string[];
  readonly strict?: boolean;
  readonly out: string;
  readonly json?: boolean;
}

export function addReport(program: Command): void {
  program
    .command('report')
    .description('the report again, from records; with --merge from those of all shards of a run')
    .option('--merge <folders...>', 'the output folders of the shards')
    .option('--strict', 'exit 3 when a verdict is undecided')
    .option('--out <folder>', 'where the report goes; without --merge, where the records are', 'reports')
    .addOption(jsonOption())
    .action(async ({ merge, out, strict, json }: Flags) => {
      const baseline = readBaseline();
      const verdicts = merge
        ? await mergeShards(merge, out, claims, baseline, readKept(claims))
        : await reportAgain(out, claims, baseline);
      if (json) printJson(verdicts);
      tellVerdicts(verdicts, out, baseline);
      process.exitCode = exitCode(verdicts, strict ?? false);
    });
}
