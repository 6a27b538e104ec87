import type { Baseline } from '../baseline/baseline.js';
import { type ProfileName, profiles } from '../claim/profile.js';
import { brokenText, byPaper, evidence, noticed } from '../record/evidence.js';
import { exitCodes, standingOfRun } from '../record/exit-code.js';
import { counterexampleLines, reasons } from '../record/reasons.js';
import { isFine, markOf, partsOf, type Standing, standingOf } from '../record/standing.js';
import type { ClaimVerdict, Verdicts } from '../record/verdicts.js';
import type { Offers } from '../subject/command.js';
import { capabilities } from '../subject/protocol.js';
import { counted, listed } from '../support/words.js';
import { type Colour, columns, painted, say, sayWhole } from './output.js';

export interface Telling {
  readonly verbose?: boolean;
  readonly quiet?: boolean;
}

/** Tells people of a run as it goes on. */
export interface Teller {
  header(command: string, run: Pick<Verdicts, 'subject' | 'profile' | 'seed' | 'shard'>, offers?: Offers | null): void;
  diagnosed(findings: readonly string[]): void;
  settled(claim: ClaimVerdict): void;
  end(verdicts: Verdicts, out: string, baseline: Baseline): void;
}

/** Columns from which on a verdict and its evidence stand in columns of their own. */
const WIDE = 140;

const colours: Readonly<Record<Standing, Colour>> = {
  'as expected': 'green',
  excused: 'yellow',
  missing: 'dim',
  against: 'red',
  unmeasured: 'red',
  undecided: 'yellow',
};

/** Tells of a run over the claims of these ids. */
export function teller(ids: readonly string[], { verbose = false, quiet = false }: Telling): Teller {
  const width = Math.max(0, ...ids.map(({ length }) => length));
  return {
    header: (command, { subject, profile, seed, shard }, offers) => {
      if (quiet) return;
      const part = shard ? `, shard ${shard.index}/${shard.of}` : '';
      say(
        `earlytime ${command}: ${subject.name} on ${subject.backend} (${subject.device}), profile ${profile}, seed ${seed}${part}`,
      );
      if (offers) say(offered(offers));
      for (const [found, meant] of offers?.misspelt ?? [])
        say(painted('yellow', `its '${found}' is not looked for: is '${meant}' meant?`));
      say(errorText(profile));
      say();
    },
    diagnosed: (findings) => {
      for (const finding of findings) say(`${painted('red', 'diagnosis:')} ${finding}`);
    },
    settled: (claim) => {
      const standing = standingOf(claim);
      if (quiet && isFine(standing)) return;
      const wide = (columns() ?? WIDE) >= WIDE;
      const mark = painted(colours[standing], markOf(standing));
      const verdict = verdictOf(claim, standing);
      say(
        `${mark} ${wide ? claim.id.padEnd(width) : claim.id}  ${wide ? verdict.padEnd(9) : verdict}  ${evidenceOf(claim, standing)}`,
      );
      for (const text of reasons(claim)) say(`    ${text}`);
      if (verbose || !isFine(standing)) for (const text of counterexampleLines(claim)) sayWhole(`    ${text}`);
    },
    end: (verdicts, out, baseline) => {
      const { code, sentence } = standingOfRun(verdicts);
      if (!quiet) {
        tellPapers(verdicts);
        if (!verdicts.shard) tellUnwatched(verdicts, baseline);
      }
      const where = verdicts.shard ? `Records: ${out}/records` : `Report: ${out}/index.html`;
      say(`${painted(code === exitCodes.asExpected ? 'green' : 'red', sentence)} ${where}`);
    },
  };
}

/** The error probabilities of a run, and what they are against. */
function errorText(profile: ProfileName): string {
  const { falseAlarm, falsePass } = profiles[profile].budget;
  return `over the whole registry, false alarms at most ${falseAlarm}; false passes, of ${brokenText(profile)}, at most ${falsePass}`;
}

function offered({ capabilities: has }: Offers): string {
  const lacks = capabilities.filter((capability) => !has.includes(capability));
  return `it offers ${listed(has)}${lacks.length > 0 ? `, not ${listed(lacks)}` : ''}`;
}

function verdictOf({ verdict, expected, missing, excused }: ClaimVerdict, standing: Standing): string {
  if (missing && standing === 'missing') return 'missing';
  if (excused) return `${verdict}, a known failure`;
  return standing === 'as expected' && expected !== 'holds' ? `${verdict}, as expected` : verdict;
}

function evidenceOf(claim: ClaimVerdict, standing: Standing): string {
  if (standing === 'missing') return partsOf(claim)[0].why ?? '';
  const noControl = claim.controls.length > 0 && claim.controls.every(({ missing }) => missing);
  const besides = noControl
    ? ` (no control could be run: ${claim.controls[0]!.reason})`
    : claim.untouched
      ? ' (about the theory alone)'
      : '';
  return `${evidence(claim)}${besides}${noticed(claim)}`;
}

/** One line for each paper. */
function tellPapers({ claims }: Verdicts): void {
  const papers = [...byPaper(claims)];
  const width = Math.max(...papers.map(([paper]) => paper.length));
  say();
  for (const [paper, own] of papers) {
    const count = (test: (claim: ClaimVerdict) => boolean) => own.filter(test).length;
    const fine = (claim: ClaimVerdict) => standingOf(claim) === 'as expected';
    const counts: [number, one: string, many: string][] = [
      [count((claim) => fine(claim) && claim.verdict === 'holds'), 'holds', 'hold'],
      [count((claim) => fine(claim) && claim.verdict === 'refuted'), 'is refuted, as expected', 'are refuted, as expected'],
      [
        count((claim) => fine(claim) && claim.verdict === 'inapplicable'),
        'is inapplicable, as expected',
        'are inapplicable, as expected',
      ],
      [count((claim) => standingOf(claim) === 'excused'), 'is known to fail', 'are known to fail'],
      [count((claim) => standingOf(claim) === 'against'), 'is not as expected', 'are not as expected'],
      [count((claim) => standingOf(claim) === 'unmeasured'), 'was not measured', 'were not measured'],
      [count((claim) => standingOf(claim) === 'undecided'), 'is undecided', 'are undecided'],
      [count((claim) => standingOf(claim) === 'missing'), 'was not tested', 'were not tested'],
    ];
    const shown = counts.filter(([number]) => number > 0).map(([number, one, many]) => `${number} ${number === 1 ? one : many}`);
    say(`${paper.padEnd(width)}  ${counted(own.length, 'claim')}: ${shown.join(', ')}`);
  }
}

/** A baseline must not fall silent: says where it knows this subject, but under another version, backend or device. */
function tellUnwatched({ claims, subject: { name, backend, device } }: Verdicts, baseline: Baseline): void {
  const program = (subject: string) => subject.split(' ')[0];
  const known = baseline.some((entry) => program(entry.subject) === program(name));
  // Without a measured case a claim has no margins to keep.
  const watchable = claims.filter(({ missing, cases }) => !missing && cases > 0);
  const without = watchable.filter(({ drift }) => !drift).length;
  if (known && without > 0) {
    say(
      `${without} of ${counted(watchable.length, 'claim')} with margins ${without === 1 ? 'has' : 'have'} no baseline for ${name} on ${backend} (${device})`,
    );
  }
}
