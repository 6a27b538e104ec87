import { lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import { InapplicableError, MeasurementError, MissingCapabilityError, messageOf } from '../errors.js';
import type { DenseMatrix } from '../matrix.js';
import { encodeNpy, type NpyArray, readNpy } from '../npy.js';
import type { Problem } from '../problem.js';
import { type Child, DeclinedError, type Message, printable, startChild } from './child.js';
import {
  type Hello,
  helloResult,
  kernelResult,
  PROTOCOL,
  type ProtocolCapability,
  predictResult,
  trainResult,
} from './protocol.js';
import type { Subject, Vector } from './subject.js';

/** An open process subject. */
export interface ProcessSubject {
  readonly subject: Subject;
  /** Ends the process and all that it started, and removes its directory. */
  close(): void;
}

const UNIT_ROUNDOFF = { float32: 2 ** -24, float64: 2 ** -53 } as const;
/** Units in the last place, relative to 1 + |z|, that the activations of a subject may err by. */
const ACTIVATION_ULPS = 16;
/** Deaths, silences and broken replies after which a subject is not started again. */
const MOST_FAILURES = 3;
/** Bytes of a .npy header at most. */
const MAX_HEADER = 4096;

/**
 * Starts a program that speaks the protocol (src/subject/protocol.ts) as a subject; its arguments are passed as given, without a shell. Arrays go
 * through a private directory. A reply that is late, garbled or unfit is a MeasurementError and ends the process, which is started again for the next
 * request, three times in all.
 * @throws MeasurementError when it does not start or does not say who it is.
 */
export async function openProcessSubject(command: readonly [string, ...string[]], seconds: number): Promise<ProcessSubject> {
  const directory = mkdtempSync(join(tmpdir(), 'earlytime-subject-'));
  let child: Child | null = null;
  let failures = 0;
  let lastFailure: unknown;
  let next = 0;
  let queue: Promise<unknown> = Promise.resolve();
  const close = () => {
    child?.end();
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', close);

  const started = async (): Promise<Child> => {
    if (child) return child;
    if (failures >= MOST_FAILURES) throw lastFailure;
    child = startChild(command, seconds);
    introduction = parsed(helloResult, await child.ask({ method: 'hello', protocol: PROTOCOL, directory }, next++), 'hello');
    return child;
  };
  let introduction!: Hello;

  /** What a reply must be like; one that is not ends the process. */
  function parsed<T>(schema: z.ZodType<T>, result: unknown, method: string): T {
    const checked = schema.safeParse(result);
    if (checked.success) return checked.data;
    throw unfit(
      `its reply to '${method}' is not of the protocol`,
      messageOf(checked.error).replace(/\s+/g, ' '),
      JSON.stringify(result),
    );
  }
  const unfit = (problem: string, expected: string, found: string) =>
    new MeasurementError({ problem: `subject '${command[0]}': ${problem}`, expected, found: printable(found) });

  /** One request with its files, after those before it. */
  const request = async <T>(
    problem: Problem,
    act: (id: number, ask: (message: Message) => Promise<unknown>) => Promise<T>,
  ): Promise<T> => {
    const known = introduction.activations;
    if (known && !known.some((name) => problem.activation === name || problem.activation.startsWith(`${name}:`))) {
      throw new InapplicableError(`the subject has no activation ${problem.activation}`);
    }
    const result = queue.then(async () => {
      const id = next++;
      try {
        const answering = await started();
        return await act(id, (message) => answering.ask(message, id));
      } catch (cause) {
        if (cause instanceof DeclinedError) throw cause;
        failures++;
        lastFailure = cause;
        child?.end();
        child = null;
        throw cause;
      } finally {
        for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true, force: true });
      }
    });
    queue = result.catch(() => {});
    return result;
  };

  const put = (id: number, name: string, array: NpyArray): string => {
    const file = `${id}-${name}.npy`;
    writeFileSync(join(directory, file), encodeNpy(array));
    return file;
  };
  const putMatrix = (id: number, name: string, { rows, columns, data }: DenseMatrix) =>
    put(id, name, { shape: [rows, columns], data });
  const putProblem = (id: number, { activation, inputs, labels, firstLayer, secondLayer }: Problem) => ({
    activation,
    inputs: putMatrix(id, 'inputs', inputs),
    labels: put(id, 'labels', { shape: [labels.length], data: labels }),
    first_layer: putMatrix(id, 'first_layer', firstLayer),
    second_layer: put(id, 'second_layer', { shape: [secondLayer.length], data: secondLayer }),
  });
  const take = (file: string, shape: readonly number[]): Vector => {
    const path = join(directory, file);
    const size = shape.reduce((product, length) => product * length, 1) * Float64Array.BYTES_PER_ELEMENT;
    const expected = `an array of shape (${shape.join(', ')})`;
    let found: NpyArray;
    try {
      const status = lstatSync(path);
      if (!status.isFile() || status.size > size + MAX_HEADER) throw new Error(`${status.size} bytes`);
      found = readNpy(path);
    } catch (cause) {
      throw unfit(`the file '${file}' of its reply cannot be used`, expected, messageOf(cause).replaceAll(directory, ''));
    }
    if (found.shape.join() !== shape.join())
      throw unfit(`the file '${file}' of its reply has another shape`, expected, `shape (${found.shape.join(', ')})`);
    return found.data;
  };
  const need = (capability: ProtocolCapability, what: string) => {
    if (!introduction.capabilities.includes(capability)) throw new MissingCapabilityError(capability, what);
  };
  const split = (data: Vector, rows: number): Vector[] =>
    Array.from({ length: rows }, (_, k) => data.subarray((k * data.length) / rows, ((k + 1) * data.length) / rows));

  try {
    await started();
  } catch (cause) {
    close();
    throw cause;
  }
  const { dtype, capabilities } = introduction;
  const unit = UNIT_ROUNDOFF[dtype];
  const offers = (capability: ProtocolCapability) => capabilities.includes(capability);

  const subject: Subject = {
    name: `${printable(introduction.name)} ${printable(introduction.version)}`.trim(),
    backend: 'process',
    device: dtype,
    roundoff: { inputs: 0, accumulator: unit },
    activationError: async () => ({ value: ACTIVATION_ULPS * unit, slope: ACTIVATION_ULPS * unit }),
    ...(offers('tangent-kernel') && {
      tangentKernel: (problem, layers) =>
        request(problem, async (id, ask) => {
          const n = problem.inputs.rows;
          const result = await ask({ method: 'tangent-kernel', problem: putProblem(id, problem), layers });
          const { kernel } = parsed(kernelResult, result, 'tangent-kernel');
          return { rows: n, columns: n, data: take(kernel, [n, n]) };
        }),
    }),
    ...(offers('predict') && {
      predict: (problem, inputs) =>
        request(problem, async (id, ask) => {
          const message = { method: 'predict', problem: putProblem(id, problem), at: putMatrix(id, 'at', inputs) } as const;
          return take(parsed(predictResult, await ask(message), 'predict').outputs, [inputs.rows]);
        }),
    }),
    ...(offers('train') && {
      train: async (problem, steps, record) => {
        const { inputs, freshInputs, loss } = problem;
        if (loss !== undefined) throw new MissingCapabilityError('train', `with the ${loss} loss`);
        if (freshInputs.rows > 0) need('fresh-outputs', 'in training');
        if (steps.first !== steps.second && steps.first !== 0 && steps.second !== 0) need('unequal-steps', 'in training');
        const layers = steps.second === 0 ? 'first' : steps.first === 0 ? 'second' : 'both';
        return request(problem, async (id, ask) => {
          const fresh = freshInputs.rows > 0 ? putMatrix(id, 'fresh', freshInputs) : null;
          const message = {
            method: 'train',
            problem: putProblem(id, problem),
            layers,
            step_sizes: steps,
            record,
            fresh,
          } as const;
          const result = parsed(trainResult, await ask(message), 'train');
          if (fresh !== null && result.fresh_outputs === undefined)
            throw unfit("its reply to 'train' lacks fresh_outputs", 'a file', 'none');
          return {
            outputs: split(take(result.outputs, [record.length, inputs.rows]), record.length),
            freshOutputs:
              fresh === null ? [] : split(take(result.fresh_outputs!, [record.length, freshInputs.rows]), record.length),
          };
        });
      },
    }),
  };
  return {
    subject,
    close: () => {
      process.off('exit', close);
      close();
    },
  };
}
