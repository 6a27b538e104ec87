import { describe, expect, it } from 'vitest';
import { significant } from '../support/words.js';
import { broken } from './output.js';

describe('a line that is broken for a terminal', () => {
  const text =
    '    ✗ hu2020/second-layer-kernel-infinite-width  holds  0 of 122 violate; observed/bound median 0.488, worst 0.857';

  it.each([60, 80, 100, 200])('fits %i columns, with every word whole and later lines further in', (width) => {
    const lines = broken(text, width).split('\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    expect(
      lines
        .map((line) => line.trim())
        .join(' ')
        .split(/\s+/),
    ).toEqual(text.trim().split(/\s+/));
    expect(lines.slice(1).every((line) => /^ {6}\S/.test(line))).toBe(true);
    expect(lines.length > 1).toBe(width < 110);
  });

  it('keeps a word that is longer than the terminal whole', () => {
    const word = 'x'.repeat(100);
    expect(broken(`a ${word} b`, 60)).toBe(`a\n  ${word}\n  b`);
  });
});

it.each([
  [5730000000, '5.73e9'],
  [18000000000, '1.8e10'],
  [0.000000477, '4.77e-7'],
  [1e-9, '1e-9'],
  [0.5263, '0.526'],
  [-12345.6, '-12300'],
  [0, '0'],
  [17, '17'],
  [null, '–'],
])('%s is written %s', (value, text) => {
  expect(significant(value)).toBe(text);
});
