import { brokenText, controlsRefuted, evidence, sureness } from '../record/evidence.js';
import { exitCodes, standingOfRun } from '../record/exit-code.js';
import { reasons } from '../record/reasons.js';
import { isFine, standingOf } from '../record/standing.js';
import type { ClaimVerdict, Verdicts } from '../record/verdicts.js';
import { significant } from '../support/words.js';

/** The run in Markdown. */
export function summary(verdicts: Verdicts): string {
  const { subject, errorBudget, seed, profile, claims } = verdicts;
  const { code, sentence } = standingOfRun(verdicts);
  const lines = [
    '# earlytime',
    '',
    code === exitCodes.asExpected ? sentence : `**${sentence}**`,
    '',
    ...(verdicts.diagnosis ? ['## Diagnosis', '', ...verdicts.diagnosis.map((finding) => `- ${finding}`), ''] : []),
    `Subject ${subject.name} on ${subject.backend} (${subject.device}), roundoff of inputs ${subject.roundoff.inputs}, of sums ${subject.roundoff.accumulator.toExponential(2)}. ` +
      `Profile ${profile}, seed ${seed}. Over the whole registry at most ${errorBudget.falseAlarm} false alarms and ${errorBudget.falsePass} false passes (of ${brokenText(profile)}); ` +
      `per claim ${errorBudget.perClaim.falseAlarm.toExponential(1)} and ${errorBudget.perClaim.falsePass.toExponential(1)}.`,
    '',
    '| claim | verdict | evidence | how sure | float32 error / budget | controls refuted |',
    '| --- | --- | --- | --- | --- | --- |',
    ...claims.map(row),
    '',
  ];
  for (const claim of claims) {
    const standing = standingOf(claim);
    const mark = isFine(standing) ? '' : ` (${standing === 'against' ? 'against expectation' : standing})`;
    if (claim.counterexample || claim.reason || mark)
      lines.push(`## ${claim.id}: ${claim.verdict}${mark}`, '', claim.statement, '');
    const why = isFine(standing) ? (claim.reason ? [claim.reason] : []) : reasons(claim);
    for (const text of why) lines.push(text, '');
    if (claim.counterexample) {
      const { instance, replay, shrinks } = claim.counterexample;
      lines.push(
        `Counterexample, shrunk ${shrinks} times:`,
        '',
        '```json',
        JSON.stringify(instance),
        '```',
        '',
        '```sh',
        replay,
        '```',
        '',
      );
    }
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function row(claim: ClaimVerdict): string {
  const cells = [
    claim.id,
    claim.missing
      ? 'missing'
      : [
          claim.verdict === claim.expected ? claim.verdict : `**${claim.verdict}** (expected ${claim.expected})`,
          ...(claim.verdict === claim.expected && !isFine(standingOf(claim)) ? [`**${standingOf(claim)}**`] : []),
        ].join('; '),
    evidence(claim),
    sureness(claim),
    significant(claim.rounding.worstErrorOverBudget, 2),
    controlsRefuted(claim.controls),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
