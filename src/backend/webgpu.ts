import * as tf from '@tensorflow/tfjs-core';
import { MeasurementError, messageOf, missing } from '../support/errors.js';
import type { Engine } from './engine.js';

/** The parts of the WebGPU API that are used here; its types are not part of Node. */
interface Adapter {
  readonly info: { vendor: string; architecture: string; device: string; description: string; isFallbackAdapter?: boolean };
  readonly limits: Record<string, number>;
  requestDevice(descriptor: { requiredLimits: Record<string, number> }): Promise<Device>;
}
interface Device {
  readonly lost: Promise<{ reason: string; message: string }>;
  addEventListener(type: 'uncapturederror', listener: (event: UncapturedError) => void): void;
  destroy(): void;
}
interface UncapturedError {
  readonly error: { message: string };
  preventDefault(): void;
}
interface Gpu {
  requestAdapter(options: { powerPreference: 'high-performance' }): Promise<Adapter | null>;
}

/** Limits that tfjs asks of a device beyond the defaults. */
const raisedLimits = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
];

/** Dawn crashes the process when its entry object is collected while a device lives, so all of them stay reachable. */
const kept: Gpu[] = [];

const NO_ADAPTER = {
  problem: 'WebGPU finds no adapter: no usable Vulkan, Metal or Direct3D driver',
  hint: 'install a GPU driver, or software Vulkan (Debian: mesa-vulkan-drivers from backports), or choose another backend',
};

/** Whether the system has a shared library of that file name. */
export function hasLibrary(file: string): boolean {
  try {
    process.dlopen({ exports: {} }, file);
    return true;
  } catch (cause) {
    // One that was found and loaded is no Node addon, which is an error of its own.
    return messageOf(cause).includes('did not self-register');
  }
}

interface Dawn {
  create(flags: string[]): Gpu;
  readonly globals: object;
}

/** Dawn, an optional package of 132 MB. */
async function dawn(): Promise<Dawn> {
  const name: string = 'webgpu';
  try {
    return (await import(name)) as Dawn;
  } catch (cause) {
    throw new MeasurementError({
      problem: `the optional package ${name} is not usable here: ${missing(cause) ? 'it is not installed' : messageOf(cause).split('\n')[0]}`,
      hint: `npm install ${name} (Dawn, 132 MB) where there is a GPU with a driver, or choose another backend`,
    });
  }
}

/** Opens WebGPU through Dawn (npm `webgpu`) and hands the device to tfjs. */
export async function openWebgpu(): Promise<Engine> {
  const { create, globals } = await dawn();
  // Dawn would print a stack trace to stderr.
  if (process.platform === 'linux' && !hasLibrary('libvulkan.so.1')) throw new MeasurementError(NO_ADAPTER);
  for (const [name, value] of Object.entries(globals)) {
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  const gpu = create([]);
  kept.push(gpu);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new MeasurementError(NO_ADAPTER);
  const requiredLimits = Object.fromEntries(raisedLimits.map((name) => [name, adapter.limits[name]!]));
  const device = await adapter.requestDevice({ requiredLimits });
  const failed = new Promise<string>((resolve) => {
    device.lost.then(({ reason, message }) => resolve(message || reason));
    // A validation error does not throw: the result would silently be zeros.
    device.addEventListener('uncapturederror', (event) => {
      event.preventDefault();
      resolve(event.error.message);
    });
  });
  await register(gpu, device, adapter);
  const { description, vendor, architecture, device: model, isFallbackAdapter } = adapter.info;
  return {
    device: description || [vendor, architecture, model].filter(Boolean).join(' '),
    hardware: !(isFallbackAdapter || architecture === 'software'),
    largestTensor: Math.floor(Math.min(requiredLimits.maxStorageBufferBindingSize!, requiredLimits.maxBufferSize!) / 4),
    failed,
    close: () => {
      tf.removeBackend('webgpu');
      device.destroy();
    },
  };
}

async function register(gpu: Gpu, device: Device, { info }: Adapter): Promise<void> {
  const { default: webgpu } = await import('@tensorflow/tfjs-backend-webgpu');
  // Below 1,000 elements tfjs would compute on the CPU, and probe that instead of the device.
  tf.env().set('WEBGPU_CPU_FORWARD', false);
  const navigator = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true, writable: true });
  try {
    const Backend = webgpu.WebGPUBackend as unknown as new (device: Device, info: Adapter['info']) => tf.KernelBackend;
    const backend = new Backend(device, info);
    if ('webgpu' in tf.engine().registryFactory) tf.removeBackend('webgpu');
    tf.registerBackend('webgpu', () => backend, 3);
  } finally {
    if (navigator) Object.defineProperty(globalThis, 'navigator', navigator);
    else Reflect.deleteProperty(globalThis, 'navigator');
  }
  if (!(await tf.setBackend('webgpu'))) throw new Error('tfjs could not initialise its backend on the device');
  await tf.ready();
}
