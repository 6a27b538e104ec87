import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { plainSubject } from '../../fixtures/subjects/plain.js';
import { rootMeanSquareDifference } from '../models/checked.js';
import { drawProblem } from '../models/two-layer/problem.js';
import { referenceTwoLayer } from '../models/two-layer/reference.js';
import { InapplicableError } from '../support/errors.js';
import { inProcess } from '../testing/in-process.js';
import { smallInstance } from '../testing/small-problem.js';
import { openProcessSubject, type ProcessSubject } from './process-subject.js';
import { protocolSchema } from './protocol.js';

// Folders are counted below: not those of tests beside this one.
process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'earlytime-tests-'));

const program = (name: string) => [process.execPath, `dist/fixtures/subjects/${name}.js`] as const;
const problem = drawProblem(smallInstance({ activation: 'tanh' }), 3);
let opened: ProcessSubject | undefined;
afterEach(() => opened?.close());

async function hostile(behaviour: string, seconds = 20, ...more: string[]) {
  opened = await openProcessSubject([...program('hostile'), behaviour, ...more], seconds);
  return opened.subject;
}

const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('earlytime-subject-'));

describe('a process subject', () => {
  it('gives what it gives without a process between', async () => {
    const before = folders().length;
    opened = await openProcessSubject(program('serve'), 20);
    const { subject } = opened;
    const expected = inProcess(plainSubject('plain'));
    expect(await subject.twoLayer!.tangentKernel!(problem, 'both')).toEqual(
      await expected.twoLayer!.tangentKernel!(problem, 'both'),
    );
    expect(await subject.twoLayer!.predict!(problem, problem.freshInputs)).toEqual(
      await expected.twoLayer!.predict!(problem, problem.freshInputs),
    );
    for (const steps of [
      { first: 0.5, second: 0.25 },
      { first: 0, second: 0.1 },
    ]) {
      expect(await subject.twoLayer!.train!(problem, steps, [0, 2])).toEqual(
        await expected.twoLayer!.train!(problem, steps, [0, 2]),
      );
    }
    expect([subject.name, subject.backend, subject.device]).toEqual(['plain 1.0', 'process', 'float64']);
    const neurons = { ...problem, activation: 'relu', labels: problem.labels.map(Math.sign), loss: 'logistic' } as const;
    const trained = await subject.twoLayer!.train!(neurons, { first: 0.5, second: 0.25 }, [0, 2, 3]);
    expect(trained).toEqual(await expected.twoLayer!.train!(neurons, { first: 0.5, second: 0.25 }, [0, 2, 3]));
    const reference = await referenceTwoLayer.train!(neurons, { first: 0.5, second: 0.25 }, [0, 2, 3]);
    for (const [k, outputs] of trained.outputs.entries()) {
      expect(rootMeanSquareDifference(outputs, reference.outputs[k]!)).toBeLessThan(1e-12);
    }
    expect(folders().length).toBe(before + 1);
    opened.close();
    expect(folders().length).toBe(before);
  });

  it.each([
    ['exits', /it ended\n.*\n.*exit code 3/],
    ['hangs', /no answer to 'tangent-kernel' within 1 s/],
    ['floods', /its reply is too long/],
    ['floods-lines', /not of the protocol/],
    ['out-of-order', /it answers out of order\n.*a reply to request 1\n.*one to request 2/],
    ['garbage', /not of the protocol\n.*\n.*found: Traceback: not JSON/],
    ['half-a-reply', /ended in the middle of a reply/],
    ['nan', /cannot be used[\s\S]*holds a number that is not finite/],
    ['wrong-shape', /has another shape\n.*shape \(/],
    ['wrong-dtype', /unusable dtype/],
    ['truncated', /truncated/],
    ['too-large', /cannot be used[\s\S]*bytes/],
    ['no-file', /cannot be used/],
    ['other-folder', /not of the protocol/],
    ['not-a-kernel', /reply to 'tangent-kernel' is not of the protocol/],
    ['declines', /could not answer: out of memory/],
  ])('that %s is refused with what came', async (behaviour, message) => {
    const subject = await hostile(behaviour, behaviour === 'hangs' ? 1 : 20);
    await expect(subject.twoLayer!.tangentKernel!(problem, 'first')).rejects.toThrow(message);
  });

  it('that speaks without being asked fails at the next request', async () => {
    const subject = await hostile('speaks-twice');
    await subject.twoLayer!.tangentKernel!(problem, 'first');
    await delay(200);
    await expect(subject.twoLayer!.tangentKernel!(problem, 'first')).rejects.toThrow(/without being asked/);
  });

  it('is started again after a failure, three times in all', async () => {
    const subject = await hostile('exits');
    const failures = [];
    for (let k = 0; k < 5; k++) failures.push(await subject.twoLayer!.tangentKernel!(problem, 'first').catch((cause) => cause));
    expect(failures.every(({ message }) => /it ended/.test(message))).toBe(true);
    expect(failures[4]).toBe(failures[2]);
    expect(failures[1]).not.toBe(failures[2]);
  });

  it('ends with all that it started', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'earlytime-')), 'pid');
    const subject = await hostile('has-children', 1, file);
    await expect(subject.twoLayer!.tangentKernel!(problem, 'first')).rejects.toThrow(/no answer/);
    const grandchild = Number(readFileSync(file, 'utf8'));
    await delay(200);
    expect(existsSync(`/proc/${grandchild}`) && !/State:\s+Z/.test(readFileSync(`/proc/${grandchild}/status`, 'utf8'))).toBe(
      false,
    );
  });

  it('is data where it names itself, and says what it lacks', async () => {
    const subject = await hostile('declines');
    expect(subject.name).toBe('bad <b> 1');
    expect(subject.twoLayer!.train).toBeUndefined();
    await expect(subject.twoLayer!.tangentKernel!({ ...problem, activation: 'gelu' }, 'first')).rejects.toThrow(
      InapplicableError,
    );
  });

  it('that offers nothing is told which methods were looked for, and which names it has', async () => {
    await expect(openProcessSubject([...program('hostile'), 'misspelt'], 20)).rejects.toThrow(
      /offers nothing that can be audited\n.*one of the methods tangent_kernel\n.*a class with tangentkernel and train\n/,
    );
  });

  it('says which of its names look like a slip of the pen', async () => {
    const { offers, close } = await openProcessSubject([...program('hostile'), 'slip'], 20);
    close();
    expect(offers.misspelt).toEqual([['trian', 'train']]);
  });

  it('must introduce itself, and exist', async () => {
    await expect(openProcessSubject([...program('hostile'), 'no-hello'], 20)).rejects.toThrow(
      /reply to 'hello' is not of the protocol/,
    );
    await expect(openProcessSubject(['no-such-program'], 20)).rejects.toThrow(/there is no such program[\s\S]*ENOENT/);
  });
});

it('publishes its JSON Schema for adapters', async () => {
  const schema = `${JSON.stringify(protocolSchema(), null, 2)}\n`;
  await expect(schema).toMatchFileSnapshot('../../adapters/python/earlytime_adapter/protocol.schema.json');
});
