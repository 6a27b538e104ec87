import type { Command } from 'commander';
import { claims as registry } from '../../properties/index.js';
import { expecting, readExpectedFailures } from '../audit/expected-failures.js';
import { readBaseline } from '../baseline/baseline.js';
import { UsageError } from '../errors.js';
import type { ProfileName } from '../profile.js';
import { selectClaims } from '../registry.js';
import type { ClaimVerdict, Verdicts } from '../report/schema.js';
import { exitCode } from '../report/verdicts.js';
import { today } from '../run/conclude.js';
import { readKept, saveCounterexamples } from '../run/kept.js';
import type { Pool } from '../run/pool.js';
import type { Command as SubjectCommand } from '../subject/choice.js';
import { integer, jsonOption, limitOption, MAX_SEED, printJson, profileOption, saveOption, tellSaved } from './options.js';
import { runClaims } from './run.js';
import { tellVerdicts } from './verify.js';

interface Flags {
  readonly profile: ProfileName;
  readonly seed: number;
  readonly limit: number;
  readonly expect?: string;
  readonly save?: boolean;
  readonly out: string;
  readonly json?: boolean;
}

/** `subject` is the program after `--`. */
export function addAudit(program: Command, subject: SubjectCommand | null): void {
  program
    .command('audit')
    .description('run the laws, then the claims, on another implementation: a program that speaks the protocol')
    .usage('[options] [claim...] -- <command...>')
    .argument('[claim...]', 'ids, or a paper such as hu2020, or laws; all when none is given')
    .addOption(profileOption())
    .option('--seed <number>', 'root seed of all instances', integer(0, MAX_SEED), 42)
    .addOption(limitOption())
    .option('--expect <file>', 'expected failures: a JSON list of { id, reason, expires }')
    .addOption(saveOption())
    .option('--out <folder>', 'where the report goes', 'reports/audit')
    .addOption(jsonOption())
    .action(async (selectors: string[], flags: Flags) => {
      if (subject === null) {
        throw new UsageError({
          problem: 'there is nothing to audit',
          expected: 'a program after --',
          todo: 'earlytime audit laws -- python my_subject.py',
        });
      }
      const failures = flags.expect === undefined ? [] : readExpectedFailures(flags.expect);
      const baseline = readBaseline();
      const claims = selectClaims(selectors, flags.profile);
      const verdicts = await runClaims(
        {
          claims,
          kept: readKept(claims),
          registered: registry.length,
          profile: flags.profile,
          seed: flags.seed,
          subject: { kind: 'process', command: subject, seconds: flags.limit },
          workers: null,
          time: null,
          shard: null,
          resume: false,
          out: flags.out,
          baseline,
          refine: async (measured, pool) => ({ ...expecting(measured, failures, today()), ...(await diagnosed(measured, pool)) }),
        },
        'Interrupted; nothing was judged.',
      );
      if (verdicts === null) return;
      if (flags.save) tellSaved(saveCounterexamples(verdicts));
      if (flags.json) printJson(verdicts);
      tellVerdicts(verdicts, flags.out, baseline, 'audit');
      process.exitCode = exitCode(verdicts, false);
    });
}

/** What is known of the defect, where the subject differs from what it should compute. */
async function diagnosed({ claims }: Verdicts, pool: Pool): Promise<{ diagnosis?: string[] }> {
  const sound = ({ verdict, missing }: ClaimVerdict) => missing || verdict === 'holds' || verdict === 'inapplicable';
  return claims.every((claim) => sound(claim) || claim.verdict === claim.expected) ? {} : { diagnosis: await pool.diagnose() };
}
