import type { Verdicts } from '../report/schema.js';
import { exitCodes } from '../report/verdicts.js';
import { progressLine } from '../run/progress.js';
import { type VerifyOptions, verify } from '../run/verify.js';
import { say } from './options.js';

/** Runs `verify` with a line of progress and with Ctrl-C heard; null, with its exit code set, when it was interrupted. */
export async function runClaims(
  options: Omit<VerifyOptions, 'progress' | 'interrupt'>,
  interrupted: string,
): Promise<Verdicts | null> {
  const interrupt = new AbortController();
  let signalled = false;
  const onSignal = () => {
    if (signalled) process.exit(exitCodes.interrupted);
    signalled = true;
    interrupt.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const line = progressLine();
  const verdicts = await verify({ ...options, progress: line.update, interrupt: interrupt.signal });
  line.clear();
  if (verdicts === null) {
    say(interrupted);
    process.exitCode = exitCodes.interrupted;
  }
  return verdicts;
}
