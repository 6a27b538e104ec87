import * as tf from '@tensorflow/tfjs-core';
import { type Backend, openBackend } from '../src/backend/backend.js';
import { normsByProducts } from '../src/inspect/inspect.js';
import { twoLayerNetwork } from '../src/inspect/network.js';
import { activation } from '../src/math/activation.js';
import { median } from '../src/math/statistics.js';
import { layerWeights } from '../src/models/two-layer/model.js';
import { drawProblem, type TwoLayerProblem } from '../src/models/two-layer/problem.js';
import { type BuiltInSubject, builtInSubject } from '../src/subject/built-in.js';
import { messageOf } from '../src/support/errors.js';
import { affineKernel } from '../src/theory/affine.js';
import { instance } from './instance.js';
import { timed } from './timed.js';

/**
 * WebGPU against WASM on this machine, by the clock, in one process and by turns: `gpu.js kernel|norm|training|small|largest [backend]`. Each figure is a line of JSON as soon as it is
 * known, so that a run which is cut short keeps those it has.
 */

const DIMENSION = 100;
const SIZES = [1024, 4096, 8192];
/** Training of so many inputs and units, and its steps. */
const TRAINED = [1024, 4096];
const STEPS = 20;
const SMALL = { inputDimension: 24, samples: 96, width: 96 };
const SMALL_CASES = 100;
/** A case that takes longer on WASM is timed once, without a first run that is not counted. */
const REPEATS = 3;

interface Opened {
  readonly name: string;
  readonly subject: BuiltInSubject;
  readonly backend: Backend;
}

async function opened(name: 'webgpu' | 'wasm'): Promise<Opened> {
  const backend = await openBackend(name);
  return { name, subject: builtInSubject(backend), backend };
}

const say = (line: object) => console.log(JSON.stringify(line));

const seconds = async (run: () => Promise<unknown>) => (await timed(run)) / 1000;

/** Median seconds on each backend; on both by turns. */
async function onEach(
  backends: readonly Opened[],
  repeats: number,
  run: (subject: BuiltInSubject) => Promise<unknown>,
): Promise<Record<string, number>> {
  const times = new Map<string, number[]>(backends.map(({ name }) => [name, []]));
  for (let k = 0; k < repeats + (repeats > 1 ? 1 : 0); k++) {
    for (const { name, subject } of backends) {
      await tf.setBackend(name);
      const spent = await seconds(() => run(subject));
      if (repeats === 1 || k > 0) times.get(name)!.push(spent);
    }
  }
  return Object.fromEntries([...times].map(([name, spent]) => [name, median(spent)!]));
}

function square(size: number): TwoLayerProblem {
  return drawProblem(instance({ inputDimension: DIMENSION, samples: size, width: size }));
}

const sections: Readonly<Record<string, (backends: readonly Opened[]) => Promise<void>>> = {
  kernel: async (backends) => {
    for (const size of SIZES) {
      const problem = square(size);
      const times = await onEach(backends, size > 4096 ? 1 : REPEATS, (subject) =>
        subject.twoLayer.tangentKernel(problem, 'first'),
      );
      say({ what: 'first-layer kernel, read back', n: size, m: size, d: DIMENSION, seconds: times });
    }
  },
  norm: async (backends) => {
    for (const size of SIZES) {
      const problem = square(size);
      const affine = affineKernel(activation(problem.activation).constants, 1, DIMENSION, layerWeights.first);
      const times = await onEach(backends, size > 1024 ? 1 : REPEATS, (subject) =>
        normsByProducts(twoLayerNetwork(problem, 'first', subject), affine, problem.inputs),
      );
      say({ what: '‖Θ‖ and ‖Θ − Θ^lin‖ by products', n: size, m: size, d: DIMENSION, seconds: times });
    }
  },
  training: async (backends) => {
    for (const size of TRAINED) {
      const problem = square(size);
      const times = await onEach(backends, 1, (subject) => subject.twoLayer.train(problem, { first: 1, second: 0 }, [STEPS]));
      say({ what: `${STEPS} steps of training`, n: size, m: size, d: DIMENSION, seconds: times });
    }
  },
  small: async (backends) => {
    const problems = Array.from({ length: SMALL_CASES }, (_, seed) => drawProblem(instance({ ...SMALL, seed })));
    const times = await onEach(backends, REPEATS, async (subject) => {
      for (const problem of problems) await subject.twoLayer.tangentKernel(problem, 'first');
    });
    say({
      what: `${SMALL_CASES} kernels one after the other`,
      n: SMALL.samples,
      m: SMALL.width,
      d: SMALL.inputDimension,
      seconds: times,
    });
  },
  largest: async ([first]) => {
    const { name, subject, backend } = first!;
    for (let size = 8192; ; size = Math.round((size * Math.SQRT2) / 1024) * 1024) {
      try {
        const problem = square(size);
        const spent = await seconds(() => subject.twoLayer.tangentKernel(problem, 'first'));
        say({
          what: 'first-layer kernel, read back',
          device: backend.device,
          n: size,
          m: size,
          d: DIMENSION,
          seconds: { [name]: spent },
        });
      } catch (cause) {
        say({ what: 'the largest kernel does not fit', device: backend.device, n: size, m: size, reason: messageOf(cause) });
        return;
      }
    }
  },
};

const [section = 'kernel', only] = process.argv.slice(2);
const names = only === undefined ? (['webgpu', 'wasm'] as const) : ([only] as ('webgpu' | 'wasm')[]);
const backends: Opened[] = [];
for (const name of names) backends.push(await opened(name));
say({ section, devices: Object.fromEntries(backends.map(({ name, backend }) => [name, backend.device])) });
await sections[section]!(backends);
for (const { backend } of backends) backend.close();
process.exit();
