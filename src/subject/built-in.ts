import * as tf from '@tensorflow/tfjs-core';
import type { Backend } from '../backend/backend.js';
import { byOperations } from '../backend/float32.js';
import type { DenseMatrix, Matrix32 } from '../math/matrix.js';
import type { FlowModel } from '../models/gradient-flow/model.js';
import { flowKernel, flowKernelByJacobian, flowStates } from '../models/gradient-flow/tensors.js';
import type { Implementation, Trajectory } from '../models/implementation.js';
import type { LayeredModel } from '../models/layered/model.js';
import { layeredTangentKernel, layeredTrajectory } from '../models/layered/tensors.js';
import type { NeuronModel } from '../models/relu-neurons/model.js';
import { neuronTrajectory } from '../models/relu-neurons/tensors.js';
import type { TrainedLayers, TwoLayerModel } from '../models/two-layer/model.js';
import type { TwoLayerProblem } from '../models/two-layer/problem.js';
import {
  forward,
  type TwoLayerTensors,
  tangentKernel,
  tangentKernelBetween,
  tangentKernelByJacobian,
  tangentKernelProduct,
  trajectory,
  uploadNetwork,
} from '../models/two-layer/tensors.js';
import { MeasurementError } from '../support/errors.js';

/** Inputs whose kernel, or activations, are computed at once; larger ones in blocks of as many. */
const BLOCK = 4096;

/** Our own implementation on a tfjs backend. Every call frees what it allocated, also when it fails. */
export function builtInSubject(backend: Backend, block = BLOCK): BuiltInSubject {
  const { name, device, largestTensor, roundoff, activationError } = backend;

  const read = async (tensor: tf.Tensor, what: string): Promise<Float32Array> => {
    const values = await backend.read(tensor);
    const bad = firstNotFinite(values);
    if (bad >= 0) {
      throw new MeasurementError({
        problem: `backend '${name}' returned a number that is not finite in ${what}`,
        expected: 'finite numbers',
        found: `${values[bad]} at position ${bad} of ${values.length}`,
        hint: 'replay the case; a step size beyond the stable range diverges',
      });
    }
    return values;
  };

  /** @throws MeasurementError where a matrix that has to be one tensor is larger than the device allows. */
  const refuseLarger = (what: string, rows: number, columns: number, hint: string) => {
    if (rows * columns <= largestTensor) return;
    throw new MeasurementError({
      problem: `${what}, ${rows}×${columns}, does not fit into one buffer of the device of backend '${name}'`,
      expected: `at most ${largestTensor} numbers`,
      found: String(rows * columns),
      hint,
    });
  };

  /** The inputs on the device in blocks that keep every matrix of one block within its limits. */
  const uploadBlocks = ({ secondLayer: { length: m } }: TwoLayerProblem, { rows, columns, data }: DenseMatrix): tf.Tensor2D[] => {
    refuseLarger('the first layer', m, columns, 'take fewer units');
    const most = Math.max(1, Math.min(block, Math.floor(largestTensor / Math.max(block, m, columns))));
    return blocksOf(rows, most).map(([from, to]) =>
      tf.tensor2d(Float32Array.from(data.subarray(from * columns, to * columns)), [to - from, columns]),
    );
  };

  /** The result of a computation on the uploaded network and inputs. */
  const onNetwork = (
    problem: TwoLayerProblem,
    inputs: DenseMatrix,
    what: string,
    compute: (network: TwoLayerTensors, blocks: readonly tf.Tensor2D[]) => tf.Tensor2D | Promise<tf.Tensor2D>,
  ): Promise<Matrix32> =>
    scoped(async () => {
      const blocks = uploadBlocks(problem, inputs);
      const result = await compute(uploadNetwork(problem), blocks);
      return { rows: result.shape[0], columns: result.shape[1], data: await read(result, what) };
    });

  /** Θ from its blocks on and below the diagonal, of which one is computed while the last is read. */
  const kernelInBlocks = (problem: TwoLayerProblem, layers: TrainedLayers): Promise<Matrix32> =>
    scoped(async () => {
      const { rows: n } = problem.inputs;
      const blocks = uploadBlocks(problem, problem.inputs);
      const network = uploadNetwork(problem);
      const data = numbersOf(n);
      let reading: Promise<void> = Promise.resolve();
      for (const [i, some] of blocks.entries()) {
        for (const [j, others] of blocks.slice(0, i + 1).entries()) {
          const part = i === j ? tangentKernel(network, some, layers) : tangentKernelBetween(network, some, others, layers);
          const values = read(part, 'a tangent kernel');
          // Where both fail, the first one says why.
          values.catch(() => {});
          await reading;
          reading = values.then((entries) => {
            part.dispose();
            mirrored(data, n, entries, i * blocks[0]!.shape[0], j * blocks[0]!.shape[0], others.shape[0]);
          });
        }
      }
      await reading;
      return { rows: n, columns: n, data };
    });

  const readAll = (tensors: readonly tf.Tensor2D[]) => Promise.all(tensors.map((tensor) => read(tensor, 'outputs in training')));
  const readTrajectory = async ({ outputs, freshOutputs }: Trajectory<tf.Tensor2D>) => ({
    outputs: await readAll(outputs),
    freshOutputs: await readAll(freshOutputs),
  });

  const square = async (kernel: tf.Tensor2D): Promise<Matrix32> => ({
    rows: kernel.shape[0],
    columns: kernel.shape[1],
    data: await read(kernel, 'a tangent kernel'),
  });

  const twoLayer: Required<TwoLayerModel> = {
    tangentKernel: kernelInBlocks,
    tangentKernelByOperations: (problem, layers) => byOperations(() => twoLayer.tangentKernel(problem, layers)),
    trainByOperations: (problem, steps, record) => byOperations(() => twoLayer.train(problem, steps, record)),
    tangentKernelByJacobian: (problem, layers) =>
      onNetwork(problem, problem.inputs, 'a Jacobian Gram matrix', (network, blocks) =>
        tangentKernelByJacobian(network, tf.concat([...blocks]), layers),
      ),
    tangentKernelProduct: async (problem, layers, vector) => {
      const product = await onNetwork(problem, problem.inputs, 'a kernel–vector product', (network, blocks) => {
        const sizes = blocks.map(({ shape }) => shape[0]);
        const vectors = tf.split(tf.tensor2d(vector, [vector.length, 1]), sizes);
        return tangentKernelProduct(
          network,
          blocks.map((inputs, k) => ({ inputs, vector: vectors[k] as tf.Tensor2D })),
          layers,
        );
      });
      return product.data;
    },
    predict: async (problem, inputs) => {
      const outputs = await onNetwork(problem, inputs, 'outputs', (network, blocks) =>
        tf.concat(blocks.map((some) => forward(network, some))),
      );
      return outputs.data;
    },
    train: async (problem, steps, record) => {
      refuseLarger('the hidden layer', problem.inputs.rows, problem.secondLayer.length, 'take fewer inputs or units');
      const outputs: Float32Array[] = [];
      const freshOutputs: Float32Array[] = [];
      let at = problem;
      for (const leg of legsOf(record)) {
        const trained = await scoped(async () => {
          const { firstLayer, secondLayer, ...recorded } = trajectory(at, steps, leg.steps);
          return {
            ...(await readTrajectory(recorded)),
            firstLayer: await read(firstLayer, 'trained weights'),
            secondLayer: await read(secondLayer, 'trained weights'),
          };
        });
        outputs.push(...trained.outputs.slice(0, leg.recorded));
        freshOutputs.push(...trained.freshOutputs.slice(0, leg.recorded));
        at = { ...at, firstLayer: { ...at.firstLayer, data: trained.firstLayer }, secondLayer: trained.secondLayer };
      }
      return { outputs, freshOutputs, firstLayer: at.firstLayer.data, secondLayer: at.secondLayer };
    },
  };
  const layered: Required<LayeredModel> = {
    tangentKernel: (problem) =>
      scoped(async () => {
        const n = problem.inputs.rows;
        return { rows: n, columns: n, data: await read(layeredTangentKernel(problem), 'a tangent kernel') };
      }),
    train: (problem, step, record) => scoped(() => readTrajectory(layeredTrajectory(problem, step, record))),
  };
  const flow: Required<FlowModel> = {
    integrate: (problem, steps, record) => scoped(() => flowStates(problem, steps, record, read)),
    integrateByOperations: (problem, steps, record) => byOperations(() => flow.integrate(problem, steps, record)),
    tangentKernel: (problem, weights) => scoped(() => square(flowKernel(problem, weights))),
    tangentKernelByJacobian: (problem, weights) => scoped(async () => square(await flowKernelByJacobian(problem, weights))),
  };
  const neurons: Required<NeuronModel> = {
    integrate: (problem, steps, record) => scoped(() => neuronTrajectory(problem, steps, record, read)),
    integrateByOperations: (problem, steps, record) => byOperations(() => neurons.integrate(problem, steps, record)),
  };
  return { name: 'earlytime', backend: name, device, roundoff, activationError, twoLayer, layered, flow, neurons };
}

/** Steps of training after which a device is waited for: the commands of thousands exhaust it. */
const STEPS_AT_ONCE = 512;

/** Steps to record in parts of at most so many: each ends where the next begins, and is wanted at the first `recorded` of its steps. */
export function legsOf(record: readonly number[]): { readonly steps: number[]; readonly recorded: number }[] {
  const last = record.at(-1)!;
  const count = Math.max(1, Math.ceil(last / STEPS_AT_ONCE));
  return Array.from({ length: count }, (_, k) => {
    const [from, to] = [k * STEPS_AT_ONCE, Math.min(last, (k + 1) * STEPS_AT_ONCE)];
    const own = record.filter((step) => step <= to && (step > from || k === 0)).map((step) => step - from);
    return { steps: own.at(-1) === to - from ? own : [...own, to - from], recorded: own.length };
  });
}

/** First and last + 1 of the blocks of that many. */
function blocksOf(count: number, most: number): (readonly [from: number, to: number])[] {
  return Array.from({ length: Math.ceil(count / most) }, (_, k) => [k * most, Math.min(count, (k + 1) * most)] as const);
}

/** Room for an n×n matrix. @throws MeasurementError where there is none. */
function numbersOf(n: number): Float32Array {
  try {
    return new Float32Array(n * n);
  } catch {
    throw new MeasurementError({
      problem: `the kernel of ${n} inputs does not fit into memory`,
      expected: `${((n * n) / 2 ** 28).toFixed(1)} GiB`,
      hint: 'take fewer inputs, or ask for products with vectors, which need no n×n matrix',
    });
  }
}

const TILE = 32;

/** Writes a block of a symmetric n×n matrix that begins at row and column, and its mirror image, in tiles that stay in cache. */
function mirrored(data: Float32Array, n: number, block: Float32Array, row: number, column: number, columns: number): void {
  const rows = block.length / columns;
  for (let k = 0; k < rows; k++) data.set(block.subarray(k * columns, (k + 1) * columns), (row + k) * n + column);
  if (row === column) return;
  for (let top = 0; top < rows; top += TILE) {
    for (let l = 0; l < columns; l++) {
      for (let k = top; k < Math.min(rows, top + TILE); k++) data[(column + l) * n + row + k] = block[k * columns + l]!;
    }
  }
}

/** Where the first number is that is not finite; −1 where all are. */
function firstNotFinite(values: Float32Array): number {
  let finite = 0;
  for (let k = 0; k < values.length; k++) finite += values[k]! * 0;
  return finite === 0 ? -1 : values.findIndex((value) => !Number.isFinite(value));
}

/** Our own implementation offers everything. */
export interface BuiltInSubject extends Implementation {
  readonly twoLayer: Required<TwoLayerModel>;
  readonly layered: Required<LayeredModel>;
  readonly flow: Required<FlowModel>;
  readonly neurons: Required<NeuronModel>;
}

/** Runs an asynchronous computation and disposes of every tensor that it made. One at a time per process. */
async function scoped<T>(compute: () => Promise<T>): Promise<T> {
  tf.engine().startScope();
  try {
    return await compute();
  } finally {
    tf.engine().endScope();
  }
}
