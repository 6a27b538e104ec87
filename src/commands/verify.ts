import type { Command } from 'commander';
import { claims as registry } from '../../properties/index.js';
import type { BackendChoice } from '../backend/backend.js';
import { type Baseline, readBaseline } from '../baseline/baseline.js';
import type { ProfileName } from '../profile.js';
import { selectClaims } from '../registry.js';
import type { ClaimVerdict, Verdicts } from '../report/schema.js';
import { driftText, evidence } from '../report/summary.js';
import { exitCode } from '../report/verdicts.js';
import { readKept, saveCounterexamples } from '../run/kept.js';
import type { Shard } from '../run/schedule.js';
import {
  backendOption,
  integer,
  jsonOption,
  MAX_SEED,
  MAX_WORKERS,
  printJson,
  profileOption,
  saveOption,
  say,
  seconds,
  shardOf,
  tellSaved,
} from './options.js';
import { runClaims } from './run.js';

interface Flags {
  readonly profile: ProfileName;
  readonly seed: number;
  readonly backend: BackendChoice;
  readonly workers?: number;
  readonly time?: number;
  readonly shard?: Shard;
  readonly resume?: boolean;
  readonly strict?: boolean;
  readonly save?: boolean;
  readonly out: string;
  readonly json?: boolean;
}

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('test the claims and their controls, and write the verdicts')
    .argument('[claim...]', 'ids, or a paper such as hu2020; all when none is given')
    .addOption(profileOption())
    .option('--seed <number>', 'root seed of all instances', integer(0, MAX_SEED), 42)
    .addOption(backendOption())
    .option('--workers <number>', 'worker processes (default: one per core; one for a GPU)', integer(1, MAX_WORKERS))
    .option('--time <seconds>', 'stop after that long; what is not decided by then is undecided', seconds)
    .option('--shard <i/n>', 'measure only the cases with index ≡ i mod n, for `report --merge`', shardOf)
    .option('--resume', 'continue the interrupted run in the output folder')
    .option('--strict', 'exit 3 when a verdict is undecided')
    .addOption(saveOption())
    .option('--out <folder>', 'where the report goes', 'reports')
    .addOption(jsonOption())
    .action(async (selectors: string[], flags: Flags) => {
      const baseline = readBaseline();
      const claims = selectClaims(selectors, flags.profile);
      const verdicts = await runClaims(
        {
          claims,
          kept: readKept(claims),
          registered: registry.length,
          profile: flags.profile,
          seed: flags.seed,
          subject: { kind: 'built-in', backend: flags.backend },
          workers: flags.workers ?? null,
          time: flags.time ?? null,
          shard: flags.shard ?? null,
          resume: flags.resume ?? false,
          out: flags.out,
          baseline,
        },
        'Interrupted; nothing was judged. Continue with the same command and --resume.',
      );
      if (verdicts === null) return;
      if (flags.save) tellSaved(saveCounterexamples(verdicts));
      if (flags.json) printJson(verdicts);
      tellVerdicts(verdicts, flags.out, baseline);
      process.exitCode = exitCode(verdicts, flags.strict ?? false);
    });
}

/** The verdicts for people. */
export function tellVerdicts(verdicts: Verdicts, out: string, baseline: Baseline, command = 'verify'): void {
  const { claims, subject, asExpected, errorBudget, seed, profile, shard, diagnosis } = verdicts;
  say(
    `earlytime ${command}: ${subject.name} on ${subject.backend} (${subject.device}), profile ${profile}, seed ${seed}${shard ? `, shard ${shard.index}/${shard.of}` : ''}`,
  );
  say(`false alarms at most ${errorBudget.falseAlarm}, false passes at most ${errorBudget.falsePass}, over the whole registry`);
  say();
  const width = Math.max(...claims.map(({ id }) => id.length));
  for (const claim of claims) {
    const mark = claim.missing ? '–' : claim.asExpected ? '✓' : '✗';
    const verdict = claim.missing ? 'missing' : claim.verdict;
    say(`${mark} ${claim.id.padEnd(width)}  ${verdict.padEnd(9)}  ${claim.missing ? lacking(claim) : evidence(claim)}`);
    for (const text of details(claim)) say(`    ${text}`);
  }
  for (const finding of diagnosis ?? []) say(`diagnosis: ${finding}`);
  if (!shard) tellUnwatched(verdicts, baseline);
  say();
  if (shard)
    say(`A shard gives no verdict of the whole: join all ${shard.of} with \`earlytime report --merge\`. Records: ${out}/records`);
  else say(`${asExpected ? 'Every verdict is as expected.' : 'Not every verdict is as expected.'} Report: ${out}/index.html`);
}

/** A baseline must not fall silent: says where it knows this subject, but under another version, backend or device. */
function tellUnwatched({ claims, subject: { name, backend, device } }: Verdicts, baseline: Baseline): void {
  const program = (subject: string) => subject.split(' ')[0];
  const known = baseline.some((entry) => program(entry.subject) === program(name));
  const without = claims.filter(({ drift, missing }) => !drift && !missing).length;
  if (known && without > 0) say(`${without} of ${claims.length} claims have no baseline for ${name} on ${backend} (${device})`);
}

/** What the subject would need. */
function lacking({ reason, controls }: ClaimVerdict): string {
  return reason ?? controls.find(({ reason: why }) => why !== null)?.reason ?? '';
}

/** What a reader needs besides the verdict: why it is not as expected, and how to see it again. */
function details(claim: ClaimVerdict): string[] {
  const { verdict, expected, missing, reason, controls, counterexample, drift, kept } = claim;
  if (missing) return [];
  const lines: string[] = [];
  if (verdict !== expected) lines.push(`expected ${expected}`);
  if (reason) lines.push(reason);
  for (const { id, verdict: seen, cases, reason: why } of controls) {
    if (seen !== 'refuted') lines.push(`control ${id} was not refuted: ${seen} after ${cases} cases${why ? ` (${why})` : ''}`);
  }
  if (drift?.regressed) lines.push(`against the baseline: ${driftText(claim)}`);
  for (const { file, violated, reason: why } of kept ?? []) {
    if (violated !== false)
      lines.push(`kept counterexample ${file} ${violated ? 'still violates the claim' : `was not measured: ${why}`}`);
  }
  if (counterexample) lines.push(`counterexample ${JSON.stringify(counterexample.instance)}`, counterexample.replay);
  return lines;
}
