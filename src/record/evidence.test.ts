import { expect, it } from 'vitest';
import { OBSERVED, SLOPE } from '../claim/calibration.js';
import { noticed, noticedText } from './evidence.js';

it('says of each number the smallest error that is noticed', () => {
  expect(
    noticedText([
      { number: 'ζ²', best: 0.0499, least: null },
      { number: 'V', best: 0.151, least: 0.228 },
      { number: 'η', best: 0.05, least: 1.5 },
      { number: 'L', best: 0.0109, least: 0.0109 },
      { number: 'ν²', best: null, least: null },
      { number: SLOPE, best: 0.053, least: 0.19 },
      { number: OBSERVED, best: 0.84, least: 1.1 },
    ]),
  ).toBe(
    'ζ² off by 5 % (not in each stratum), V off by 15 %–23 %, η off by 5 %–× 2.5, L off by 1.1 %, no error of ν² up to × 4, the slope larger by 0.053–0.19, the observed quantity larger by 84 %–× 2.1',
  );
});

it('says nothing where nothing is observed, nor of a claim that does not hold', () => {
  const nothing = [{ number: OBSERVED, best: null, least: null }];
  expect(noticedText(nothing)).toBe('');
  expect(noticed({ verdict: 'holds', resolution: nothing })).toBe('');
  expect(noticed({ verdict: 'holds' })).toBe('');
  const some = [{ number: 'V', best: 0.1, least: 0.1 }];
  expect(noticed({ verdict: 'holds', resolution: some })).toBe('; would notice V off by 10 %');
  expect(noticed({ verdict: 'refuted', resolution: some })).toBe('');
});
