import { CommanderError, Command as Program } from 'commander';
import { claims } from '../../properties/index.js';
import { papers } from '../../properties/papers.js';
import { registerFiles, ship } from '../claim/registry.js';
import { exitCodes } from '../record/exit-code.js';

import type { Command } from '../subject/command.js';
import { MeasurementError, UsageError } from '../support/errors.js';
import { versions } from '../support/versions.js';
import { addAudit } from './audit.js';
import { addBaseline } from './baseline.js';
import { addCalibrate } from './calibrate.js';
import { addDoctor } from './doctor.js';
import { addInspect } from './inspect.js';
import { addList } from './list.js';
import { configureOutput, log } from './output.js';
import { addPythonKit } from './python-kit.js';
import { addReplay } from './replay.js';
import { addReport } from './report.js';
import { addVerify } from './verify.js';

ship(claims, papers);

/** Runs the command that these arguments name, and gives its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Program('earlytime')
    .description('Verifies the theory of early-time learning in neural networks, with stated error rates.')
    .version(versions().earlytime)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  // What follows `--` is a program with arguments of its own.
  const dashes = argv.indexOf('--');
  const audited = dashes > 0 && ['audit', 'replay'].includes(argv[2] ?? '');
  const [command, ...args] = audited ? argv.slice(dashes + 1) : [];
  const subject: Command | null = command === undefined ? null : [command, ...args];
  for (const add of [addList, addVerify]) add(program);
  addReplay(program, subject);
  addInspect(program);
  addAudit(program, subject);
  for (const add of [addCalibrate, addBaseline, addReport, addDoctor, addPythonKit]) add(program);
  for (const own of program.commands) own.exitOverride();
  program.hook('preAction', async (_, action) => {
    const { json, claims = [] } = action.opts<{ json?: boolean; claims?: readonly string[] }>();
    configureOutput({ json: json ?? false });
    await registerFiles(claims);
  });
  try {
    await program.parseAsync(audited ? argv.slice(0, dashes) : argv);
    // A command that judges sets its code; as long as none is set, the process counts as having failed.
    return process.exitCode === exitCodes.internal ? exitCodes.asExpected : Number(process.exitCode);
  } catch (cause) {
    if (cause instanceof CommanderError) return cause.exitCode === 0 ? exitCodes.asExpected : exitCodes.usage;
    if (!(cause instanceof UsageError || cause instanceof MeasurementError)) throw cause;
    log(`earlytime: ${cause.message}`);
    return cause instanceof UsageError ? exitCodes.usage : exitCodes.unmeasured;
  }
}
