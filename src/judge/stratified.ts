import type { ErrorProbabilities } from '../claim/pass-rate.js';
import { borrowedReason } from './own-share.js';
import type { Trial, TrialResult } from './single-trial.js';

/** The trial of a stratum. */
export interface StratumTrial {
  readonly name: string;
  readonly trial: Trial;
}

/** One trial of several strata, of which case i belongs to stratum i mod their number: it holds when each does, and is refuted when one is. */
export function stratified(strata: readonly StratumTrial[], errors: ErrorProbabilities): Trial {
  const trials = strata.map(({ trial }) => trial);
  const of = (index: number) => trials[index % trials.length]!;
  const open = () => trials.filter((trial) => !trial.settled());
  /** What no other stratum mends: one is refuted, or nothing more can be measured at all. */
  const ended = () =>
    trials.some((trial) => {
      const { decision, missing, disagrees } = trial.result();
      return decision === 'reject' || missing || disagrees;
    });
  // Kept, for a scheduler asks again and again.
  let settled = false;
  return {
    cap: Math.max(...trials.map(({ cap }) => cap)) * trials.length,
    planned: Math.max(...trials.map(({ planned }) => planned)) * trials.length,
    fewestToAccept: trials.reduce((sum, trial) => sum + trial.fewestToAccept, 0),
    settled: () => settled,
    wants: (index) => !settled && of(index).wants(index),
    add: (index, outcome) => {
      if (settled) return;
      of(index).add(index, outcome);
      settled = ended() || open().length === 0;
    },
    // One stratum alone may decide; until it has its cases, the others have but one fewer.
    fewest: () => {
      if (settled) return 0;
      const left = open();
      return (Math.min(...left.map((trial) => trial.fewest())) - 1) * left.length + 1;
    },
    result: () =>
      merged(
        strata.map(({ name, trial }) => ({ name, result: trial.result() })),
        trials.map((trial) => trial.settled()),
        errors,
      ),
  };
}

function merged(strata: TrialResult['strata'], ended: readonly boolean[], errors: ErrorProbabilities): TrialResult {
  const results = strata.map(({ result }) => result);
  const some = (of: (result: TrialResult) => boolean) => results.some(of);
  const sum = (of: (result: TrialResult) => number) => results.reduce((total, result) => total + of(result), 0);
  const refuted = results.filter(({ decision }) => decision === 'reject');
  const worst = (refuted.length > 0 ? refuted : results).flatMap(({ worstIndex }) => (worstIndex === null ? [] : [worstIndex]));
  const roundings = results.flatMap(({ worstRounding }) => (worstRounding === null ? [] : [worstRounding]));
  const rejected = refuted.length > 0;
  const shares = {
    cases: sum(({ cases }) => cases),
    onReference: sum(({ onReference }) => onReference),
    setAside: sum(({ setAside }) => setAside),
  };
  const borrowed = borrowedReason(shares, errors);
  const untrusted = !rejected && (borrowed !== null || some((result) => result.untrusted));
  // A subject that lacks an activation is judged on the others: a stratum that ended without a case says nothing.
  const applicable = results.filter(({ cases }, k) => cases > 0 || !ended[k]);
  const accepted = applicable.length > 0 && applicable.every(({ decision }) => decision === 'accept');
  const { cases } = shares;
  return {
    ...shares,
    decision: rejected ? 'reject' : accepted && !untrusted ? 'accept' : 'continue',
    untrusted,
    disagrees: some(({ disagrees }) => disagrees),
    missing: !rejected && some(({ missing }) => missing),
    limited:
      cases === 0 &&
      some(({ limited }) => limited) &&
      results.every(({ limited, inapplicable, unmeasured }) => unmeasured === 0 && (limited || inapplicable === 0)),
    untouched: cases > 0 && results.every((result) => result.untouched || result.cases === 0),
    violations: sum(({ violations }) => violations),
    gross: results.find(({ gross }) => gross !== null)?.gross ?? null,
    inapplicable: sum(({ inapplicable }) => inapplicable),
    unmeasured: sum(({ unmeasured }) => unmeasured),
    reason:
      borrowed ?? (results.find((result) => result.untrusted) ?? results.find(({ reason }) => reason !== null))?.reason ?? null,
    worstIndex: worst.length > 0 ? Math.min(...worst) : null,
    ratios: results.flatMap(({ ratios }) => ratios),
    worstRounding: roundings.length > 0 ? Math.max(...roundings) : null,
    test: results[0]!.test,
    slope: null,
    numbers: [],
    strata,
  };
}
