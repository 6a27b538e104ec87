import type { ProfileName } from '../claim/profile.js';
import { registered } from '../claim/registry.js';
import type { Shard } from '../record/case-record.js';
import { exitCodes, standingOfRun } from '../record/exit-code.js';

import { readKept, saveCounterexamples } from '../run/kept.js';
import { progressText } from '../run/progress.js';
import { type VerifyOptions, verify } from '../run/verify.js';
import { clearStatus, log, printJson, say, status } from './output.js';
import { type Telling, teller } from './terminal-text.js';

/** What `verify` and `audit` share. */
export interface RunFlags extends Telling {
  readonly profile: ProfileName;
  readonly seed: number;
  readonly workers?: number;
  readonly time?: number;
  readonly shard?: Shard;
  readonly resume?: boolean;
  readonly save?: boolean;
  readonly out: string;
  readonly json?: boolean;
}

/** Milliseconds between two states of the status line. */
const PERIOD = 200;

/** Runs claims, tells how it goes, and sets the exit code; Ctrl-C is heard, a second one ends at once. */
export async function runClaims(
  command: 'verify' | 'audit',
  chosen: Pick<VerifyOptions, 'claims' | 'subject' | 'required' | 'baseline' | 'refine'>,
  flags: RunFlags,
): Promise<void> {
  const interrupt = new AbortController();
  let signalled = false;
  const onSignal = () => {
    if (signalled) process.exit(exitCodes.interrupted);
    signalled = true;
    interrupt.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const { claims, baseline } = chosen;
  const tell = teller(
    claims.map(({ id }) => id),
    flags,
  );
  const progress = progressText();
  let last = Number.NEGATIVE_INFINITY;
  const verdicts = await verify({
    ...chosen,
    kept: readKept(claims),
    registered: registered().length,
    profile: flags.profile,
    seed: flags.seed,
    workers: flags.workers ?? null,
    time: flags.time ?? null,
    shard: flags.shard ?? null,
    resume: flags.resume ?? false,
    out: flags.out,
    listener: {
      started: (manifest, { offers }) => tell.header(command, manifest, offers),
      progress: (jobs, workers) => {
        const now = performance.now();
        if (now - last < PERIOD) return;
        last = now;
        status(progress(jobs, workers));
      },
      diagnosed: tell.diagnosed,
      settled: tell.settled,
    },
    interrupt: interrupt.signal,
  });
  clearStatus();
  if (verdicts === null) {
    log('Interrupted; nothing was judged. Continue with the same command and --resume.');
    process.exitCode = exitCodes.interrupted;
    return;
  }
  if (flags.save) {
    const files = saveCounterexamples(verdicts);
    say(files.length === 0 ? 'no counterexample to keep' : `kept: ${files.join(', ')}`);
  }
  if (flags.json) printJson(verdicts);
  tell.end(verdicts, flags.out, baseline);
  process.exitCode = standingOfRun(verdicts).code;
}
