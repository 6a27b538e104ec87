import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { type CalibrationEntry, calibration, calibrationFile, writeCalibration } from '../claim/calibration.js';
import { fileOf, selectClaims } from '../claim/registry.js';
import { CALIBRATION_INSTANCES, CALIBRATION_SEED, calibrationOf } from '../run/calibrate.js';
import { openPool } from '../run/pool.js';
import { shellQuoted } from '../run/shrink.js';
import { significant } from '../support/words.js';
import { claimsOption, integer, jsonOption, MAX_SEED, MAX_WORKERS } from './options.js';
import { clearStatus, printJson, say, status } from './output.js';

interface Flags {
  readonly seed: number;
  readonly instances: number;
  readonly workers: number;
  readonly out: string;
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
    .addOption(jsonOption())
    .action(async (selectors: string[], { seed, instances, workers, out, json }: Flags) => {
      const pool = openPool(workers, { kind: 'built-in', backend: 'wasm' });
      const entries: Record<string, CalibrationEntry> = {};
      try {
        const { backend } = await pool.describe();
        for (const claim of selectClaims(selectors)) {
          const { id } = claim;
          const file = fileOf(claim);
          const own = file === null ? '' : ` --claims ${shellQuoted(file)}`;
          let cases = 0;
          entries[id] = await calibrationOf(
            claim,
            { seed, instances },
            {
              measure: async (control, caseSeed, index) => {
                const draw = { seed: caseSeed, path: String(index) };
                return (await pool.measure({ claim: id, controls: [control], draw, uncalibrated: true })).measured[0]!.outcome;
              },
              lanes: pool.size,
              backend,
              command: `npx earlytime calibrate ${id}${own} --seed ${seed} --instances ${instances}`,
              progress: () => status(`calibrating ${id}: ${++cases} cases`),
            },
          );
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

function tell(id: string, { constants, controls }: CalibrationEntry, shipped: boolean): void {
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
}
