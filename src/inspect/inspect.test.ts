import { describe, expect, it } from 'vitest';
import { openBackend } from '../backend/backend.js';
import { drawDeepProblem } from '../models/layered/problem.js';
import { drawProblem } from '../models/two-layer/problem.js';
import { referenceTangentKernel } from '../models/two-layer/reference.js';
import { builtInSubject } from '../subject/built-in.js';
import { referenceSubject } from '../subject/reference.js';
import { smallInstance } from '../testing/small-problem.js';
import { examineData } from '../theory/data-scope.js';
import { type InspectOptions, inspect, normsByProducts, recordedSteps } from './inspect.js';
import { twoLayerNetwork } from './network.js';

const options: InspectOptions = { layers: 'first', step: null, steps: null, drawnWeights: true, labelled: true, tolerance: 0.05 };
const instance = smallInstance({ inputDimension: 16, samples: 100, width: 200, activation: 'relu' });
const problem = drawProblem(instance);

describe('inspect', () => {
  it('reports the kernel, its certificate, and the agreement of the training', async () => {
    const { n, d, m, constants, kernel, training, setting, answer, warnings } = await inspect(problem, options, referenceSubject);
    expect([n, d, m]).toEqual([100, 16, 200]);
    expect(constants.zeta).toBe(0.5);
    // Tr Σ²/d = 1 for isotropic inputs: ν = ϑ₁.
    expect(Math.abs(constants.nu - constants.theta1)).toBeLessThan(0.1);
    expect(kernel.relative).toBeCloseTo(kernel.differenceNorm / kernel.affineNorm, 12);
    expect(kernel.relative).toBeLessThan(0.6);
    expect(kernel.certificate!).toBeGreaterThan(kernel.differenceNorm);
    expect(Math.abs(kernel.tangentNorm - kernel.affineNorm)).toBeLessThanOrEqual(kernel.differenceNorm);
    expect(training.step).toEqual(Array.from({ length: 28 }, (_, k) => k + 1));
    expect(training.networkLoss.at(-1)!).toBeLessThan(training.networkLoss[0]!);
    expect(training.linearLoss.at(-1)! / training.networkLoss.at(-1)!).toBeCloseTo(1, 0);
    expect(training.meanSquareGap.every((gap) => gap >= 0 && gap < 0.2)).toBe(true);
    expect(warnings).toEqual([]);
    expect(setting).toMatchObject({ activation: 'relu', trained: 'first', tolerance: 0.05, signal: 1 });
    expect(answer).toEqual({
      standing: 'good',
      sentence: expect.stringMatching(/^Yes: linear in all 28 steps \(t = 44.8\) at step/),
    });
  });

  it.each(['second', 'both'] as const)('has no certificate where none applies (%s)', async (layers) => {
    const { kernel, training } = await inspect(problem, { ...options, layers, steps: 5 }, referenceSubject);
    expect(kernel.certificate).toBeNull();
    expect(training.step).toHaveLength(5);
    const given = await inspect(problem, { ...options, steps: 1, drawnWeights: false }, referenceSubject);
    expect(given.kernel.certificate).toBeNull();
    const tangent = referenceTangentKernel(problem, layers);
    expect(kernel.tangentNorm).toBeGreaterThan(tangent.data[0]!);
  });

  it('inspects deep networks, all layers trained', async () => {
    const deep = drawDeepProblem({ ...instance, activation: 'erf', width: 128, depth: 3 });
    const { m, kernel, training } = await inspect(deep, { ...options, steps: 12 }, referenceSubject);
    expect(m).toBe(128);
    expect(kernel.certificate).toBeNull();
    expect(kernel.relative).toBeLessThan(0.6);
    expect(training.networkLoss.at(-1)!).toBeLessThan(training.networkLoss[0]!);
    expect(training.relativeGap.at(-1)!).toBeLessThan(0.3);
  });

  it('has none either where the infinite-width kernel cannot be computed, and says so', async () => {
    const long = {
      ...problem,
      activation: 'tanh',
      inputs: { ...problem.inputs, data: problem.inputs.data.map((value) => 10 * value) },
    };
    const { kernel, warnings } = await inspect(long, { ...options, labelled: false }, referenceSubject);
    expect(kernel.certificate).toBeNull();
    expect(warnings.join()).toMatch(/no certificate: .*scale the inputs to ‖x‖² = d/);
  });

  it('warns of weights that the theorem does not cover', async () => {
    const given = { ...drawProblem({ ...instance, initialization: 'independent' }), secondLayer: new Float32Array(200).fill(2) };
    const { warnings } = await inspect(given, { ...options, steps: 1, drawnWeights: false }, referenceSubject);
    expect(warnings.join()).toMatch(/f is not 0 at the start.*the mean of v² is 4.00/);
  });

  it('goes without training where there are no labels', async () => {
    const { training, warnings } = await inspect(problem, { ...options, labelled: false }, referenceSubject);
    expect(training.step).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/no labels were given.*--labels/)]);
  });

  it('warns of weights in the parametrisation of others', async () => {
    const scale = 1 / Math.sqrt(3 * 16);
    const given = { ...problem, firstLayer: { ...problem.firstLayer, data: problem.firstLayer.data.map((w) => scale * w) } };
    const { warnings } = await inspect(given, { ...options, steps: 1, drawnWeights: false }, referenceSubject);
    expect(warnings.join()).toMatch(/the mean of W² is 0.02.*W = √d B/);
  });

  it('warns of steps and labels out of range', async () => {
    const large = { ...problem, labels: problem.labels.map((label) => 3 * label) };
    const of = async (step: number) => (await inspect(large, { ...options, step, steps: 1 }, referenceSubject)).warnings;
    expect(await of(5)).toEqual([expect.stringMatching(/step 5 is large/), expect.stringMatching(/labels reach 3.00/)]);
    expect((await of(500))[0]).toMatch(/makes descent diverge, beyond 2n/);
  });

  it('records every step up to 200, then 200 evenly spaced ones and the last', () => {
    expect(recordedSteps(200)).toHaveLength(200);
    const many = recordedSteps(100_000);
    expect(many).toHaveLength(201);
    expect(many[0]).toBe(1);
    expect(many.at(-1)).toBe(100_000);
    const gaps = many.slice(1, -1).map((step, k) => step - many[k]!);
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
  });
});

describe('norms by products', () => {
  it.each(['first', 'second', 'both'] as const)('are those of the whole kernels (%s)', async (layers) => {
    const subject = builtInSubject(await openBackend('wasm'));
    const network = twoLayerNetwork(problem, layers, subject);
    const steps: string[] = [];
    const affine = network.affine(examineData(problem.inputs, network.width).spectralMoment);
    const norms = await normsByProducts(network, affine, problem.inputs, (step) => steps.push(step));
    const { kernel } = await inspect(problem, { ...options, layers, labelled: false }, subject);
    for (const name of ['tangentNorm', 'affineNorm', 'differenceNorm'] as const)
      expect(Math.abs(norms[name] / kernel[name] - 1)).toBeLessThan(2e-3);
    expect(steps[0]).toBe('‖Θ‖: product 1');
    expect(steps.at(-1)).toMatch(/^‖Θ − Θ\^lin‖: product \d+$/);
  });

  it('serve for what is too large to be formed, for which there is no certificate', async () => {
    const { inputs, labels, ...weights } = drawProblem({ ...instance, samples: 4002, width: 32 });
    const subject = builtInSubject(await openBackend('wasm'));
    const { n, kernel, warnings } = await inspect({ ...weights, inputs, labels }, { ...options, labelled: false }, subject);
    expect(n).toBe(4002);
    expect(kernel.relative).toBeLessThan(0.6);
    expect(kernel.certificate).toBeNull();
    expect(warnings.join()).toMatch(/no certificate: it needs n×n matrices, which are formed for at most 4000 inputs/);
    const deep = drawDeepProblem({ ...instance, samples: 4002, width: 32, depth: 2 });
    await expect(inspect(deep, { ...options, labelled: false }, subject)).rejects.toThrow(
      /a deep network on 4002 inputs is too large[\s\S]*--samples 4000/,
    );
  });
});

describe('the scope of data', () => {
  const warningsOf = (changes: Parameters<typeof smallInstance>[0], width = 1000, scale = 1) => {
    const { inputs } = drawProblem(smallInstance({ inputDimension: 40, samples: 200, ...changes }));
    const scaled = { ...inputs, data: inputs.data.map((value) => value * scale) };
    return examineData(scaled, width);
  };

  it('estimates Tr Σ²/d without bias', () => {
    const estimates = Array.from({ length: 40 }, (_, seed) => warningsOf({ seed, spectrum: 'two-level' }).spectralMoment);
    const mean = estimates.reduce((sum, value) => sum + value, 0) / 40;
    // ¼·9 + ¾/9 = 2.333
    expect(Math.abs(mean - 2.3333)).toBeLessThan(0.1);
  });

  it('finds nothing wrong with data of the theorem', () => {
    for (let seed = 0; seed < 20; seed++) {
      for (const spectrum of ['isotropic', 'uniform', 'two-level'] as const)
        expect(warningsOf({ seed, spectrum }).warnings).toEqual([]);
    }
  });

  it('says what is outside of it, and what to do', () => {
    expect(warningsOf({ mean: 1 }).warnings[0]).toMatch(/not centred.*subtract the mean/);
    expect(warningsOf({ law: 'student-t3', samples: 400 }).warnings.join()).toMatch(/heavy-tailed.*scale each input/);
    expect(warningsOf({ samples: 20 }).warnings.join()).toMatch(/n = 20 is small for d = 40/);
    expect(warningsOf({}, 30).warnings).toEqual([expect.stringMatching(/m = 30 is below d = 40/)]);
    expect(warningsOf({}, 1000, 2).warnings[0]).toMatch(/multiply them by 0\.[45]/);
    const { inputs } = drawProblem(smallInstance({ inputDimension: 40, samples: 200 }));
    const spiked = { ...inputs, data: inputs.data.map((value, k) => (k % 40 === 0 ? 5 * value : 0.6 * value)) };
    expect(examineData(spiked, 1000).warnings.join()).toMatch(/dominant spike/);
    // A factor and a shift change what is said of them, and nothing else.
    const others = (scale: number, shift: number) => {
      const data = spiked.data.map((entry) => scale * entry + shift);
      const { warnings } = examineData({ ...spiked, data }, 1000);
      return warnings.filter((warning) => !/mean ‖x‖²|not centred/.test(warning));
    };
    expect(others(10, 0)).toEqual(others(1, 0));
    expect(others(1, 5)).toEqual(others(1, 0));
  });
});
