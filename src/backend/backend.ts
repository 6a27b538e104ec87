import type * as tf from '@tensorflow/tfjs-core';
import { activationNames } from '../math/activation.js';
import { MeasurementError, messageOf, UsageError } from '../support/errors.js';
import { type BackendChoice, type BackendName, backendChoices, type Engine } from './engine.js';
import { engines } from './open-engine.js';
import { measureActivationError, measureRoundoff } from './probe.js';
import type { ActivationError, Roundoff } from './roundoff.js';

/** An open tfjs backend whose arithmetic was measured. All tensors of the process live on it. */
export interface Backend {
  readonly name: BackendName;
  readonly device: string;
  readonly hardware: boolean;
  /** Numbers that one tensor may have. */
  readonly largestTensor: number;
  readonly roundoff: Roundoff;
  /** Largest errors of φ and φ' as this backend computes them: measured on opening, and at the first call for a leaky slope. */
  activationError(activation: string): Promise<ActivationError>;
  /** The values of a tensor. @throws MeasurementError when the device is lost while waiting. */
  read(tensor: tf.Tensor): Promise<Float32Array>;
  close(): void;
}

/** The order of `auto`; a software WebGPU adapter is taken only when asked for by name. */
const preference: readonly { name: BackendName; hardwareOnly: boolean }[] = [
  { name: 'tensorflow', hardwareOnly: true },
  { name: 'webgpu', hardwareOnly: true },
  { name: 'tensorflow', hardwareOnly: false },
  { name: 'wasm', hardwareOnly: false },
  { name: 'cpu', hardwareOnly: false },
];

/**
 * Opens a backend, measures its unit roundoff and checks its products, sums and activations; `auto` takes the best that opens.
 * @throws UsageError for an unknown name; MeasurementError when the backend is not available here or computes wrongly.
 */
export async function openBackend(choice: BackendChoice): Promise<Backend> {
  if (!backendChoices.includes(choice)) {
    throw new UsageError({ problem: `unknown backend '${choice}'`, expected: `one of ${backendChoices.join(', ')}` });
  }
  if (choice !== 'auto') return measured(choice, await open(choice));
  const causes: string[] = [];
  for (const { name, hardwareOnly } of preference) {
    try {
      const engine = await open(name);
      if (!hardwareOnly || engine.hardware) return await measured(name, engine);
      engine.close();
    } catch (cause) {
      causes.push(`${name}: ${messageOf(cause)}`);
    }
  }
  throw new MeasurementError({ problem: 'no backend opens here', found: causes.join('; '), hint: 'run `earlytime doctor`' });
}

async function open(name: BackendName): Promise<Engine> {
  try {
    return await engines[name]();
  } catch (cause) {
    if (cause instanceof MeasurementError) throw cause;
    throw new MeasurementError({
      problem: `backend '${name}' does not open: ${messageOf(cause).split('\n')[0]}`,
      hint: 'run `earlytime doctor` to see which backends open here, and choose one with --backend',
    });
  }
}

async function measured(name: BackendName, engine: Engine): Promise<Backend> {
  let failure: string | null = null;
  const failed = engine.failed.then((cause) => {
    failure = cause;
  });
  const read = async (tensor: tf.Tensor) => {
    const values = (tensor.data() as Promise<Float32Array>).catch((cause) => {
      failure ??= messageOf(cause) || 'it stopped answering';
    });
    const result = await Promise.race([values, failed]);
    if (failure === null && result) return result;
    throw new MeasurementError({
      problem: `the device of backend '${name}' failed: ${failure}`,
      hint: 'run again, or choose another backend with --backend',
    });
  };
  const activationErrors = new Map<string, Promise<ActivationError>>();
  const activationError = (activation: string) => {
    const known = activationErrors.get(activation) ?? measureActivationError(read, activation);
    activationErrors.set(activation, known);
    return known;
  };
  let roundoff: Roundoff;
  try {
    roundoff = await measureRoundoff(read);
    for (const activation of activationNames) await activationError(activation);
  } catch (cause) {
    engine.close();
    throw cause;
  }
  return {
    name,
    device: engine.device,
    hardware: engine.hardware,
    largestTensor: engine.largestTensor,
    roundoff,
    activationError,
    read,
    close: engine.close,
  };
}
