import { lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import type { Vector } from '../models/implementation.js';
import { MeasurementError, messageOf } from '../support/errors.js';
import { encodeNpy, type NpyArray, readNpy } from '../support/npy.js';
import { type Child, DeclinedError, type Message, printable, startChild } from './child-process.js';
import type { Command } from './command.js';
import { type Hello, helloResult, PROTOCOL } from './protocol.js';

/** Deaths, silences and broken replies after which a program is not started again. */
const MOST_FAILURES = 3;
/** Bytes of a .npy header at most. */
const MAX_HEADER = 4096;

/** One request with its files. */
export interface Turn {
  /** Writes an array for the program and returns its name. */
  put(name: string, array: NpyArray): string;
  /** Sends the request and checks the form of its result. @throws MeasurementError */
  ask<T>(message: Message, result: z.ZodType<T>): Promise<T>;
  /** The array of that shape that the program wrote. @throws MeasurementError */
  take(file: string, shape: readonly number[]): Vector;
}

/** A program with which requests and arrays are exchanged. */
export interface Exchange {
  readonly hello: Hello;
  /** Takes one turn after those before it. What breaks the protocol ends the program, which is started again for the next turn, three times in all. */
  turn<T>(act: (turn: Turn) => Promise<T>): Promise<T>;
  /** Ends the program and all that it started, and removes its directory. */
  close(): void;
}

/** @throws MeasurementError when the program does not start, or does not say who it is. */
export async function openExchange(command: Command, seconds: number): Promise<Exchange> {
  const directory = mkdtempSync(join(tmpdir(), 'earlytime-subject-'));
  let child: Child | null = null;
  let failures = 0;
  let lastFailure: unknown;
  let next = 0;
  let queue: Promise<unknown> = Promise.resolve();
  const start = async (): Promise<Hello> => {
    if (failures >= MOST_FAILURES) throw lastFailure;
    child = startChild(command, seconds);
    const result = await child.ask({ method: 'hello', protocol: PROTOCOL, directory }, next++);
    return formed(command, helloResult, result, 'hello');
  };
  const close = () => {
    child?.end();
    rmSync(directory, { recursive: true, force: true });
    process.off('exit', close);
  };
  process.on('exit', close);

  const taken = async <T>(act: (turn: Turn) => Promise<T>): Promise<T> => {
    const id = next++;
    try {
      if (!child) await start();
      const answering = child!;
      return await act({
        put: (name, array) => {
          const file = `${id}-${name}.npy`;
          writeFileSync(join(directory, file), encodeNpy(array));
          return file;
        },
        ask: async (message, result) => formed(command, result, await answering.ask(message, id), message.method),
        take: (file, shape) => arrayIn(directory, file, shape, command),
      });
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
  };

  try {
    const hello = await start();
    return {
      hello,
      turn: (act) => {
        const result = queue.then(() => taken(act));
        queue = result.catch(() => {});
        return result;
      },
      close,
    };
  } catch (cause) {
    close();
    throw cause;
  }
}

function unfit([program]: Command, problem: string, expected: string, found: string): MeasurementError {
  return new MeasurementError({ problem: `subject '${program}': ${problem}`, expected, found: printable(found) });
}

function formed<T>(command: Command, schema: z.ZodType<T>, result: unknown, method: string): T {
  const checked = schema.safeParse(result);
  if (checked.success) return checked.data;
  const expected = messageOf(checked.error).replace(/\s+/g, ' ');
  throw unfit(command, `its reply to '${method}' is not of the protocol`, expected, JSON.stringify(result));
}

function arrayIn(directory: string, file: string, shape: readonly number[], command: Command): Vector {
  const path = join(directory, file);
  const size = shape.reduce((product, length) => product * length, 1) * Float64Array.BYTES_PER_ELEMENT;
  const expected = `an array of shape (${shape.join(', ')})`;
  let found: NpyArray;
  try {
    const status = lstatSync(path);
    if (!status.isFile() || status.size > size + MAX_HEADER) throw new Error(`${status.size} bytes`);
    found = readNpy(path);
  } catch (cause) {
    const [first = '', ...more] = messageOf(cause).replaceAll(`${directory}/`, '').split('\n');
    const found = more
      .find((line) => line.trimStart().startsWith('found: '))
      ?.trim()
      .slice('found: '.length);
    const what = first.replace(`'${file}' `, '');
    throw unfit(
      command,
      `the file '${file}' of its reply cannot be used: ${what}`,
      `${expected} of finite numbers`,
      found ?? what,
    );
  }
  if (found.shape.join() === shape.join()) return found.data;
  throw unfit(command, `the file '${file}' of its reply has another shape`, expected, `shape (${found.shape.join(', ')})`);
}
