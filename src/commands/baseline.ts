import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { type BaselineEntry, baselineFile, entryOf, readBaseline, writeBaseline } from '../baseline/baseline.js';
import { driftOf, marginsOf } from '../baseline/drift.js';
import type { ClaimKind } from '../claim/claim.js';
import { perClaim, profiles } from '../claim/profile.js';
import { registered, selectClaims } from '../claim/registry.js';
import { driftText } from '../record/evidence.js';
import { exitCodes } from '../record/exit-code.js';

import { today } from '../run/conclude.js';
import { earlierVerdicts, trialsOf } from '../run/rejudge.js';
import type { Job } from '../run/schedule.js';
import { UsageError } from '../support/errors.js';
import { counted, significant } from '../support/words.js';
import { claimsOption, jsonOption } from './options.js';
import { printJson, say } from './output.js';

interface Flags {
  readonly out: string;
  readonly reason: string;
  readonly expires?: string;
  readonly json?: boolean;
}

const FOLDER = ['--out <folder>', 'where the report of the run is', 'reports'] as const;

export function addBaseline(program: Command): void {
  const baseline = program
    .command('baseline')
    .description(`the margins of the claims, kept in ${baselineFile} and watched for drift`);
  baseline
    .command('update')
    .description('keep the margins of the last run')
    .argument('[claim...]', 'ids, or a paper such as hu2020; all of the run when none is given')
    .requiredOption('--reason <text>', 'why these margins are right')
    .addOption(claimsOption())
    .option('--expires <date>', 'YYYY-MM-DD, after which the entries fail until they are recorded again', date)
    .option(...FOLDER)
    .action(update);
  baseline
    .command('compare')
    .description('compare the margins of the last run with the kept ones')
    .argument('[claim...]', 'ids, or a paper such as hu2020; all of the run when none is given')
    .addOption(claimsOption())
    .option(...FOLDER)
    .addOption(jsonOption())
    .action(compare);
  for (const command of baseline.commands) command.exitOverride();
}

function date(text: string): string {
  if (z.iso.date().safeParse(text).success) return text;
  throw new InvalidArgumentError('expected a date as in 2027-01-31.');
}

/** The trials of these claims in the run of a folder. */
function ownTrials(selectors: readonly string[], folder: string) {
  const { manifest, jobs } = trialsOf(folder, registered());
  if (manifest.shard) {
    throw new UsageError({
      problem: `'${folder}' holds one shard of a run`,
      hint: 'join the shards with `earlytime report --merge`',
    });
  }
  const chosen = selectors.length === 0 ? registered() : selectClaims(selectors);
  return { manifest, own: jobs.filter(({ claim, control }) => control === null && chosen.includes(claim)) };
}

/** @throws UsageError unless each of these claims has the verdict that is expected of it. */
function refuseUnsound(own: readonly Job[], folder: string): void {
  const { claims } = earlierVerdicts(folder);
  const sound = ({ claim }: Job) => claims.some(({ id, verdict, expected }) => id === claim.id && verdict === expected);
  const unsound = own.find((job) => !sound(job));
  if (unsound === undefined) return;
  throw new UsageError({
    problem: `the margins of ${unsound.claim.id} cannot be a baseline`,
    expected: 'a run in which each of these claims has the verdict that is expected of it',
    hint: 'name the claims to record, or mend the run',
  });
}

function update(selectors: string[], { out, reason, expires }: Flags): void {
  const { manifest, own } = ownTrials(selectors, out);
  refuseUnsound(own, out);
  const { profile, seed, claims } = manifest;
  const { name: subject, backend, device } = manifest.subject;
  const common = { subject, backend, device, profile, seed, reason, expires: expires ?? null };
  const calibrations = new Map(claims);
  const entries = own
    .map((job): BaselineEntry => {
      const { id } = job.claim;
      return { claim: id, ...common, calibration: calibrations.get(id) ?? null, margins: marginsOf(job) };
    })
    .filter(({ margins }) => margins.length > 0);
  if (entries.length === 0) {
    throw new UsageError({
      problem: `the run in '${out}' has no margins to record`,
      expected: 'measured cases of the claims that were named',
    });
  }
  writeBaseline(readBaseline(), entries);
  say(
    `${counted(entries.length, 'entry', 'entries')} in ${baselineFile}: ${subject} on ${backend} (${device}), profile ${profile}, seed ${seed}`,
  );
}

async function compare(selectors: string[], { out, json }: Flags): Promise<void> {
  const { manifest, own } = ownTrials(selectors, out);
  const baseline = readBaseline();
  const { falseAlarm } = perClaim(profiles[manifest.profile].budget, manifest.registered);
  const compared: ({ claim: string; kind: ClaimKind } & Awaited<ReturnType<typeof driftOf>>)[] = [];
  for (const job of own) {
    const { id, kind } = job.claim;
    const entry = entryOf(baseline, id, manifest.subject);
    if (entry) compared.push({ claim: id, kind, ...(await driftOf(job, entry, falseAlarm, today())) });
  }
  if (json) printJson(compared);
  const width = Math.max(0, ...compared.map(({ claim }) => claim.length));
  for (const drift of compared) {
    const { claim, kind, regressed, median, baselineMedian } = drift;
    say(
      `${regressed ? '✗' : '✓'} ${claim.padEnd(width)}  median ${significant(baselineMedian)} → ${significant(median)}; ${driftText({ kind, drift })}`,
    );
  }
  const without = own.filter(({ cases }) => cases.length > 0).length - compared.length;
  if (without > 0)
    say(`${counted(without, 'claim')} of the run without an entry for this subject, backend and device in ${baselineFile}`);
  const regressed = compared.filter((drift) => drift.regressed).length;
  say(
    `${compared.length} compared, ${regressed} regressed; false alarms at most ${profiles[manifest.profile].budget.falseAlarm} over the whole registry`,
  );
  process.exitCode = regressed > 0 ? exitCodes.against : compared.length === 0 ? exitCodes.unmeasured : exitCodes.asExpected;
}
