import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';
import type { z } from 'zod';
import { MeasurementError } from '../support/errors.js';
import { MAX_LINE, type Request, replyFrame } from './protocol.js';

/** What is kept of a subject's words in an error, in characters. */
const EXCERPT = 600;

/** Text from a subject on one line, without terminal escapes and other control characters, and not too long. */
export function printable(text: string): string {
  const plain = stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ');
  return plain.trim().slice(0, EXCERPT);
}

/** The subject understood the request and declined: it lives on. */
export class DeclinedError extends MeasurementError {}

/** A request without its id. */
export type Message = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never;

/** One life of a subject's process. */
export interface Child {
  /** The result of one request; one at a time. @throws MeasurementError once the process has failed, DeclinedError when it says no. */
  ask(message: Message, id: number): Promise<unknown>;
  /** Ends the process and all that it started. */
  end(): void;
}

/** Starts the program in a process group of its own; a reply takes at most `seconds`. Whatever breaks the protocol ends it. */
export function startChild([file, ...args]: readonly [string, ...string[]], seconds: number): Child {
  let log = '';
  let buffer = '';
  let pending: { id: number; resolve: (result: unknown) => void; reject: (cause: Error) => void } | null = null;
  let failure: Error | null = null;
  const child = execa(file, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    buffer: false,
    reject: false,
    detached: true,
    cleanup: false,
  });
  const end = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  const fail = (problem: string, expected: string, found?: string) => {
    if (failure) return;
    const said = printable(log);
    failure = new MeasurementError({
      problem: `subject '${file}': ${problem}`,
      expected,
      ...(found === undefined ? {} : { found: printable(found) }),
      ...(said === '' ? {} : { hint: `see the end of its log: ${said}` }),
    });
    end();
    pending?.reject(failure);
    pending = null;
  };
  const answer = (line: string) => {
    let frame: z.infer<typeof replyFrame>;
    try {
      frame = replyFrame.parse(JSON.parse(line));
    } catch {
      return fail('its reply is not of the protocol', 'one JSON object {id, ok, result} or {id, ok, error} on a line', line);
    }
    if (!pending) return fail('it spoke without being asked', 'one reply to each request', line);
    if (frame.id !== pending.id)
      return fail('it answers out of order', `a reply to request ${pending.id}`, `one to request ${frame.id}`);
    const { resolve, reject } = pending;
    pending = null;
    if (frame.ok) resolve(frame.result);
    else reject(new DeclinedError({ problem: `subject '${file}' could not answer: ${printable(frame.error)}` }));
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    buffer += text;
    for (let cut = buffer.indexOf('\n'); cut >= 0 && !failure; cut = buffer.indexOf('\n')) {
      const line = buffer.slice(0, cut);
      buffer = buffer.slice(cut + 1);
      if (line.trim() !== '') answer(line);
    }
    if (buffer.length > MAX_LINE)
      fail('its reply is too long', `at most ${MAX_LINE} characters a line`, `${buffer.length} without an end`);
    if (failure) buffer = '';
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-EXCERPT);
  });
  // The pipe of a dead process.
  child.stdin.on('error', () => {});
  child.then((result) => {
    const how =
      result.exitCode === undefined ? (result.signal ?? result.shortMessage ?? 'no exit code') : `exit code ${result.exitCode}`;
    if (result.exitCode === undefined && (result as { code?: string }).code === 'ENOENT') {
      fail('there is no such program', 'the path of a program, or a name on the PATH', 'ENOENT');
      return;
    }
    fail(
      buffer === '' ? 'it ended' : 'it ended in the middle of a reply',
      'a process that answers until its stdin ends',
      buffer === '' ? how : `${how} after ${buffer}`,
    );
  });
  return {
    end: () => {
      child.stdin.end();
      end();
    },
    ask: (message, id) =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        const limit = setTimeout(
          () => fail(`no answer to '${message.method}' within ${seconds} s`, 'a reply in time', 'silence'),
          seconds * 1000,
        );
        const settled =
          <T>(then: (value: T) => void) =>
          (value: T) => {
            clearTimeout(limit);
            then(value);
          };
        pending = { id, resolve: settled(resolve), reject: settled(reject) };
        child.stdin.write(`${JSON.stringify({ id, ...message })}\n`);
      }),
  };
}
