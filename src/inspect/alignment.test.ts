import { describe, expect, it } from 'vitest';
import type { DataSet } from '../data/data-set.js';
import { stream } from '../math/random.js';
import { referenceSubject } from '../subject/reference.js';
import { type AlignmentOptions, alignmentAnswer, inspectAlignment } from './alignment.js';

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

/** The times of the same two-layer linear network by small Euler steps in plain loops. */
function fineFlow({ inputs, labels }: DataSet, n: number, end: number): { alignmentTime: number; learningTime: number } {
  const { columns: d, data: x } = inputs;
  const m = options.width;
  const random = stream(options.seed, 'weights');
  const w = Float64Array.from({ length: m * d }, () => (0.01 / Math.sqrt(d)) * random.gaussian());
  const v = Float64Array.from({ length: m }, () => (0.01 / Math.sqrt(m)) * random.gaussian());
  const step = 2e-3;
  const [alignment, loss]: [number[], number[]] = [[], []];
  for (let t = 0; step * t <= end; t++) {
    const teacher = Array.from({ length: d }, (_, k) => v.reduce((sum, a, r) => sum + a * w[r * d + k]!, 0));
    const residual = Array.from({ length: n }, (_, i) => teacher.reduce((sum, a, k) => sum + a * x[i * d + k]!, -labels![i]!));
    loss.push(residual.reduce((sum, e) => sum + e * e, 0));
    // K = X (WᵀW + |v|² I) Xᵀ.
    const square = Array.from({ length: d * d }, (_, at) => {
      const [a, b] = [Math.floor(at / d), at % d];
      let sum = a === b ? v.reduce((total, entry) => total + entry * entry, 0) : 0;
      for (let r = 0; r < m; r++) sum += w[r * d + a]! * w[r * d + b]!;
      return sum;
    });
    if (t % 10 === 0) {
      const mapped = Array.from({ length: n * d }, (_, at) => {
        let sum = 0;
        for (let a = 0; a < d; a++) sum += x[Math.floor(at / d) * d + a]! * square[a * d + (at % d)]!;
        return sum;
      });
      let [quadratic, size] = [0, 0];
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let entry = 0;
          for (let k = 0; k < d; k++) entry += mapped[i * d + k]! * x[j * d + k]!;
          quadratic += labels![i]! * entry * labels![j]!;
          size += entry * entry;
        }
      }
      alignment.push(quadratic / Math.sqrt(size));
    }
    const pull = Array.from({ length: d }, (_, k) => residual.reduce((sum, e, i) => sum - (e * x[i * d + k]!) / n, 0));
    const along = Array.from(v, (_, r) => pull.reduce((sum, g, k) => sum + g * w[r * d + k]!, 0));
    for (let r = 0; r < m; r++) for (let k = 0; k < d; k++) w[r * d + k] = w[r * d + k]! + step * v[r]! * pull[k]!;
    for (let r = 0; r < m; r++) v[r] = v[r]! + step * along[r]!;
  }
  const level = 0.1 * alignment[0]! + 0.9 * alignment.at(-1)!;
  return {
    alignmentTime: 10 * step * alignment.findIndex((value) => value >= level),
    learningTime: step * loss.findIndex((value) => value <= loss[0]! / 2),
  };
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

  it('gives the times that a fine flow gives, and says nothing of whitening where all is learned that can be', async () => {
    const { inputs, labels } = whitened(10, 70);
    const random = stream('noise');
    const noisy = { inputs, labels: labels!.map((label) => label + random.gaussian()) };
    const result = await inspectAlignment(noisy, { ...options, sigma: 0.01 }, referenceSubject);
    expect(result.leastSquaresLoss).toBeGreaterThan(0.1 * result.loss[0]!);
    expect(result.loss.at(-1)! / result.leastSquaresLoss).toBeCloseTo(1, 2);
    expect(result.warnings).toEqual([]);
    const fine = fineFlow(noisy, result.n, result.time.at(-1)!);
    expect(result.alignmentTime! / fine.alignmentTime).toBeCloseTo(1, 1);
    expect(result.learningTime! / fine.learningTime).toBeCloseTo(1, 2);
  });

  it('says that a kernel does not align whose alignment does not rise', async () => {
    // All labels alike on inputs with a common mean: aligned from the start.
    const { inputs } = whitened(10, 20);
    const shifted = { ...inputs, data: inputs.data.map((entry) => 1 + 0.1 * entry) };
    const labels = new Float32Array(inputs.rows).fill(1);
    const result = await inspectAlignment({ inputs: shifted, labels }, { ...options, activation: 'relu' }, referenceSubject);
    expect(result.alignmentTime).toBeNull();
    expect(alignmentAnswer(result).sentence).toMatch(
      /^No: the kernel does not align with the labels, its alignment goes from 0.9/,
    );
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
