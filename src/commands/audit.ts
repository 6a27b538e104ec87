import { type Command, InvalidArgumentError } from 'commander';
import { expecting, readExpectedFailures } from '../audit/expected-failures.js';
import { readBaseline } from '../baseline/baseline.js';
import { selectClaims } from '../claim/registry.js';
import { today } from '../run/conclude.js';
import type { Command as SubjectCommand } from '../subject/command.js';
import { capabilities, type ProtocolCapability } from '../subject/protocol.js';
import { UsageError } from '../support/errors.js';
import {
  claimsOption,
  expectOption,
  jsonOption,
  limitOption,
  profileOption,
  quietOption,
  resumeOption,
  saveOption,
  seedOption,
  shardOption,
  timeOption,
  verboseOption,
  workersOption,
} from './options.js';
import { type RunFlags, runClaims } from './run.js';

interface Flags extends RunFlags {
  readonly limit: number;
  readonly expect?: string;
  readonly require?: readonly ProtocolCapability[];
}

/** `subject` is the program after `--`. */
export function addAudit(program: Command, subject: SubjectCommand | null): void {
  program
    .command('audit')
    .description('run the laws, then the claims, on another implementation: a program that speaks the protocol')
    .usage('[options] [claim...] -- <command...>')
    .argument('[claim...]', 'ids, or a paper such as hu2020, or laws; all when none is given')
    .addOption(profileOption())
    .addOption(seedOption())
    .addOption(claimsOption())
    .addOption(limitOption())
    .addOption(expectOption())
    .option('--require <list>', `fail unless the program has these capabilities, of ${capabilities.join(',')}`, capabilityList)
    .addOption(workersOption('one; each starts the program for itself'))
    .addOption(timeOption())
    .addOption(shardOption())
    .addOption(resumeOption())
    .addOption(saveOption())
    .option('--out <folder>', 'where the report goes', 'reports/audit')
    .addOption(verboseOption())
    .addOption(quietOption())
    .addOption(jsonOption())
    .action(async (selectors: string[], flags: Flags) => {
      if (subject === null) {
        throw new UsageError({
          problem: 'there is nothing to audit',
          expected: 'a program after --',
          hint: 'earlytime audit laws -- python my_subject.py',
        });
      }
      const failures = flags.expect === undefined ? [] : readExpectedFailures(flags.expect);
      await runClaims(
        'audit',
        {
          claims: selectClaims(selectors, flags.profile),
          subject: { kind: 'process', command: subject, seconds: flags.limit },
          required: flags.require ?? [],
          baseline: readBaseline(),
          // A shard decides nothing, and so fails nothing that was expected to fail.
          ...(flags.shard === undefined && { refine: (claim) => expecting(claim, failures, today()) }),
        },
        flags,
      );
    });
}

function capabilityList(text: string): readonly ProtocolCapability[] {
  const names = text.split(',').map((name) => name.trim());
  const known = names.filter((name): name is ProtocolCapability => (capabilities as readonly string[]).includes(name));
  if (known.length === names.length) return known;
  throw new InvalidArgumentError(`expected a list of ${capabilities.join(', ')}.`);
}
