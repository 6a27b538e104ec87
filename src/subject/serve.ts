import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Vector } from '../models/implementation.js';
import { messageOf } from '../support/errors.js';
import { encodeNpy, readNpy } from '../support/npy.js';
import { PROTOCOL, type ProtocolCapability, type Request, requestSchema } from './protocol.js';

/** A two-layer problem as a served subject gets it; matrices are row-major. */
export interface ServedProblem {
  /** n, d and m. */
  readonly samples: number;
  readonly inputDimension: number;
  readonly width: number;
  readonly activation: string;
  /** X, n×d. */
  readonly inputs: Float64Array;
  /** y, n. */
  readonly labels: Float64Array;
  /** W, m×d. */
  readonly firstLayer: Float64Array;
  /** v, m. */
  readonly secondLayer: Float64Array;
}

/** Which layers are trained. */
export type Layers = 'first' | 'second' | 'both';

/** An implementation to be audited. A method left out is a missing capability. */
export interface ServedSubject {
  readonly name: string;
  readonly version: string;
  /** The precision that it computes in. */
  readonly dtype: 'float32' | 'float64';
  /** The activations that it knows; all where left out. */
  readonly activations?: readonly string[];
  /** Θ of the trained layers, n×n. */
  tangentKernel?(problem: ServedProblem, layers: Layers): Vector;
  /** f on inputs n'×d. */
  predict?(problem: ServedProblem, inputs: Float64Array): Vector;
  /** Outputs on the inputs, and on fresh ones n'×d, after each number of steps in `record`, ascending; a layer that is not trained has step size 0. */
  train?(
    problem: ServedProblem,
    steps: { readonly first: number; readonly second: number },
    record: readonly number[],
    fresh: Float64Array,
  ): { readonly outputs: readonly Vector[]; readonly freshOutputs: readonly Vector[] };
  /** The same of neurons on L = Σ ℓ(y f), ℓ(z) = e^{−z} or 2 ln(1 + e^{−z}), with w h×d and v h after the last step. */
  trainNeurons?(
    neurons: ServedNeurons,
    loss: 'exponential' | 'logistic',
    steps: { readonly first: number; readonly second: number },
    record: readonly number[],
    fresh: Float64Array,
  ): {
    readonly outputs: readonly Vector[];
    readonly freshOutputs: readonly Vector[];
    readonly firstLayer: Vector;
    readonly secondLayer: Vector;
  };
}

/** Balanced ReLU neurons f(x) = Σ_j v_j relu(w_j·x), without any factor, as a served subject gets them. */
export type ServedNeurons = Omit<ServedProblem, 'activation'>;

/** Answers requests on stdin until it ends (src/subject/protocol.ts). What the subject prints must go to stderr. */
export function serve(subject: ServedSubject): void {
  let directory = '';
  const lines = createInterface({ input: process.stdin, terminal: false });
  lines.on('line', (line) => {
    const message = JSON.parse(line) as { id: number };
    let reply: object;
    try {
      const request = requestSchema.parse(message);
      if (request.method === 'hello') directory = request.directory;
      reply = { id: message.id, ok: true, result: answer(subject, request, directory) };
    } catch (cause) {
      reply = { id: message.id, ok: false, error: messageOf(cause) };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  });
}

/** The result of one request, whose files are in that directory. */
export function answer(subject: ServedSubject, request: Request, directory: string): object {
  const read = (file: string) => readNpy(join(directory, file));
  const put = (name: string, shape: readonly number[], data: Vector) => {
    const file = `${request.id}-${name}.npy`;
    writeFileSync(join(directory, file), encodeNpy({ shape, data }));
    return file;
  };
  const neuronsOf = ({
    inputs,
    labels,
    first_layer,
    second_layer,
  }: Omit<Extract<Request, { problem: object }>['problem'], 'activation'>): ServedNeurons => {
    const x = read(inputs);
    const [samples, inputDimension] = x.shape as [number, number];
    const second = read(second_layer);
    const wide = (data: Vector) => Float64Array.from(data);
    return {
      samples,
      inputDimension,
      width: second.data.length,
      inputs: wide(x.data),
      labels: wide(read(labels).data),
      firstLayer: wide(read(first_layer).data),
      secondLayer: wide(second.data),
    };
  };
  if (request.method === 'hello') {
    const { name, version, dtype, activations } = subject;
    const capabilities: ProtocolCapability[] = [
      ...(subject.tangentKernel ? (['tangent-kernel'] as const) : []),
      ...(subject.predict ? (['predict'] as const) : []),
      ...(subject.train ? (['train', 'fresh-outputs'] as const) : []),
      ...(subject.trainNeurons ? (['train-neurons'] as const) : []),
      ...(subject.train || subject.trainNeurons ? (['unequal-steps'] as const) : []),
    ];
    const looked_for = ['tangentKernel', 'predict', 'train', 'trainNeurons'] satisfies (keyof ServedSubject)[];
    const common = { protocol: PROTOCOL, name, version, dtype, capabilities, looked_for, attributes: namesOf(subject) };
    return { ...common, ...(activations && { activations }) };
  }
  if (request.method === 'train-neurons') {
    const { loss, step_sizes: steps, record } = request;
    const neurons = neuronsOf(request.problem);
    const { samples: n, inputDimension: d, width: h } = neurons;
    const fresh = read(request.fresh);
    const trained = required(subject.trainNeurons?.(neurons, loss, steps, record, Float64Array.from(fresh.data)));
    return {
      outputs: put('outputs', [record.length, n], joined(trained.outputs)),
      fresh_outputs: put('fresh_outputs', [record.length, fresh.shape[0]!], joined(trained.freshOutputs)),
      first_layer: put('first_layer', [h, d], trained.firstLayer),
      second_layer: put('second_layer', [h], trained.secondLayer),
    };
  }
  const problem = { ...neuronsOf(request.problem), activation: request.problem.activation };
  const n = problem.samples;
  if (request.method === 'tangent-kernel') {
    return { kernel: put('kernel', [n, n], required(subject.tangentKernel?.(problem, request.layers))) };
  }
  if (request.method === 'predict') {
    const at = read(request.at);
    return { outputs: put('outputs', [at.shape[0]!], required(subject.predict?.(problem, Float64Array.from(at.data)))) };
  }
  const { step_sizes: steps, record } = request;
  const fresh = request.fresh === null ? null : read(request.fresh);
  const trained = required(subject.train?.(problem, steps, record, Float64Array.from(fresh?.data ?? [])));
  return {
    outputs: put('outputs', [record.length, n], joined(trained.outputs)),
    ...(fresh && { fresh_outputs: put('fresh_outputs', [record.length, fresh.shape[0]!], joined(trained.freshOutputs)) }),
  };
}

/** Names of an object and of its classes. */
function namesOf(object: object): string[] {
  const names = new Set<string>();
  for (let at: object | null = object; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name);
  }
  return [...names];
}

function required<T>(result: T | undefined): T {
  if (result === undefined) throw new Error('the subject has no such method');
  return result;
}

function joined(rows: readonly Vector[]): Float64Array {
  return Float64Array.from(rows.flatMap((row) => [...row]));
}
