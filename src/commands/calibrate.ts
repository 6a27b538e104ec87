import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import {
  type CalibrationEntry,
  calibration,
  calibrationFile,
  noticedIn,
  readCalibration,
  writeCalibration,
} from '../claim/calibration.js';
import { fileOf, selectClaims } from '../claim/registry.js';
import { noticedText } from '../record/evidence.js';
import {
  CALIBRATION_INSTANCES,
  CALIBRATION_SEED,
  calibrationOf,
  type MeasureSensitivity,
  type MeasureUncalibrated,
  resolutionsOf,
} from '../run/calibrate.js';
import { openPool, type Pool } from '../run/pool.js';
import { shellQuoted } from '../run/shrink.js';
import { UsageError } from '../support/errors.js';
import { significant } from '../support/words.js';
import { claimsOption, integer, jsonOption, MAX_SEED, MAX_WORKERS } from './options.js';
import { clearStatus, printJson, say, status } from './output.js';

interface Flags {
  readonly seed: number;
  readonly instances: number;
  readonly workers: number;
  readonly out: string;
  readonly resolution?: boolean;
  readonly json?: boolean;
}

export function addCalibrate(program: Command): void {
  program
    .command('calibrate')
    .description('measure the constants of claims, and how often their controls violate, and freeze them in a file')
    .argument('<claim...>', 'ids, or a folder such as mine')
    .addOption(claimsOption())
    .option('--seed <number>', 'root seed, another than that of runs', integer(0, MAX_SEED), CALIBRATION_SEED)
    .option('--instances <number>', 'instances of each claim', integer(12, 1_000_000), CALIBRATION_INSTANCES)
    .option('--workers <number>', 'worker processes', integer(1, MAX_WORKERS), availableParallelism())
    .option('--out <file>', 'the calibration file', calibrationFile)
    .option('--resolution', 'measure how small an error in its theory each profile notices, with the constants of the file')
    .addOption(jsonOption())
    .action(async (selectors: string[], { seed, instances, workers, out, resolution, json }: Flags) => {
      const pool = openPool(workers, { kind: 'built-in', backend: 'wasm' });
      const entries: Record<string, CalibrationEntry> = {};
      try {
        const { backend } = await pool.describe();
        for (const claim of selectClaims(selectors)) {
          const { id } = claim;
          const file = fileOf(claim);
          const own = file === null ? '' : ` --claims ${shellQuoted(file)}`;
          let cases = 0;
          const run = {
            lanes: pool.size,
            backend,
            command: `npx earlytime calibrate ${id}${own} --seed ${seed} ${resolution ? '--resolution' : `--instances ${instances}`}`,
            progress: () => status(`calibrating ${id}: ${++cases} cases`),
          };
          entries[id] = resolution
            ? { ...frozen(id, out), resolution: await resolutionsOf(claim, seed, { ...run, measure: sensitivityOf(id, pool) }) }
            : await calibrationOf(claim, { seed, instances }, { ...run, measure: uncalibratedOf(id, pool) });
          clearStatus();
          writeCalibration({ [id]: entries[id]! }, out);
          tell(id, entries[id]!, file === null);
        }
        if (json) printJson(entries);
        say(`written to ${out}`);
      } finally {
        await pool.close();
      }
    });
}

const uncalibratedOf =
  (claim: string, pool: Pool): MeasureUncalibrated =>
  async (control, seed, index) => {
    const draw = { seed, path: String(index) };
    return (await pool.measure({ claim, controls: [control], draw, uncalibrated: true })).measured[0]!.outcome;
  };

const sensitivityOf =
  (claim: string, pool: Pool): MeasureSensitivity =>
  (seed, index) =>
    pool.sensitivity({ claim, draw: { seed, path: String(index) } });

/** The entry whose resolution is measured. @throws UsageError where there is none yet. */
function frozen(id: string, out: string): CalibrationEntry {
  const entry = readCalibration(out)[id];
  if (entry) return entry;
  throw new UsageError({
    problem: `${id} has no entry in '${out}'`,
    expected: 'the constants with which its resolution is measured',
    hint: 'run the same command without --resolution first',
  });
}

function tell(id: string, entry: CalibrationEntry, shipped: boolean): void {
  const { constants, controls, resolution } = entry;
  say(id);
  for (const [name, constant] of Object.entries(constants)) {
    const { value, instances } = constant;
    say(
      'mean' in constant
        ? `  tolerance ${name} = ${value}: mean deviation ${constant.mean}, standard deviation ${constant.standardDeviation} of ${instances} instances`
        : `  constant ${name} = ${value}: 1.25 × the 99.5th percentile ${constant.percentile995} of ${instances} instances, the largest ${constant.largest}`,
    );
    const frozen = shipped ? calibration()[id]?.constants[name] : undefined;
    if (frozen && frozen.value !== value)
      say(`    the registry's is frozen at ${frozen.value}; a new value is a change of this package`);
  }
  for (const [control, { violationRate, instances }] of Object.entries(controls)) {
    say(
      `  control ${control}: ${significant(100 * violationRate)} % of ${instances} violate${violationRate < 0.5 ? ', too few: it must show where it is drawn in at least half' : ''}`,
    );
  }
  for (const profile of Object.keys(resolution?.profiles ?? {})) say(`  ${profile}: ${noticedText(noticedIn(entry, profile))}`);
}
