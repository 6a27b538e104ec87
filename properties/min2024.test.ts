import { describe, expect, it } from 'vitest';
import { instanceAt } from '../src/claim/claim.js';
import { stream } from '../src/math/random.js';
import { coherentInputs, drawNeuronProblem, type NeuronInstance } from '../src/models/relu-neurons/instances.js';
import { drawStart, isSettled, type NeuronProblem } from '../src/models/relu-neurons/problem.js';
import { neuronFlow } from '../src/models/relu-neurons/reference.js';
import { measureCase } from '../src/run/measure.js';
import { describePaper } from '../src/testing/paper.js';
import { openSubject } from '../src/testing/subjects.js';
import { alignmentConstants, smallNormsTime } from '../src/theory/coherence.js';
import { alignmentTime, flippedLabel } from './min2024/alignment.js';
import { unsettled, wronglyDead } from './min2024/lib/measures.js';

describePaper('min2024');

const drawn = (index: number) => instanceAt(alignmentTime.variants[0], 5, String(index)) as NeuronInstance;

describe('coherent data', () => {
  it('have the coherence, the class balance and the norms that were asked for', () => {
    for (let index = 0; index < 60; index++) {
      const instance = drawn(index);
      const { labels, ...rest } = drawNeuronProblem(instance);
      const constants = alignmentConstants({ labels, ...rest });
      // Inputs are rounded to float32 after the bisection.
      expect(Math.abs(constants.coherence - instance.coherence)).toBeLessThan(1e-6);
      expect(labels.filter((label) => label === 1)).toHaveLength(instance.positives);
      expect(constants.smallestNorm).toBeGreaterThan(instance.smallestNorm * (1 - 1e-6));
      expect(constants.largestNorm).toBeLessThan(instance.smallestNorm * instance.normRatio * (1 + 1e-6));
      expect(constants.incoherentPairs).toBe(0);
    }
  });

  it('satisfy t₁ ≤ T where ε is that of the theorem', () => {
    for (let index = 0; index < 60; index++) {
      const problem = drawNeuronProblem({ ...drawn(index), scale: 'theorem', smallness: 1 });
      const constants = alignmentConstants(problem);
      expect(constants.alignmentTime).toBeLessThanOrEqual(smallNormsTime(constants, problem.logScale) * (1 + 1e-9));
    }
  });

  it('with one label flipped are not coherent', () => {
    const problem = drawNeuronProblem({ ...drawn(3), samples: 6, positives: 2, flipped: true });
    expect(alignmentConstants(problem).coherence).toBeLessThan(0);
    expect(alignmentConstants(problem).incoherentPairs).toBeGreaterThan(0);
  });

  it('with one label flipped have masks that change and change back within a step, for a subject as well', async () => {
    const [, control] = flippedLabel.variants;
    const instance = {
      samples: 5,
      inputDimension: 6,
      coherence: 0.07459645425930596,
      smallestNorm: 0.8198322664857903,
      normRatio: 2.9039165598077887,
      width: 4,
      loss: 'exponential',
      smallness: 1.4355,
      seed: 454614596,
      positives: 2,
      scale: 'theorem',
      flipped: true,
    };
    const outcome = await measureCase(control!, instance, (await openSubject('wasm'))!, () => 1);
    expect(outcome).toMatchObject({ status: 'measured', violation: true });
  });
});

describe('three and four points, every pattern of labels and signs with both classes', () => {
  const patterns = (length: number) =>
    Array.from({ length: 2 ** length }, (_, bits) => Float32Array.from({ length }, (_, k) => ((bits >> k) & 1 ? 1 : -1))).filter(
      (pattern) => new Set(pattern).size === 2,
    );
  it.each([3, 4])('aligns all neurons of n = %i by a tenth of t₁', (n) => {
    let cases = 0;
    for (const labels of patterns(n)) {
      for (const signs of patterns(n)) {
        const shape = { coherence: 0.2, inputDimension: 3, smallestNorm: 1, normRatio: 2 };
        const inputs = coherentInputs(shape, labels, stream('exhaustive', cases));
        const start = { ...drawStart(n, 3, stream('start', cases)), signs };
        const problem: NeuronProblem = { inputs, labels, ...start, logScale: -1e4, loss: 'exponential' };
        const { alignmentTime: t1 } = alignmentConstants(problem);
        const state = neuronFlow(problem).run(t1 / 10);
        expect([unsettled(problem, state), wronglyDead(problem, state), state.monotonicityViolations]).toEqual([0, 0, 0]);
        expect(signs.every((_, j) => isSettled(problem, state, j))).toBe(true);
        cases++;
      }
    }
    expect(cases).toBe((2 ** n - 2) ** 2);
  });
});
