import { join, relative } from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { MeasurementError, messageOf, missing } from '../support/errors.js';
import { packageRoot } from '../support/files.js';
import type { BackendName, Engine } from './engine.js';
import { openWebgpu } from './webgpu.js';

/** Sets the tfjs backend of that name and says what it runs on. Each throws, with the cause, where it is not available. */
export const engines: Readonly<Record<BackendName, () => Promise<Engine>>> = {
  tensorflow: openTensorflow,
  webgpu: openWebgpu,
  wasm: openWasm,
  cpu: openCpu,
};

const never = new Promise<never>(() => {});

function steady(device: string, hardware: boolean): Engine {
  return { device, hardware, largestTensor: Number.POSITIVE_INFINITY, failed: never, close: () => {} };
}

async function activate(name: string): Promise<void> {
  tf.enableProdMode();
  if (!(await tf.setBackend(name))) throw new Error(`tfjs could not initialise its backend '${name}'`);
  await tf.ready();
}

async function openTensorflow(): Promise<Engine> {
  // Its notes on the processor; errors are still printed.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';
  // tfjs-node 4.22 calls this helper, which Node 23 removed.
  const legacy = util as unknown as { isNullOrUndefined?: (value: unknown) => boolean };
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined;
  const name: string = '@tensorflow/tfjs-node-gpu';
  try {
    await import(name);
  } catch (cause) {
    throw new MeasurementError({
      problem: `the package ${name} is not usable here: ${missing(cause) ? 'it is not installed' : messageOf(cause).split('\n')[0]}`,
      hint: `npm install ${name} (it downloads libtensorflow when it is installed), or sh ${relative('', join(packageRoot, 'scripts', 'build-tensorflow.sh'))} where that fails, or choose another backend`,
    });
  }
  await activate('tensorflow');
  const gpu = (tf.backend() as unknown as { isUsingGpuDevice: boolean }).isUsingGpuDevice;
  return steady(gpu ? 'libtensorflow, GPU' : 'libtensorflow, CPU', gpu);
}

async function openWasm(): Promise<Engine> {
  const { default: wasm } = await import('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(join(packageRoot, 'dist', 'src', 'tfjs', '/'));
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => new Set<unknown>(process.listeners(event as 'uncaughtException')));
  await activate('wasm');
  // The Emscripten runtime rethrows every uncaught error of the host process: not its business.
  events.forEach((event, k) => {
    for (const listener of process.listeners(event as 'uncaughtException')) {
      if (!before[k]!.has(listener)) process.removeListener(event, listener);
    }
  });
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return steady(simd ? 'WebAssembly SIMD' : 'WebAssembly', false);
}

async function openCpu(): Promise<Engine> {
  await import('@tensorflow/tfjs-backend-cpu');
  await activate('cpu');
  return steady('JavaScript', false);
}
