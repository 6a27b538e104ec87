import { describe, expect, it } from 'vitest';
import type { DataSet } from '../data/data-set.js';
import { stream } from '../math/random.js';
import { inspectNeurons } from './neurons.js';

const options = { width: 12, epsilon: 1e-8, seed: 3 };

/** Two coherent classes: y x = e + noise. */
function coherent(n: number, noise: number): DataSet {
  const random = stream('coherent');
  const labels = Float32Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : -1));
  const data = new Float32Array(n * 4);
  labels.forEach((label, i) => {
    data.set([label, ...[1, 2, 3].map(() => label * noise * random.gaussian())], 4 * i);
  });
  return { inputs: { rows: n, columns: 4, data }, labels };
}

describe('inspectNeurons', () => {
  it('measures μ, predicts t₁ and T, and sees every neuron settle before the loss falls', () => {
    const result = inspectNeurons(coherent(8, 0.3), options);
    expect([result.n, result.d, result.h]).toEqual([8, 4, 12]);
    expect(result.coherence).toBeGreaterThan(0);
    expect([result.incoherent, result.incoherentPairs]).toEqual([[], 0]);
    expect(result.lastChange).toBeLessThan(0.1 * result.alignmentTime!);
    const settled = result.time.findIndex((_, k) => result.unsettled[k] === 0);
    expect(result.loss[settled]!).toBeGreaterThan(0.99);
    expect(result.loss.at(-1)!).toBeLessThan(0.01);
    expect(result.time.map((_, k) => result.positive[k]! + result.negative[k]! + result.dead[k]! + result.unsettled[k]!)).toEqual(
      result.time.map(() => 12),
    );
    expect(result.stableRank.at(-1)!).toBeLessThan(2 / (1 + result.coherence) + 0.01);
    expect(result.warnings.join()).toMatch(/ε is beyond the theorem's/);
  });

  it('names the pairs that violate coherence', () => {
    const data = coherent(6, 0.1);
    const labels = data.labels!.map((label, i) => (i === 5 ? -label : label));
    const result = inspectNeurons({ ...data, labels }, options);
    expect(result.alignmentTime).toBeNull();
    expect(result.incoherentPairs).toBe(5);
    expect(result.incoherent.every(({ i, j, cosine }) => (i === 5 || j === 5) && cosine < 0)).toBe(true);
    expect(result.warnings.join()).toMatch(/not coherent/);
  });

  it('ends in its time with what was seen by then', () => {
    const told: string[] = [];
    const result = inspectNeurons(coherent(8, 0.3), { ...options, seconds: 0, progress: (text) => told.push(text) });
    expect(result.warnings.join()).toMatch(/followed for 0 s, until time \d.*what is said holds until then/);
    expect(result.time.length).toBe(2);
    expect(told).toEqual([expect.stringMatching(/neurons at time .*, after 1 steps/)]);
  });

  it('refuses data that are not two classes, or too many', () => {
    const data = coherent(4, 0.1);
    expect(() => inspectNeurons({ ...data, labels: null }, options)).toThrow(/found: no labels/);
    expect(() => inspectNeurons({ ...data, labels: Float32Array.of(1, 1, 1, 1) }, options)).toThrow(/needs two classes/);
    expect(() => inspectNeurons(coherent(300, 0.1), options)).toThrow(/at most 200/);
  });
});
