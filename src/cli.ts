#!/usr/bin/env node
// Nothing is imported here but Node itself, so that a package that cannot be loaded is told of, too.
import { writeSync } from 'node:fs';

const INTERNAL = 70;

// Until a command has ended by itself: Node would exit with 13, or with 1, which reads as "refuted".
process.exitCode = INTERNAL;
let ended = false;
process.on('exit', (code) => {
  if (!ended && code === INTERNAL) tell('the run ended before its end: what it waited for is gone');
});
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
for (const stream of [process.stdout, process.stderr]) {
  // A reader that has seen enough, as in `earlytime list | head`: the command goes on to its own exit code.
  stream.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EPIPE') fail(cause);
  });
}

try {
  const { main } = await import('./commands/program.js');
  process.exitCode = await main(process.argv);
  ended = true;
} catch (cause) {
  fail(cause);
}

function fail(cause: unknown): void {
  ended = true;
  tell(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
  process.exit(INTERNAL);
}

/** Told in one piece, whatever is left of the streams. */
function tell(text: string): void {
  try {
    writeSync(2, `earlytime: internal error: ${text}\n`);
  } catch {
    // Nobody reads.
  }
}
