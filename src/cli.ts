#!/usr/bin/env node
import { CommanderError, Command as Program } from 'commander';
import { addAudit } from './commands/audit.js';
import { addBaseline } from './commands/baseline.js';
import { addDoctor } from './commands/doctor.js';
import { addInspect } from './commands/inspect.js';
import { addList } from './commands/list.js';
import { addReplay } from './commands/replay.js';
import { addReport } from './commands/report.js';
import { addVerify } from './commands/verify.js';
import { MeasurementError, messageOf, UsageError } from './errors.js';
import { exitCodes } from './report/verdicts.js';
import type { Command } from './subject/choice.js';
import { versions } from './versions.js';

const program = new Program('earlytime')
  .description('Verifies the theory of early-time learning in neural networks, with stated error rates.')
  .version(versions().earlytime)
  .exitOverride()
  .configureHelp({ showGlobalOptions: true });
// What follows `--` is a program with arguments of its own.
const dashes = process.argv.indexOf('--');
const audited = dashes > 0 && ['audit', 'replay'].includes(process.argv[2] ?? '');
const [command, ...args] = audited ? process.argv.slice(dashes + 1) : [];
const subject: Command | null = command === undefined ? null : [command, ...args];
for (const add of [addList, addVerify]) add(program);
addReplay(program, subject);
addInspect(program);
addAudit(program, subject);
for (const add of [addBaseline, addReport, addDoctor]) add(program);
for (const command of program.commands) command.exitOverride();

process.on('uncaughtException', (error) => process.exit(reported(error)));
process.on('unhandledRejection', (error) => process.exit(reported(error)));
for (const stream of [process.stdout, process.stderr]) {
  // A reader that has seen enough, as in `earlytime list | head`, is no error.
  stream.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? exitCodes.asExpected : exitCodes.internal),
  );
}

try {
  await program.parseAsync(audited ? process.argv.slice(0, dashes) : process.argv);
} catch (error) {
  process.exitCode = reported(error);
}

/** Tells the user what went wrong, and gives the exit code: an uncaught error would exit with 1, which reads as "refuted". */
function reported(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.asExpected : exitCodes.usage;
  if (error instanceof UsageError || error instanceof MeasurementError) {
    process.stderr.write(`earlytime: ${error.message}\n`);
    return error instanceof UsageError ? exitCodes.usage : exitCodes.unmeasured;
  }
  process.stderr.write(`earlytime: internal error: ${messageOf(error)}\n${error instanceof Error ? error.stack : ''}\n`);
  return exitCodes.internal;
}
