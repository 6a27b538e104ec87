import { describe, expect, it } from 'vitest';
import type { DataSet } from '../data/data-set.js';
import { stream } from '../math/random.js';
import { referenceSubject } from '../subject/reference.js';
import { type AlignmentOptions, inspectAlignment } from './alignment.js';

const options: AlignmentOptions = { activation: 'linear', width: 30, depth: 1, sigma: 1e-3, seed: 5 };

/** Orthogonal inputs √n e_i, a linear teacher, and some further inputs. */
function whitened(n: number, extra: number): DataSet {
  const random = stream('whitened');
  const rows = n + extra;
  const data = new Float32Array(rows * n);
  for (let i = 0; i < n; i++) data[i * n + i] = Math.sqrt(n);
  for (let k = n * n; k < rows * n; k++) data[k] = random.gaussian();
  const teacher = Array.from({ length: n }, () => random.gaussian() / Math.sqrt(n));
  const labels = Float32Array.from({ length: rows }, (_, i) =>
    teacher.reduce((sum, entry, k) => sum + entry * data[i * n + k]!, 0),
  );
  return { inputs: { rows, columns: n, data }, labels };
}

describe('inspectAlignment', () => {
  it('sees the kernel align before the loss falls on whitened inputs, and regression with the final kernel hold', async () => {
    const result = await inspectAlignment(whitened(12, 3), options, referenceSubject);
    expect([result.n, result.heldOut, result.d, result.m]).toEqual([12, 3, 12, 30]);
    expect(result.alignmentTime!).toBeLessThan(0.5 * result.learningTime!);
    expect(result.loss[0]! / result.loss.at(-1)!).toBeGreaterThan(900);
    // A_max = L/√(L² + r − 1).
    expect(result.alignment.at(-1)!).toBeCloseTo(2 / Math.sqrt(4 + 11), 2);
    expect(result.regressionError!.finalKernel!).toBeLessThan(0.01);
    expect(result.kernelNorm.at(-1)!).toBeGreaterThan(result.kernelNorm[0]!);
    expect(result.warnings).toEqual([]);
  });

  it('warns where the kernel aligns while the network learns', async () => {
    const result = await inspectAlignment(whitened(12, 3), { ...options, sigma: 1 }, referenceSubject);
    expect(result.warnings.join()).toMatch(/aligns while the network learns/);
  });

  it('says how far the loss fell where the flow is slow', async () => {
    const { inputs, labels } = whitened(10, 2);
    const stretched = { ...inputs, data: inputs.data.map((entry, k) => entry * 3 ** -(k % 10)) };
    const result = await inspectAlignment({ inputs: stretched, labels }, { ...options, activation: 'relu' }, referenceSubject);
    expect(result.warnings.join()).toMatch(/after 500 steps the loss is .* of the initial one/);
  });

  it('refuses what it cannot follow', async () => {
    const data = whitened(4, 1);
    const refusals: [DataSet, AlignmentOptions, RegExp][] = [
      [{ ...data, labels: null }, options, /needs labels/],
      [data, { ...options, activation: 'erf' }, /does not know erf/],
      [{ inputs: { rows: 400, columns: 2, data: new Float32Array(800) }, labels: new Float32Array(400) }, options, /at most 300/],
    ];
    for (const [given, with_, message] of refusals) {
      await expect(inspectAlignment(given, with_, referenceSubject)).rejects.toThrow(message);
    }
  });
});
