import { describe, expect, it } from 'vitest';
import { openBackend } from '../backend/backend.js';
import { builtInSubject } from '../subject/built-in.js';
import { referenceSubject } from '../subject/reference.js';
import type { Subject } from '../subject/subject.js';
import { smallInstance } from '../testing/small-problem.js';
import { kernelExpansion } from '../theory/deep.js';
import { checkedLayeredKernel, checkedLayeredTrajectory, checkedTangentKernel, checkedTrajectory } from './checked.js';
import { drawDeepProblem } from './layered/problem.js';
import { layeredKernelRoundoff } from './layered/roundoff.js';
import { activations } from './two-layer/instances.js';
import { drawProblem } from './two-layer/problem.js';
import { kernelRoundoff, meanSquareRoundoff, outputRoundoff, productError } from './two-layer/roundoff.js';

const instance = smallInstance({ inputDimension: 20, samples: 60, width: 80, labels: 'teacher' });
const steps = { first: 2, second: 0.3 };

it('sums the errors of products as derived', () => {
  const float32 = { roundoff: { inputs: 0, accumulator: 2 ** -24 } };
  expect(productError(float32, 16)).toBeCloseTo(16 * 2 ** -24, 10);
  // From 64 terms on their roundings are taken to be independent.
  expect(productError(float32, 1024)).toBeCloseTo(8 * 32 * 2 ** -24, 8);
  const tf32 = { roundoff: { inputs: 2 ** -11, accumulator: 2 ** -24 } };
  expect(productError(tf32, 1024)).toBeGreaterThan(2 ** -10);
  expect(productError(tf32, 1024)).toBeLessThan(2 ** -10 + 2 ** -13);
  expect(meanSquareRoundoff(0.04, 0.01)).toBeCloseTo(2 * 0.2 * 0.01 + 1e-4, 12);
});

describe.each(activations)('%s', (activation) => {
  const problem = drawProblem({ ...instance, activation }, 10);

  it('stays within its budgets, which are not slack by more than they need', async () => {
    const subject = builtInSubject(await openBackend('wasm'));
    for (const layers of ['first', 'second', 'both'] as const) {
      const { rounding, roundoff } = await checkedTangentKernel(problem, layers, subject);
      expect(rounding).toBeGreaterThan(0);
      expect(rounding).toBeLessThan(0.5);
      const { norm, mean } = await roundoff();
      expect(norm).toBeLessThan(1);
      expect(mean).toBeLessThan(norm);
    }
    const trajectory = await checkedTrajectory(problem, steps, [0, 1, 5, 20], subject);
    expect(trajectory.rounding).toBeGreaterThan(0);
    expect(trajectory.rounding).toBeLessThan(0.5);
    expect(Math.max(...trajectory.roundoff.outputs)).toBeLessThan(0.05);
    expect(trajectory.roundoff.freshOutputs.every((bound, k) => bound >= trajectory.roundoff.outputs[k]!)).toBe(true);
  });
});

it('compares nothing with itself, nor steps that are not affordable', async () => {
  const problem = drawProblem(instance);
  expect((await checkedTangentKernel(problem, 'first', referenceSubject)).rounding).toBeNull();
  expect((await checkedTrajectory(problem, steps, [1], referenceSubject)).rounding).toBeNull();
  const subject = builtInSubject(await openBackend('wasm'));
  // 2·60·20·80 multiplications a step.
  const { rounding } = await checkedTrajectory(problem, steps, [150, 160], subject);
  expect(rounding).toBeGreaterThan(0);
  expect((await checkedTrajectory(problem, steps, [150], subject)).rounding).toBe(rounding);
  expect((await checkedTrajectory(problem, steps, [160], subject)).rounding).toBeNull();
});

describe('a subject that computes something else', () => {
  const problem = drawProblem(instance);
  const liar: Subject = {
    ...referenceSubject,
    name: 'liar',
    roundoff: { inputs: 0, accumulator: 2 ** -24 },
    activationError: async () => ({ value: 1e-7, slope: 1e-7 }),
    twoLayer: {
      tangentKernel: async (given, layers) => {
        const kernel = await referenceSubject.twoLayer!.tangentKernel!(given, layers);
        return { ...kernel, data: kernel.data.map((entry) => entry * 1.001) };
      },
      train: async (given, sizes, record) => {
        const { outputs, ...rest } = await referenceSubject.twoLayer!.train!(given, sizes, record);
        return { ...rest, outputs: outputs.map((output) => output.map((f) => f + 0.05)) };
      },
    },
  };

  it('is refused with the entry and the budget', async () => {
    await expect(checkedTangentKernel(problem, 'first', liar)).rejects.toThrow(
      /'liar' .* differs from the float64 reference in an entry/,
    );
    const atTheEnd: Subject = {
      ...liar,
      twoLayer: {
        tangentKernel: async (given, layers) => {
          const { data, ...sizes } = await referenceSubject.twoLayer!.tangentKernel!(given, layers);
          return { ...sizes, data: data.with(-1, 1.001 * data.at(-1)!) };
        },
      },
    };
    await expect(checkedTangentKernel(problem, 'first', atTheEnd)).rejects.toThrow(/in an entry/);
    await expect(checkedTrajectory(problem, steps, [1], liar)).rejects.toThrow(/outputs after step 1/);
  });

  it('is within the budget of TF32, which is wider by orders', async () => {
    const tf32: Subject = { ...liar, roundoff: { inputs: 2 ** -10, accumulator: 2 ** -24 } };
    expect((await checkedTangentKernel(problem, 'first', tf32)).rounding).toBeLessThan(1);
    const outputs = await outputRoundoff(problem, tf32, problem.inputs);
    const narrow = await outputRoundoff(problem, liar, problem.inputs);
    expect(outputs[0]! / narrow[0]!).toBeGreaterThan(20);
  });
});

it('bounds kinks by counts that grow with the rounding', async () => {
  const problem = drawProblem({ ...instance, activation: 'abs' });
  const float32 = { ...referenceSubject, roundoff: { inputs: 0, accumulator: 2 ** -24 } };
  const coarse = { ...referenceSubject, roundoff: { inputs: 2 ** -10, accumulator: 2 ** -24 } };
  const [fine, rough, exact] = await Promise.all(
    [float32, coarse, referenceSubject].map((subject) => kernelRoundoff(problem, subject, 'first')),
  );
  expect(rough!.norm).toBeGreaterThan(fine!.norm);
  expect(fine!.norm).toBeGreaterThan(1000 * exact!.norm);
});

describe('layered networks', () => {
  it.each([
    ['erf', 1],
    ['erf', 3],
    ['relu', 2],
    ['gelu', 3],
  ] as const)('stay within their budgets (%s, %i hidden layers)', async (activation, depth) => {
    const subject = builtInSubject(await openBackend('wasm'));
    const problem = drawDeepProblem({ ...smallInstance({ samples: 40, width: 64, inputDimension: 10, activation }), depth }, 10);
    const { rounding } = await checkedLayeredKernel(problem, subject);
    // A hundredth of the kernel's own entries, at most.
    expect(await layeredKernelRoundoff(problem, subject)).toBeLessThan(0.02 * kernelExpansion(activation, depth).slope);
    expect(rounding).toBeGreaterThan(0);
    expect(rounding).toBeLessThan(0.5);
    const trajectory = await checkedLayeredTrajectory(problem, 0.5, [1, 5, 20], subject);
    expect(trajectory.rounding).toBeGreaterThan(0);
    expect(trajectory.rounding).toBeLessThan(0.5);
    expect(Math.max(...trajectory.roundoff.outputs)).toBeLessThan(0.05);
  });
});
