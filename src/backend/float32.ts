import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { activation } from '../math/activation.js';
import type { MarginLoss } from '../math/margin-loss.js';
import type { Matrix32 } from '../math/matrix.js';
import { openKernels, type Stack, upTo } from '../support/wasm.js';

/** What src/assembly/float32 exports; addresses are those of the stack. */
export interface Functions {
  neuronScratch(n: number, d: number, h: number): number;
  neuronSteps(
    ...of: [
      ...network: [n: number, d: number, h: number, x: number, labels: number, signs: number, loss: number, logScale: number],
      ...state: [start: number, u: number, masks: number, norms: number, lastChange: number],
      ...what: [count: number, steps: number, mostEvents: number, scratch: number],
    ]
  ): number;
  flowScratch(depth: number, sizes: number, samples: number): number;
  flowSteps(
    ...of: [
      ...network: [relu: boolean, samples: number, depth: number, sizes: number, inputs: number, labels: number, layers: number],
      ...what: [count: number, coefficients: number, scratch: number],
    ]
  ): void;
  activated(
    ...of: [
      ...what: [activation: number, negativeSlope: number, derivative: boolean, together: boolean],
      ...numbers: [z: number, count: number, out: number],
    ]
  ): void;
  matmul(...of: [a: number, b: number, p: number, q: number, k: number, c: number]): void;
  twoLayerKernelScratch(n: number, d: number, m: number): number;
  twoLayerKernel(
    ...of: [
      ...network: [x: number, w: number, v: number, n: number, d: number, m: number, activation: number, negativeSlope: number],
      ...what: [first: boolean, second: boolean, out: number, scratch: number],
    ]
  ): void;
  twoLayerScratch(n: number, d: number, m: number): number;
  twoLayerOutputs(
    ...of: [
      ...network: [x: number, w: number, v: number, n: number, d: number, m: number, activation: number, negativeSlope: number],
      ...what: [outputs: number, scratch: number],
    ]
  ): void;
  twoLayerDescent(
    ...of: [
      ...data: [steps: number, x: number, labels: number],
      ...network: [w: number, v: number, n: number, d: number, m: number, activation: number, negativeSlope: number],
      ...what: [loss: number, first: number, second: number, scratch: number],
    ]
  ): void;
}

export type Float32Stack = Stack<'float32'>;

/** Room beyond a matrix that is read by blocks of four rows. */
export const SLACK = 4;

/** Columns of a right factor are taken by as many. */
export const PANEL = 8;

const float32 = openKernels<Functions, 'float32'>('float32');

/** The activations that src/assembly/float32/activations.ts knows by their place; those after them are piecewise linear. */
const numbered = ['erf', 'tanh', 'sigmoid', 'softplus', 'gelu'];

/** An activation as the kernels take it. */
export function numberOf(name: string): readonly [activation: number, negativeSlope: number] {
  const { negativeSlope } = activation(name);
  return negativeSlope === null ? [numbered.indexOf(name), 0] : [numbered.length, negativeSlope];
}

/** Losses as the kernels take them. */
export const lossNumbers: Readonly<Record<MarginLoss | 'square', number>> = { square: 0, exponential: 1, logistic: 2 };

/** A tensor's numbers and shape. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A tensor of two axes as a matrix. */
export function asMatrix({ shape, data }: Numbers): Matrix32 {
  return { rows: shape[0]!, columns: shape[1]!, data };
}

/** A computation on named tensors that the WASM backend does at once, in float32. */
export type Fused<I extends string, A> = (
  inputs: Readonly<Record<I, Numbers>>,
  attributes: A,
  functions: Functions,
  stack: Float32Stack,
) => readonly Numbers[];

let operationsAlone = false;

/** The computation by operations of tfjs alone, also on the WASM backend. One at a time per process. */
export async function byOperations<T>(compute: () => Promise<T>): Promise<T> {
  operationsAlone = true;
  try {
    return await compute();
  } finally {
    operationsAlone = false;
  }
}

/**
 * Registers the computation as a kernel of the WASM backend, and gives the function that runs it: null on any other backend, where the caller takes operations of tfjs. One computation
 * in two ways, which the laws compare.
 */
export function fused<I extends string, A extends object>(
  name: string,
  compute: Fused<I, A>,
): (inputs: Readonly<Record<I, tf.Tensor>>, attributes: A) => tf.Tensor[] | null {
  const kernelName = `Earlytime${name}`;
  tf.registerKernel({
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const wasm = backend as unknown as BackendWasm;
      const given = Object.fromEntries(
        Object.entries(inputs).map(([key, tensor]) => [
          key,
          { shape: tensor!.shape, data: wasm.typedArrayFromHeap(tensor!) as Float32Array },
        ]),
      ) as unknown as Record<I, Numbers>;
      return float32.run((functions, stack) =>
        compute(given, attrs as unknown as A, functions, stack).map(({ shape, data }) => {
          const result = wasm.makeOutput([...shape], 'float32');
          (wasm.typedArrayFromHeap(result) as Float32Array).set(data);
          return result;
        }),
      );
    },
  });
  return (inputs, attributes) =>
    operationsAlone || tf.getKernel(kernelName, tf.getBackend()) === undefined
      ? null
      : tf.engine().runKernel<tf.Tensor[]>(kernelName, { ...inputs }, { ...attributes } as unknown as tf.NamedAttrMap);
}

/** Those kernels' own product and activations, which a probe measures beside those of tfjs. */
export const fusedMatmul = fused<'a' | 'b', object>('Matmul', ({ a, b }, _, { matmul }, stack) => {
  const [left, right] = [asMatrix(a), asMatrix(b)];
  const columns = upTo(PANEL, right.columns);
  const out = stack.room((left.rows + SLACK) * columns);
  const from = stack.put(left.data, (left.rows + SLACK) * left.columns);
  matmul(from, stack.putPadded(right, PANEL), left.rows, columns, right.rows, out);
  const shape = [left.rows, right.columns] as const;
  return [{ shape, data: stack.readPadded(out, ...shape, PANEL) }];
});

/** φ or φ', computed alone or together with the other. */
export const fusedActivation = fused<'z', { activation: string; derivative: boolean; together: boolean }>(
  'Activation',
  ({ z }, { activation: name, derivative, together }, { activated }, stack) => {
    const count = z.data.length;
    const out = stack.room(count + SLACK);
    activated(...numberOf(name), derivative, together, stack.put(z.data, count + SLACK), count, out);
    return [{ shape: z.shape, data: stack.view(out, count) }];
  },
);
