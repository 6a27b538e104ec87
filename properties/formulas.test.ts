import temml from 'temml';
import { expect, it } from 'vitest';
import { claims } from './index.js';

it.each(claims.map((claim) => [claim.id, claim] as const))('%s has a formula that renders', (_, { formula }) => {
  expect(formula).not.toBeNull();
  const mathml = temml.renderToString(formula!, { displayMode: true, throwOnError: true, strict: true });
  expect(mathml).not.toContain('merror');
  expect(mathml).not.toMatch(/<mtext[^>]*color:#b22222/);
  // Temml loses the last digit of \mathrm{float64}; \text keeps it.
  expect(formula).not.toMatch(/\\mathrm\{[^}]*\d/);
});
