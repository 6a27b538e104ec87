import type { Command } from 'commander';
import type { BackendChoice } from '../backend/engine.js';
import { readBaseline } from '../baseline/baseline.js';
import { selectClaims } from '../claim/registry.js';
import {
  backendOption,
  claimsOption,
  jsonOption,
  profileOption,
  quietOption,
  resumeOption,
  saveOption,
  seedOption,
  shardOption,
  timeOption,
  verboseOption,
  workersOption,
} from './options.js';
import { type RunFlags, runClaims } from './run.js';

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('test the claims and their controls, and write the verdicts')
    .argument('[claim...]', 'ids, or a paper such as hu2020; all when none is given')
    .addOption(profileOption())
    .addOption(seedOption())
    .addOption(backendOption())
    .addOption(claimsOption())
    .addOption(workersOption('one per core; one for a GPU'))
    .addOption(timeOption())
    .addOption(shardOption())
    .addOption(resumeOption())
    .addOption(saveOption())
    .option('--out <folder>', 'where the report goes', 'reports')
    .addOption(verboseOption())
    .addOption(quietOption())
    .addOption(jsonOption())
    .action(async (selectors: string[], flags: RunFlags & { readonly backend: BackendChoice }) => {
      const claims = selectClaims(selectors, flags.profile);
      const subject = { kind: 'built-in', backend: flags.backend } as const;
      await runClaims('verify', { claims, subject, required: [], baseline: readBaseline() }, flags);
    });
}
