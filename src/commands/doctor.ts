import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { backendNames } from '../backend/engine.js';
import { probeLinearAlgebra } from '../linear-algebra/probe.js';
import { exitCodes } from '../record/exit-code.js';
import { openPool } from '../run/pool.js';
import type { SubjectDescription } from '../run/worker.js';
import { messageOf } from '../support/errors.js';
import { versions } from '../support/versions.js';
import { counted } from '../support/words.js';
import { jsonOption } from './options.js';
import { printJson, say } from './output.js';

interface Finding {
  readonly name: string;
  readonly opens: boolean;
  readonly device: string | null;
  readonly hardware: boolean | null;
  readonly roundoff: SubjectDescription['roundoff'] | null;
  readonly tf32: boolean | null;
  readonly reason: string | null;
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('which backends open here, on what device, with what measured roundoff; the linear algebra in use and its speed')
    .addOption(jsonOption())
    .action(async ({ json }: { json?: boolean }) => {
      const backends: Finding[] = [];
      for (const name of [...backendNames, 'auto'] as const) backends.push(await examine(name));
      const chosen = backends.pop()!;
      const report = {
        auto: chosen.device === null ? null : chosen.name,
        backends,
        linearAlgebra: probeLinearAlgebra(),
        threads: availableParallelism(),
        versions: versions(),
      };
      if (json) printJson(report);
      for (const finding of backends) say(describe(finding));
      say(`auto takes ${report.auto ?? 'none: no backend opens'}`);
      if (!backends.some(({ opens }) => opens)) process.exitCode = exitCodes.unmeasured;
      const { name, gigaflops } = report.linearAlgebra;
      say(`linear algebra: ${name}, products at ${gigaflops.toPrecision(2)} GFLOP/s`);
      say(
        `${counted(report.threads, 'thread')}; ${Object.entries(report.versions)
          .map(([name, version]) => `${name} ${version}`)
          .join(', ')}`,
      );
    });
}

/** Opens a backend in a process of its own: a driver that crashes takes only that one with it. */
async function examine(choice: (typeof backendNames)[number] | 'auto'): Promise<Finding> {
  const pool = openPool(1, { kind: 'built-in', backend: choice });
  try {
    const { backend, device, hardware, roundoff } = await pool.describe();
    return { name: backend, opens: true, device, hardware, roundoff, tf32: roundoff.inputs > 0, reason: null };
  } catch (cause) {
    return { name: choice, opens: false, device: null, hardware: null, roundoff: null, tf32: null, reason: messageOf(cause) };
  } finally {
    await pool.close();
  }
}

function describe({ name, device, hardware, roundoff, tf32, reason }: Finding): string {
  if (!roundoff) return `✗ ${name}: ${reason}`;
  const precision = tf32 ? `products of inputs rounded to ${roundoff.inputs} (TF32)` : 'products of unrounded inputs (no TF32)';
  return `✓ ${name}: ${device}${hardware ? '' : ', not a GPU'}; ${precision}; sums with unit roundoff ${roundoff.accumulator.toExponential(2)}`;
}
