import { parseHTML } from 'linkedom';
import { expect, it } from 'vitest';
import type { Inspection } from './inspect.js';
import { alignmentPage, neuronPage, trainingPage } from './page.js';

const pageOf = (text: string) => parseHTML(text).document;

it('says how far network and linear model are apart, also where one of them diverges', () => {
  const inspection: Inspection = {
    n: 3,
    d: 2,
    m: 4,
    constants: { zeta: 0.5, nu: 0, theta0: 0, theta1: 0, theta2: 0 },
    kernel: { tangentNorm: 2, affineNorm: 1, differenceNorm: 0.5, relative: 0.5, certificate: null },
    training: { step: [1, 2], networkLoss: [1, 0.5], linearLoss: [1, 0.4], meanSquareGap: [0, 0.1], relativeGap: [0, 0.25] },
    setting: { activation: 'erf', trained: 'first', parametrisation: 'f', stepSize: 0.5, tolerance: 0.05, signal: 1 },
    answer: { sentence: 'No: it is not.', standing: 'bad' },
    warnings: ['<b>mind</b> this'],
  };
  const page = pageOf(trainingPage(inspection, 'npx earlytime inspect --inputs "x"'));
  expect(page.querySelector('.banner.bad')!.textContent).toBe('No: it is not.');
  expect(page.querySelector('li')!.textContent).toBe('<b>mind</b> this');
  expect(page.querySelector('code')!.textContent).toBe('npx earlytime inspect --inputs "x"');
  expect(page.querySelectorAll('svg')).toHaveLength(1);
  const diverged = { ...inspection, training: { ...inspection.training, linearLoss: [1, Number.POSITIVE_INFINITY] } };
  expect(pageOf(trainingPage(diverged, 'x')).querySelectorAll('svg')).toHaveLength(1);
  const none = { step: [], networkLoss: [], linearLoss: [], meanSquareGap: [], relativeGap: [] };
  const untrained = pageOf(trainingPage({ ...inspection, training: none }, 'x'));
  expect(untrained.querySelector('svg')).toBeNull();
});

it('tells whether the kernel aligned first, or that it was not seen', () => {
  const result = {
    n: 4,
    heldOut: 1,
    d: 2,
    m: 8,
    sigma: 0.1,
    time: [0, 1, 2],
    loss: [1, 1, 0.1],
    alignment: [0.2, 0.9, 0.9],
    kernelNorm: [1, 1, 4],
    leastSquaresLoss: 0,
    alignmentTime: 1,
    learningTime: 2,
    regressionError: { finalKernel: 0.01, initialKernel: null },
    warnings: [],
  };
  const answer = (times: object) => pageOf(alignmentPage({ ...result, ...times }, 'x')).querySelector('.banner')!.textContent;
  expect(answer({})).toMatch(/^Yes: the kernel is aligned at time 1, the loss has halved at time 2/);
  expect(answer({ alignmentTime: 3 })).toMatch(/^No:/);
  expect(answer({ alignmentTime: null })).toMatch(/^No: the kernel does not align/);
  expect(answer({ learningTime: null })).toMatch(/^Not seen to the end: .* has not halved/);
});

it('counts the neurons, and names pairs that oppose each other', () => {
  const page = neuronPage(
    {
      n: 3,
      d: 2,
      h: 4,
      epsilon: 1e-6,
      coherence: -0.5,
      incoherent: [{ i: 0, j: 2, cosine: -0.5 }],
      incoherentPairs: 1,
      alignmentTime: null,
      smallNormsTime: 0.1,
      lastChange: 0.05,
      time: [0, 0.05, 1],
      positive: [1, 2, 2],
      negative: [1, 2, 2],
      dead: [0, 0, 0],
      unsettled: [2, 0, 0],
      loss: [1, 1, 0.1],
      stableRank: [2, 1.5, 1],
      warnings: [],
    },
    'x',
  );
  const text = pageOf(page).body.textContent;
  expect(text).toContain('0 of 4 neurons are unsettled at the end');
  expect(text).toContain('1 pairs of inputs oppose each other, such as 0 and 2');
  expect(text).toContain('no alignment, for the data are not coherent');
});
