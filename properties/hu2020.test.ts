import { expect, it } from 'vitest';
import type { BoundMeasurement } from '../src/claim/claim.js';
import { instanceAt } from '../src/claim/claim.js';
import { describePaper } from '../src/testing/paper.js';
import { openSubject } from '../src/testing/subjects.js';
import { syntheticExperiment } from './hu2020/synthetic-experiment.js';

describePaper('hu2020');

it('tells the models of the synthetic experiment apart, at a hundredth of its size', async () => {
  const subject = await openSubject('wasm');
  const [claim, doubled] = syntheticExperiment.variants;
  const instance = { ...instanceAt(claim, 3, '0'), inputDimension: 20, samples: 400, relativeStep: 0.05, labels: 'linear' };
  const laboratory = { subject: subject!, constant: () => 1 };
  const observed = async (variant: typeof claim) => ((await variant.measure(instance, laboratory)) as BoundMeasurement).observed;
  expect(await observed(doubled!)).toBeGreaterThan(2 * (await observed(claim)));
});
