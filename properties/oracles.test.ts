import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inputGram } from '../src/linear-algebra/products.js';
import type { Matrix32 } from '../src/math/matrix.js';
import { residualsOf, rootMeanSquareDifference } from '../src/models/checked.js';
import type { Vector } from '../src/models/implementation.js';
import type { TwoLayerProblem } from '../src/models/two-layer/problem.js';
import { referenceTangentKernel, referenceTrajectory } from '../src/models/two-layer/reference.js';
import { kernelRoundoff, trajectoryRoundoff } from '../src/models/two-layer/roundoff.js';
import { packageRoot } from '../src/support/files.js';
import { readNpy } from '../src/support/npy.js';
import { openSubject } from '../src/testing/subjects.js';
import { expectedDeepKernel } from '../src/theory/deep.js';
import { expectedValueProduct } from '../src/theory/infinite-width.js';

/** Numbers of another implementation: fixtures/oracles/make_oracles.py, with its pinned versions, made them in float64. */
const folder = join(packageRoot, 'fixtures', 'oracles');
const { files } = JSON.parse(readFileSync(join(folder, 'oracles.json'), 'utf8')) as {
  files: Record<string, Readonly<Record<string, unknown>>>;
};
const oracle = (name: string) => readNpy(join(folder, name));
const matrix = (name: string): Matrix32 => {
  const { shape, data } = oracle(name);
  return { rows: shape[0]!, columns: shape[1]!, data: data as Float32Array };
};
const inputs = matrix('inputs.npy');
const problemOf = (activation: string): TwoLayerProblem => ({
  activation,
  inputs,
  labels: oracle('labels.npy').data as Float32Array,
  freshInputs: { rows: 0, columns: inputs.columns, data: new Float32Array(0) },
  firstLayer: matrix(`${activation}-first_layer.npy`),
  secondLayer: oracle(`${activation}-second_layer.npy`).data as Float32Array,
});

/** Both sides round: some units of roundoff of the largest entry. */
const ULPS = 64 * 2 ** -53;

function expectClose(found: Vector, expected: Vector, error = 0): void {
  const largest = Math.max(...Float64Array.from(expected, Math.abs));
  for (const [k, value] of expected.entries()) expect(Math.abs(found[k]! - value)).toBeLessThanOrEqual(ULPS * largest + error);
}

const kernels = ['relu', 'erf', 'gelu'].flatMap((name) =>
  (['first', 'second', 'both'] as const).map((layers) => [name, layers] as const),
);

describe.each(kernels)('the tangent kernel with %s, %s', (name, layers) => {
  const expected = oracle(`${name}-kernel-${layers}.npy`).data;

  it('is that of the reference', () => {
    expectClose(referenceTangentKernel(problemOf(name), layers).data, expected);
  });

  it.each(['wasm', 'cpu'])('is that of the built-in subject on %s, within its rounding', async (backend) => {
    const subject = (await openSubject(backend))!;
    const problem = problemOf(name);
    const { data } = await subject.twoLayer!.tangentKernel!(problem, layers);
    const { entries } = await kernelRoundoff(problem, subject, layers);
    for (const [k, value] of expected.entries()) expect(Math.abs(data[k]! - value)).toBeLessThanOrEqual(entries.data[k]!);
  });
});

describe('descent on both layers', () => {
  const { shape, data } = oracle('erf-trajectory.npy');
  const [rows, n] = shape as [number, number];
  const record = Array.from({ length: rows }, (_, t) => t);
  const expected = record.map((t) => data.subarray(t * n, (t + 1) * n));
  const steps = files['erf-trajectory.npy']!.step_sizes as { first: number; second: number };
  const problem = problemOf('erf');

  it('is that of the reference', () => {
    for (const [t, outputs] of referenceTrajectory(problem, steps, record).outputs.entries()) expectClose(outputs, expected[t]!);
  });

  it('is that of the built-in subject, within its rounding', async () => {
    const subject = (await openSubject('wasm'))!;
    const trajectory = await subject.twoLayer!.train!(problem, steps, record);
    const { outputs } = trajectory;
    const residuals = residualsOf(trajectory, problem.labels);
    const budget = await trajectoryRoundoff(problem, subject, steps, record, [residuals[0]!, ...residuals]);
    for (const [t, values] of outputs.entries()) {
      expect(rootMeanSquareDifference(values, expected[t]!)).toBeLessThanOrEqual(budget.outputs[t]!);
    }
  });
});

const widths = ['relu', 'erf'].flatMap((name) => [1, 2, 3].map((depth) => [name, depth] as const));

describe.each(widths)('at infinite width with %s and %i hidden layers', (name, depth) => {
  it('the tangent kernel is that of the reference', () => {
    const { expectation, error } = expectedDeepKernel(name, inputGram(inputs), depth);
    expectClose(expectation.data, oracle(`${name}-infinite-${depth}-ntk.npy`).data, error);
  });

  it('the covariance of the outputs is that of the reference', () => {
    let covariance = inputGram(inputs);
    let error = 0;
    for (let layer = 0; layer < depth; layer++) {
      const next = expectedValueProduct(name, covariance);
      covariance = next.expectation;
      error += next.error;
    }
    expectClose(covariance.data, oracle(`${name}-infinite-${depth}-nngp.npy`).data, error);
  });
});
