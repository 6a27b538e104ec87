import { describe, expect, it } from 'vitest';
import { instanceAt } from '../src/claim/claim.js';
import type { DenseMatrix } from '../src/math/matrix.js';
import { type ComparedSubject, checkedLayeredKernel, checkedTangentKernel, checkedTrajectory } from '../src/models/checked.js';
import type { Vector } from '../src/models/implementation.js';
import type { DeepInstance } from '../src/models/layered/instances.js';
import { drawDeepProblem } from '../src/models/layered/problem.js';
import { drawNeuronProblem, type NeuronInstance } from '../src/models/relu-neurons/instances.js';
import type { NeuronImplementation } from '../src/models/relu-neurons/model.js';
import { checkedNeurons } from '../src/models/relu-neurons/roundoff.js';
import type { TwoLayerInstance } from '../src/models/two-layer/instances.js';
import { drawProblem } from '../src/models/two-layer/problem.js';
import { DisagreementError, InapplicableError } from '../src/support/errors.js';
import { openSubject } from '../src/testing/subjects.js';
import { deepKernelFinite } from './hu2020/deep-kernel-finite.js';
import { firstLayerKernel, secondLayerKernel } from './hu2020/kernel.js';
import { rungOf } from './hu2020/lib/ladder.js';
import { layersOf } from './hu2020/lib/layers.js';
import { comparedSteps, horizon } from './hu2020/lib/training-gap.js';
import { bothLayersTraining, firstLayerTraining, secondLayerTraining } from './hu2020/training.js';
import { neuronFlowOf } from './lib/flows.js';
import { alignmentTime } from './min2024/alignment.js';

/** Factor of entry (i, j) of a kernel of n inputs. */
type Fault = (i: number, j: number, n: number) => number;

const faults: readonly (readonly [name: string, fault: Fault])[] = [
  ['the leading 8×8 off-diagonals × 1.5', (i, j) => (i < 8 && j < 8 && i !== j ? 1.5 : 1)],
  ['one pair of entries × 2', (i, j) => (Math.min(i, j) === 5 && Math.max(i, j) === 41 ? 2 : 1)],
  ['rows from 64 on × (1 + 10⁻⁴)', (i) => (i >= 64 ? 1 + 1e-4 : 1)],
  ['the last row and column × 1.01', (i, j, n) => (i === n - 1 || j === n - 1 ? 1.01 : 1)],
];

const right = (await openSubject('wasm'))!;

function withFault(fault: Fault): ComparedSubject {
  const faulty = ({ rows: n, columns, data }: DenseMatrix) => ({
    rows: n,
    columns,
    data: Float32Array.from(data, (entry, k) => entry * fault(Math.floor(k / n), k % n, n)),
  });
  const { twoLayer, layered } = right;
  return {
    ...right,
    activationError: (name) => right.activationError(name),
    twoLayer: {
      ...twoLayer!,
      tangentKernel: async (problem, layers) => faulty(await twoLayer!.tangentKernel!(problem, layers)),
    },
    layered: { ...layered!, tangentKernel: async (problem) => faulty(await layered!.tangentKernel!(problem)) },
  };
}

/** Of these checks, how many refuse. */
async function refusals(checks: readonly (() => Promise<unknown>)[]): Promise<number> {
  let refused = 0;
  for (const check of checks) {
    await check().catch((cause) => {
      expect(cause).toBeInstanceOf(DisagreementError);
      refused++;
    });
  }
  return refused;
}

/** Cases of a run of the quick profile. */
const CASES = 32;

describe.each([
  ['first', firstLayerKernel],
  ['second', secondLayerKernel],
] as const)('a wrong kernel of the %s layer', (layer, claim) => {
  const problems = Array.from({ length: CASES }, (_, index) =>
    drawProblem(instanceAt(claim.variants[0], 7, String(index)) as TwoLayerInstance),
  );
  const caught = (subject: ComparedSubject) =>
    refusals(problems.map((problem) => () => checkedTangentKernel(problem, layer, subject)));

  it.each(faults)('is caught: %s', async (name, fault) => {
    const refused = await caught(withFault(fault));
    console.info(`${layer} layer, ${name}: seen in ${refused} of ${CASES} cases`);
    expect(refused).toBeGreaterThan(0);
  });

  it('is not seen where there is none', async () => {
    expect(await caught(withFault(() => 1))).toBe(0);
  });
});

/** The ladder of hu2020/deep-kernel-finite, a rung a case. */
describe('a wrong kernel of a deep network', () => {
  const problems = Array.from({ length: CASES }, (_, index) => {
    const instance = instanceAt(deepKernelFinite.variants[0], 7, String(index)) as DeepInstance;
    const sizes = { inputDimension: 24, samples: 96, width: [64, 128, 256, 512][index % 4]!, alpha: 0.1 };
    return drawDeepProblem(rungOf({ ...instance, ...sizes }));
  });
  const caught = (subject: ComparedSubject) => refusals(problems.map((problem) => () => checkedLayeredKernel(problem, subject)));

  it.each(faults)('is caught: %s', async (name, fault) => {
    const refused = await caught(withFault(fault));
    console.info(`deep, ${name}: seen in ${refused} of ${CASES} cases`);
    expect(refused).toBeGreaterThan(0);
  });

  it('is not seen where there is none', async () => {
    expect(await caught(withFault(() => 1))).toBe(0);
  });
});

describe('a wrong trajectory', () => {
  const trained = [
    ['first', firstLayerTraining],
    ['second', secondLayerTraining],
    ['both', bothLayersTraining],
  ] as const;

  /** A subject whose outputs are this many times as large, from a step on. */
  function scaledFrom(first: number, factor: number): ComparedSubject {
    const { twoLayer } = right;
    return {
      ...right,
      activationError: (name) => right.activationError(name),
      twoLayer: {
        ...twoLayer!,
        train: async (problem, steps, record) => {
          const { outputs, freshOutputs } = await twoLayer!.train!(problem, steps, record);
          const wrong = (of: readonly Vector[]) =>
            of.map((values, k) => (record[k]! < first ? values : Float32Array.from(values, (f) => f * factor)));
          return { outputs: wrong(outputs), freshOutputs: wrong(freshOutputs) };
        },
      },
    };
  }

  it.each(trained)('is caught, %s: outputs × (1 + 10⁻⁴), and of the late steps × 1.01', async (layers, claim) => {
    const checks = (subject: ComparedSubject, count: number) =>
      Array.from({ length: count }, (_, index) => () => {
        const instance = instanceAt(claim.variants[0], 7, String(index)) as TwoLayerInstance;
        const record = comparedSteps(horizon(instance));
        const weights = layersOf[layers].weightsOf(instance);
        const step = instance.relativeStep * instance.inputDimension;
        const steps = { first: weights.first * step, second: weights.second * step };
        return checkedTrajectory(drawProblem(instance, 32), steps, record, subject);
      });
    const slightly = await refusals(checks(scaledFrom(0, 1 + 1e-4), CASES));
    const late = await refusals(checks(scaledFrom(20, 1.01), CASES / 4));
    console.info(
      `${layers} trained: outputs × (1 + 10⁻⁴) seen in ${slightly} of ${CASES} cases, late steps × 1.01 in ${late} of ${CASES / 4}`,
    );
    expect(slightly).toBeGreaterThan(0);
    expect(late).toBeGreaterThan(0);
    expect(await refusals(checks(scaledFrom(0, 1), CASES / 4))).toBe(0);
  });
});

describe('wrong times of neurons', () => {
  const problems = Array.from({ length: CASES }, (_, index) =>
    drawNeuronProblem(instanceAt(alignmentTime.variants[0], 7, String(index)) as NeuronInstance),
  );

  /** The times at which patterns change, all of them later by this factor. */
  const late = (factor: number): NeuronImplementation => ({
    ...right,
    activationError: (name) => right.activationError(name),
    neurons: {
      integrate: async (problem, steps, record) => {
        const states = await right.neurons!.integrate!(problem, steps, record);
        return states.map((state) => ({ ...state, lastChange: state.lastChange.map((time) => factor * time) }));
      },
    },
  });
  const caught = (factor: number) =>
    refusals(
      problems.map((problem) => () => {
        const flow = neuronFlowOf(problem);
        return checkedNeurons(problem, flow, [flow.steps.length], late(factor)).catch((cause) => {
          if (!(cause instanceof InapplicableError)) throw cause;
        });
      }),
    );

  it('are caught: × (1 + 10⁻⁴)', async () => {
    const refused = await caught(1 + 1e-4);
    console.info(`times of neurons × (1 + 10⁻⁴): seen in ${refused} of ${CASES} cases`);
    expect(refused).toBeGreaterThan(0);
  });

  it('are not seen where there are none', async () => {
    expect(await caught(1)).toBe(0);
  });
});
