import { numberText } from '../record/evidence.js';
import type { ClaimVerdict } from '../record/verdicts.js';
import { table } from './document.js';
import { html, type Markup } from './html.js';
import { deviationPicture } from './plots.js';

/** The predicted numbers with their intervals, and in a table. */
export function estimateFigure(claim: ClaimVerdict): Markup | null {
  if (claim.kind !== 'estimate' || claim.numbers.length === 0) return null;
  const rows = claim.numbers.map(({ name, stratum, estimate, lower, upper, acceptLower, acceptUpper, predicted, tolerance }) => {
    const off = (value: number) => value - predicted;
    return {
      name,
      stratum: stratum ?? '',
      mean: off(estimate),
      lower: off(lower),
      upper: off(upper),
      acceptLower: off(acceptLower),
      acceptUpper: off(acceptUpper),
      tolerance,
    };
  });
  const label = `${claim.id}: ${claim.numbers.map(numberText).join('; ')}`;
  return html`<div><figure>${deviationPicture(label, rows)}
<figcaption>Dots are means over the cases, bands the tolerances. The claim holds where every thick interval lies in its band, and is refuted where a thin one lies outside: false alarms are rarer, and their intervals wider.</figcaption></figure>
<details><summary>Numbers of this picture</summary>${table(
    `Numbers of ${claim.id} in units of their predictions`,
    ['number', claim.strata?.factor ?? 'all', 'verdict', 'cases', 'estimate', 'lower', 'upper', 'predicted', 'tolerance'],
    claim.numbers.map(({ name, stratum, verdict, cases, estimate, lower, upper, predicted, tolerance }) => [
      name,
      stratum ?? 'all',
      verdict,
      cases,
      estimate,
      lower,
      upper,
      predicted,
      tolerance,
    ]),
  )}</details></div>`;
}
