import { parseHTML } from 'linkedom';
import { expect, it } from 'vitest';
import { evidence, sureness } from '../record/evidence.js';
import type { ClaimVerdict } from '../record/verdicts.js';
import { toyVerdict } from '../testing/toy-verdict.js';
import { estimateFigure } from './estimate-figure.js';

type Estimate = Extract<ClaimVerdict, { kind: 'estimate' }>;

const number = (
  name: string,
  estimate: number,
  verdict: 'holds' | 'refuted',
  stratum: string | null,
): Estimate['numbers'][number] => ({
  name,
  stratum,
  verdict,
  cases: 8,
  estimate,
  lower: estimate - 0.1,
  upper: estimate + 0.1,
  acceptLower: estimate - 0.05,
  acceptUpper: estimate + 0.05,
  predicted: 1,
  tolerance: 0.2,
});

const estimated = (numbers: Estimate['numbers']) => toyVerdict({ kind: 'estimate', numbers } as Partial<ClaimVerdict>);
const claim = estimated([number('slope', 1.02, 'holds', 'relu'), number('constant', 1.7, 'refuted', 'erf')]);

it('shows each number of an estimate with its intervals in units of its tolerance, and in a table', () => {
  const { document } = parseHTML(`<main>${estimateFigure(claim)!.text}</main>`);
  const label = document.querySelector('svg')!.getAttribute('aria-label')!;
  expect(label).toContain('slope of relu 1.02 [0.97, 1.07], predicted 1 ± 0.2; constant of erf 1.7 [1.65, 1.75]');
  expect(document.querySelector('svg')!.outerHTML).not.toMatch(/NaN|undefined|Infinity/);
  const rows = [...document.querySelectorAll('tbody tr')].map((row) => row.textContent);
  expect(rows).toEqual([expect.stringMatching(/slope\s*relu\s*holds/), expect.stringMatching(/constant\s*erf\s*refuted/)]);
  expect(estimateFigure(estimated([]))).toBeNull();
  expect(estimateFigure(toyVerdict())).toBeNull();
});

it('says in one cell how many numbers are within their tolerances, and which is furthest off', () => {
  expect(evidence(claim)).toBe(
    '1 of 2 numbers within tolerance; furthest off constant of erf 1.7 [1.65, 1.75], predicted 1 ± 0.2',
  );
  expect(evidence(estimated([number('slope', 0.9, 'holds', null)]))).toContain('furthest off slope 0.9 [0.85, 0.95]');
  expect(evidence(estimated([]))).toBe('9 cases');
  expect(sureness(claim)).toBe('Student limits, by equivalence');
});
