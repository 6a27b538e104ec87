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
import type { TwoLayerModel } from '../models/two-layer/model.js';
import type { TwoLayerProblem } from '../models/two-layer/problem.js';
import {
  forward,
  type TwoLayerTensors,
  tangentKernel,
  tangentKernelByJacobian,
  tangentKernelProduct,
  trajectory,
  uploadNetwork,
} from '../models/two-layer/tensors.js';
import { MeasurementError } from '../support/errors.js';

/** Our own implementation on a tfjs backend. Every call frees what it allocated, also when it fails. */
export function builtInSubject(backend: Backend): BuiltInSubject {
  const { name, device, roundoff, activationError } = backend;

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

  /** The n×n or n×1 result of a computation on the uploaded network and inputs. */
  const onNetwork = (
    problem: TwoLayerProblem,
    inputs: DenseMatrix,
    what: string,
    compute: (network: TwoLayerTensors, inputs: tf.Tensor2D) => tf.Tensor2D | Promise<tf.Tensor2D>,
  ): Promise<Matrix32> =>
    scoped(async () => {
      const tensor = tf.tensor2d(Float32Array.from(inputs.data), [inputs.rows, inputs.columns]);
      const result = await compute(uploadNetwork(problem), tensor);
      return { rows: result.shape[0], columns: result.shape[1], data: await read(result, what) };
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
    tangentKernel: (problem, layers) =>
      onNetwork(problem, problem.inputs, 'a tangent kernel', (network, inputs) => tangentKernel(network, inputs, layers)),
    tangentKernelByOperations: (problem, layers) => byOperations(() => twoLayer.tangentKernel(problem, layers)),
    trainByOperations: (problem, steps, record) => byOperations(() => twoLayer.train(problem, steps, record)),
    tangentKernelByJacobian: (problem, layers) =>
      onNetwork(problem, problem.inputs, 'a Jacobian Gram matrix', (network, inputs) =>
        tangentKernelByJacobian(network, inputs, layers),
      ),
    tangentKernelProduct: async (problem, layers, vector) => {
      const product = await onNetwork(problem, problem.inputs, 'a kernel–vector product', (network, inputs) =>
        tangentKernelProduct(network, inputs, layers, tf.tensor2d(vector, [vector.length, 1])),
      );
      return product.data;
    },
    predict: async (problem, inputs) => (await onNetwork(problem, inputs, 'outputs', forward)).data,
    train: (problem, steps, record) =>
      scoped(async () => {
        const { firstLayer, secondLayer, ...recorded } = trajectory(problem, steps, record);
        return {
          ...(await readTrajectory(recorded)),
          firstLayer: await read(firstLayer, 'trained weights'),
          secondLayer: await read(secondLayer, 'trained weights'),
        };
      }),
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
