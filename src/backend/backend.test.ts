import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Backend, openBackend } from './backend.js';
import { engines } from './open-engine.js';
import { measureActivationError, measureRoundoff } from './probe.js';
import { hasLibrary } from './webgpu.js';

/** Replaces a kernel of the CPU backend until the test ends. */
const restore: (() => void)[] = [];
function corrupt(kernelName: string, change: (values: Float32Array) => void): void {
  const original = tf.getKernel(kernelName, 'cpu')!;
  tf.unregisterKernel(kernelName, 'cpu');
  tf.registerKernel({
    ...original,
    kernelFunc: (parameters) => {
      const result = original.kernelFunc(parameters) as tf.TensorInfo;
      const backend = parameters.backend as unknown as { data: { get(id: object): { values: Float32Array } } };
      change(backend.data.get(result.dataId).values);
      return result;
    },
  });
  restore.push(() => {
    tf.unregisterKernel(kernelName, 'cpu');
    tf.registerKernel(original);
  });
}
afterEach(() => {
  for (const undo of restore.splice(0)) undo();
});

const read = async (tensor: tf.Tensor) => (await tensor.data()) as Float32Array;

describe('opening', () => {
  it.each(['wasm', 'cpu'] as const)('%s measures float32', async (name) => {
    const backend = await openBackend(name);
    expect(backend).toMatchObject({ name, hardware: false, roundoff: { inputs: 0, accumulator: 2 ** -24 } });
    const errors = await backend.activationError('gelu');
    expect(errors.value).toBeLessThan(2e-6);
    expect(await backend.activationError('gelu')).toBe(errors);
    expect(tf.memory().numTensors).toBe(0);
    backend.close();
  });

  it('takes the best that opens, and without a GPU never a software renderer', async () => {
    const backend = await openBackend('auto');
    expect(backend.hardware || backend.name !== 'webgpu').toBe(true);
    backend.close();
  });

  it('asks for Vulkan only where there is a loader of it', () => {
    expect(hasLibrary('libno-such-thing.so.1')).toBe(false);
    if (process.platform === 'linux') expect(hasLibrary('libc.so.6')).toBe(true);
  });

  it('refuses unknown names, and says what to do where a backend is missing', async () => {
    await expect(openBackend('cuda' as 'cpu')).rejects.toThrow(/unknown backend 'cuda'\n {2}expected: one of auto/);
    const original = engines.cpu;
    (engines as { cpu: typeof original }).cpu = async () => {
      throw new Error('driver too old\nand a stack');
    };
    await expect(openBackend('cpu')).rejects.toThrow(
      /backend 'cpu' does not open: driver too old\n {2}what to do: run `earlytime doctor`/,
    );
    (engines as { cpu: typeof original }).cpu = original;
  });

  it('leaves the listeners of the host process as they were', async () => {
    const before = process.listenerCount('uncaughtException');
    await openBackend('wasm');
    expect(process.listenerCount('uncaughtException')).toBe(before);
  });

  it('reports a device that fails while it is waited for, and does not hang', async () => {
    const original = engines.cpu;
    let fail = (_cause: string) => {};
    (engines as { cpu: typeof original }).cpu = async () => {
      const engine = await original();
      return {
        ...engine,
        failed: new Promise<string>((resolve) => {
          fail = resolve;
        }),
      };
    };
    const backend: Backend = await openBackend('cpu');
    (engines as { cpu: typeof original }).cpu = original;
    const never = { data: () => new Promise(() => {}) } as unknown as tf.Tensor;
    const waiting = backend.read(never);
    fail('reset by the driver');
    await expect(waiting).rejects.toThrow(/device of backend 'cpu' failed: reset by the driver/);
    await expect(backend.read(tf.scalar(1))).rejects.toThrow(/reset by the driver/);
    tf.disposeVariables();
  });
});

describe('the probe', () => {
  beforeAll(async () => {
    await openBackend('cpu');
  });
  /** Rounds to so many bits of mantissa, to nearest or towards zero. */
  const cut = (value: number, bits: number, how: 'round' | 'trunc') => {
    const unit = 2 ** (Math.floor(Math.log2(Math.abs(value) || 1)) - bits);
    return Math[how](value / unit) * unit;
  };
  /** A matrix product that cuts its factors, as tensor cores do. */
  function cutFactors(bits: number, how: 'round' | 'trunc'): void {
    const original = tf.getKernel('BatchMatMul', 'cpu')!;
    tf.unregisterKernel('BatchMatMul', 'cpu');
    tf.registerKernel({
      ...original,
      kernelFunc: (parameters) => {
        const { a, b } = parameters.inputs as { a: tf.Tensor; b: tf.Tensor };
        const cutTensor = (tensor: tf.Tensor) =>
          tf.tensor(
            Float32Array.from(tensor.dataSync(), (value) => cut(value, bits, how)),
            tensor.shape,
          );
        return original.kernelFunc({ ...parameters, inputs: { a: cutTensor(a), b: cutTensor(b) } });
      },
    });
    restore.push(() => {
      tf.unregisterKernel('BatchMatMul', 'cpu');
      tf.registerKernel(original);
    });
  }

  it('tells TF32 that rounds from TF32 that truncates', async () => {
    cutFactors(10, 'round');
    expect(await measureRoundoff(read)).toMatchObject({ inputs: 2 ** -11 });
    restore.pop()!();
    cutFactors(10, 'trunc');
    expect(await measureRoundoff(read)).toMatchObject({ inputs: 2 ** -10 });
  });

  it('refuses bfloat16', async () => {
    cutFactors(7, 'round');
    await expect(measureRoundoff(read)).rejects.toThrow(/fewer bits than TF32/);
  });

  it('sees an accumulator that truncates', async () => {
    corrupt('BatchMatMul', (values) => {
      values.forEach((value, k) => {
        values[k] = cut(value, 22, 'trunc');
      });
    });
    expect((await measureRoundoff(read)).accumulator).toBeGreaterThan(2 ** -24);
  });

  it.each([
    ['BatchMatMul', /computes wrongly: a (matrix|transposed|column|row) product/],
    ['Transpose', /computes wrongly: a transposed product/],
    ['Sum', /computes wrongly: the sum of 1024 numbers/],
  ])('refuses a wrong %s, with the evidence', async (kernel, message) => {
    corrupt(kernel, (values) => {
      values[0] = values[0]! + 20;
    });
    await expect(measureRoundoff(read)).rejects.toThrow(message);
  });

  it.each(['erf', 'sigmoid', 'relu'])('refuses a wrong %s', async (name) => {
    corrupt(name === 'erf' ? 'Erf' : name === 'sigmoid' ? 'Sigmoid' : 'Step', (values) => {
      values[values.length - 3] = 0.9;
    });
    await expect(measureActivationError(read, name)).rejects.toThrow(/the (value|derivative) of/);
  });
});
