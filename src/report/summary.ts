import type { ClaimVerdict, Verdicts } from './schema.js';

const number = (value: number | null, digits = 3) => (value === null ? '–' : Number(value.toPrecision(digits)).toString());

/** The claims of each paper, in the order of the registry. */
export function byPaper(claims: readonly ClaimVerdict[]): ReadonlyMap<string, readonly ClaimVerdict[]> {
  const papers = new Map<string, ClaimVerdict[]>();
  for (const claim of claims) {
    const paper = claim.id.slice(0, claim.id.indexOf('/'));
    papers.set(paper, [...(papers.get(paper) ?? []), claim]);
  }
  return papers;
}

/** How many of the controls were refuted, in one cell. */
export function controlsRefuted(controls: ClaimVerdict['controls']): string {
  return `${controls.filter(({ verdict }) => verdict === 'refuted').length} of ${controls.length}`;
}

/** What was measured of a claim, in one cell. */
export function evidence(claim: ClaimVerdict): string {
  if (claim.kind !== 'rate' && claim.cases === 0) return 'no case measured';
  if (claim.kind !== 'rate') {
    const { violations, cases, medianRatio, worstRatio } = claim;
    return `${violations} of ${cases} violate; observed/bound median ${number(medianRatio)}, worst ${number(worstRatio)}`;
  }
  if (!claim.slope) return `${claim.cases} ladders`;
  const { estimate, lower, upper, claimed, replicates } = claim.slope;
  return `slope ${number(estimate)} [${number(lower)}, ${number(upper)}] over ${replicates} ladders; claimed ≤ ${claimed}`;
}

/** What a claim whose verdict is as expected may fail by all the same. */
export function regressions({ missing, drift, kept }: ClaimVerdict): string[] {
  if (missing) return [];
  const found: string[] = [];
  if (drift?.regressed) found.push('regressed against the baseline');
  if (kept?.some(({ violated }) => violated)) found.push('a kept counterexample violates it');
  if (kept?.some(({ violated }) => violated === null)) found.push('a kept counterexample was not measured');
  return found;
}

/** What the comparison with the baseline says. */
export function driftText({ kind, drift }: Pick<ClaimVerdict, 'kind' | 'drift'>): string {
  const { reason, pValue, level, cases, baselineCases, detectable } = drift!;
  const size = kind === 'rate' ? `of ${number(detectable)} of the slopes` : `by a factor of ${number(detectable, 5)}`;
  const seen = detectable === null ? 'no drift could be seen' : `a drift ${size} would be seen with probability .9`;
  return `${reason ? `${reason}; ` : ''}two-sample test of the first ${cases} margins against ${baselineCases}: p ${number(pValue, 2)}, alarm below ${level.toExponential(1)}; ${seen}`;
}

/** How sure the verdict is. */
export function sureness(claim: ClaimVerdict): string {
  if (claim.kind === 'rate') return 'Student limits';
  const { claimed, broken } = claim.passRate;
  return `pass rate ${number(claimed, 4)} against ${number(broken)}${claim.detectableViolationRate === null ? '' : `; would see a violation rate of ${number(claim.detectableViolationRate)}`}`;
}

/** The run in Markdown. */
export function summary(verdicts: Verdicts): string {
  const { subject, errorBudget, seed, profile, claims } = verdicts;
  const lines = [
    '# earlytime',
    '',
    verdicts.asExpected ? 'Every verdict is as expected.' : '**Not every verdict is as expected.**',
    '',
    `Subject ${subject.name} on ${subject.backend} (${subject.device}), roundoff of inputs ${subject.roundoff.inputs}, of sums ${subject.roundoff.accumulator.toExponential(2)}. ` +
      `Profile ${profile}, seed ${seed}. Over the whole registry at most ${errorBudget.falseAlarm} false alarms and ${errorBudget.falsePass} false passes; ` +
      `per claim ${errorBudget.perClaim.falseAlarm.toExponential(1)} and ${errorBudget.perClaim.falsePass.toExponential(1)}.`,
    '',
    '| claim | verdict | evidence | how sure | float32 error / budget | controls refuted |',
    '| --- | --- | --- | --- | --- | --- |',
    ...claims.map(row),
    '',
  ];
  if (verdicts.diagnosis) lines.push('## Diagnosis', '', ...verdicts.diagnosis.map((finding) => `- ${finding}`), '');
  for (const claim of claims) {
    const mark = claim.asExpected ? '' : ' (against expectation)';
    if (claim.counterexample || claim.reason || mark)
      lines.push(`## ${claim.id}: ${claim.verdict}${mark}`, '', claim.statement, '');
    if (claim.reason) lines.push(claim.reason, '');
    if (claim.drift?.regressed) lines.push(`Against the baseline: ${driftText(claim)}.`, '');
    for (const { file, violated } of claim.kept ?? []) {
      if (violated !== false)
        lines.push(`Kept counterexample ${file}: ${violated ? 'still violates the claim' : 'not measured'}.`, '');
    }
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
          ...regressions(claim).map((text) => `**${text}**`),
        ].join('; '),
    evidence(claim),
    sureness(claim),
    number(claim.rounding.worstErrorOverBudget, 2),
    controlsRefuted(claim.controls),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
