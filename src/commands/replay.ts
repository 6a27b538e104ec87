import type { Command } from 'commander';
import type { BackendChoice } from '../backend/engine.js';
import { type Claim, type Instance, instanceAt } from '../claim/claim.js';
import { readInstance } from '../claim/instance-file.js';
import { claimOf } from '../claim/registry.js';
import { deviation } from '../judge/estimate.js';
import { slopeOf } from '../math/statistics.js';
import { exitCodes } from '../record/exit-code.js';
import type { Outcome } from '../record/outcome.js';

import { openPool } from '../run/pool.js';
import type { SubjectChoice } from '../subject/choice.js';
import type { Command as SubjectCommand } from '../subject/command.js';
import { MeasurementError, messageOf, UsageError } from '../support/errors.js';
import { backendOption, claimsOption, integer, jsonOption, limitOption } from './options.js';
import { printJson, say } from './output.js';

interface Flags {
  readonly seed?: number;
  readonly path?: string;
  readonly instance?: string;
  readonly backend: BackendChoice;
  readonly limit: number;
  readonly json?: boolean;
}

/** `subject` is the program after `--`, null for the built-in subject. */
export function addReplay(program: Command, subject: SubjectCommand | null): void {
  program
    .command('replay')
    .usage('[options] <claim> [-- <command...>]')
    .description('measure one case again, with all its quantities')
    .argument('<claim>', 'id of the claim')
    .option('--seed <number>', 'the seed that a counterexample names', integer(-(2 ** 31), 2 ** 31 - 1))
    .option('--path <path>', 'the path that a counterexample names')
    .option('--instance <file>', 'a JSON file with the instance, or with a whole counterexample')
    .addOption(claimsOption())
    .addOption(backendOption())
    .addOption(limitOption())
    .addOption(jsonOption())
    .action(async (id: string, flags: Flags) => {
      const claim = claimOf(id);
      const instance = chosenInstance(claim, flags);
      const choice: SubjectChoice = subject
        ? { kind: 'process', command: subject, seconds: flags.limit }
        : { kind: 'built-in', backend: flags.backend };
      const pool = openPool(1, choice);
      try {
        const { outcome } = (await pool.measure({ claim: id, controls: [null], draw: { instance } })).measured[0]!;
        if (outcome.status === 'unmeasured') throw new MeasurementError({ problem: outcome.reason });
        if (flags.json) printJson({ claim: id, instance, outcome });
        tell(claim, instance, outcome);
        const violated = outcome.status === 'measured' && outcome.violation;
        process.exitCode = violated && claim.expected.verdict === 'holds' ? exitCodes.against : exitCodes.asExpected;
      } finally {
        await pool.close();
      }
    });
}

function chosenInstance(claim: Claim, { seed, path, instance }: Flags): Instance {
  if (instance !== undefined && seed === undefined && path === undefined) return readInstance(claim, instance);
  if (instance === undefined && seed !== undefined && path !== undefined) return drawnInstance(claim, seed, path);
  throw new UsageError({
    problem: 'replay needs to know which case',
    expected: 'either --seed and --path, or --instance <file>',
    hint: 'copy the replay command that the report prints',
  });
}

function drawnInstance(claim: Claim, seed: number, path: string): Instance {
  if (!/^\d+(:\d+)*$/.test(path)) {
    throw new UsageError({ problem: 'unusable --path', expected: 'numbers joined by colons, as in 3:0:1', found: path });
  }
  try {
    return instanceAt(claim.variants[0], seed, path);
  } catch (cause) {
    throw new UsageError({
      problem: `path '${path}' does not exist for seed ${seed}`,
      expected: 'a path that a report of this version printed',
      found: messageOf(cause).split('\n')[0] ?? '',
    });
  }
}

function tell(claim: Claim, instance: Instance, outcome: Outcome): void {
  say(`${claim.id}: ${claim.statement}`);
  say(`instance ${JSON.stringify(instance)}`);
  if (outcome.status !== 'measured') {
    say(`${outcome.status}: ${outcome.reason}`);
    return;
  }
  const { measurement } = outcome;
  if (measurement.kind === 'rate') {
    for (const { size, value } of measurement.points) say(`  size ${size}: ${value}`);
    say(`  slope ${slopeOf(measurement.points)}, claimed at most ${claim.rate!.slope}`);
    return;
  }
  if (measurement.kind === 'estimate') {
    for (const [name, number] of Object.entries(measurement.numbers)) {
      say(
        `  ${name} ${number.estimate}, predicted ${number.predicted}, off by ${deviation(number)}, tolerance ${number.tolerance}`,
      );
    }
    for (const [name, value] of Object.entries(measurement.quantities)) say(`  ${name} ${value}`);
    return;
  }
  const { observed, bound, roundoff, quantities, rounding } = measurement;
  say(`  observed ${observed}, bound ${bound}, ratio ${observed / bound}, roundoff ${roundoff}`);
  for (const [name, value] of Object.entries(quantities)) say(`  ${name} ${value}`);
  if (rounding !== null) say(`  largest difference from the float64 reference: ${rounding} of its budget`);
  if (outcome.float64) say('  within rounding of the bound, so measured again in float64');
  say(outcome.violation ? 'violated' : 'passed');
}
