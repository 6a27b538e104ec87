import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { timeScales } from '../properties/atanasov2022/time-scales.js';
import { firstLayerKernel, secondLayerKernel } from '../properties/hu2020/kernel.js';
import { firstLayerTraining } from '../properties/hu2020/training.js';
import { linearPlan } from '../properties/lib/linear-networks.js';
import { openBackend } from '../src/backend/backend.js';
import { calibratedConstant } from '../src/claim/calibration.js';
import { type Claim, type Instance, instanceAt } from '../src/claim/claim.js';
import { seedOf } from '../src/math/random.js';
import { median } from '../src/math/statistics.js';
import { drawLinearProblem, type LinearInstance } from '../src/models/gradient-flow/instances.js';
import { integrate } from '../src/models/gradient-flow/reference.js';
import type { TwoLayerInstance } from '../src/models/two-layer/instances.js';
import { measureCase, variantOf } from '../src/run/measure.js';
import { builtInSubject } from '../src/subject/built-in.js';
import { packageRoot } from '../src/support/files.js';

const CASES = 16;

/** What a peer is asked to do for an instance. */
type Task = Readonly<Record<string, unknown>>;

interface Comparison {
  readonly what: string;
  readonly claim: Claim;
  readonly peer: string;
  readonly target: string;
  readonly taskOf: (instance: Instance) => Task;
}

const kernelTask =
  (layers: string) =>
  (instance: Instance): Task => ({ ...instance, work: 'kernel', layers });

function trainingTask(instance: Instance): Task {
  const { inputDimension: d, relativeStep } = instance as TwoLayerInstance;
  const steps = Math.ceil(Math.log(d) / relativeStep);
  return { ...instance, work: 'training', steps, step: relativeStep * d, fresh: 64 };
}

/** The same network for the time that our flow takes until the loss is a thousandth. */
function flowTask(instance: Instance): Task {
  const linear = instance as LinearInstance;
  const { problem, sigma } = drawLinearProblem(linear);
  const planned = integrate(problem, linearPlan(linear, 1e-3));
  const sizes = [problem.inputs.columns, ...problem.weights.map(({ rows }) => rows)];
  const { seed, samples } = linear;
  return { work: 'flow', seed, samples, sizes, sigma, time: planned.states.at(-1)!.time };
}

const NUMPY = 'numpy_peer.py';
const NEURAL_TANGENTS = 'neural_tangents_peer.py';
const comparisons: readonly Comparison[] = [
  { what: 'first-layer kernel', claim: firstLayerKernel, peer: NUMPY, target: 'at most 1', taskOf: kernelTask('first') },
  { what: 'second-layer kernel', claim: secondLayerKernel, peer: NUMPY, target: 'at most 1', taskOf: kernelTask('second') },
  { what: 'training', claim: firstLayerTraining, peer: NUMPY, target: 'at most 1', taskOf: trainingTask },
  { what: 'flow', claim: timeScales, peer: NUMPY, target: 'at most 1', taskOf: flowTask },
  {
    what: 'first-layer kernel',
    claim: firstLayerKernel,
    peer: NEURAL_TANGENTS,
    target: 'at most 1/30',
    taskOf: kernelTask('first'),
  },
];

/** A Python process that answers each task with the CPU seconds that it took, on one thread; null where it does not start. */
async function openPeer(file: string): Promise<{ ask(task: Task): Promise<number>; end(): void } | null> {
  const threads = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
  const flags = { XLA_FLAGS: '--xla_cpu_multi_thread_eigen=false' };
  const python = process.env.PYTHON ?? 'python3';
  const child = spawn(python, [join(packageRoot, 'bench', 'peers', file)], {
    env: { ...process.env, ...threads, ...flags },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  if ((await lines.next()).value !== 'ready') return null;
  return {
    ask: async (task) => {
      child.stdin.write(`${JSON.stringify(task)}\n`);
      return Number((await lines.next()).value);
    },
    end: () => child.stdin.end(),
  };
}

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/**
 * CPU time of a case of a claim, drawing, float64 reference and judgement included, over that of a plain Python script that does the same, case by case in turns, on the stream of
 * seed 1.
 */
export async function againstPeers(): Promise<object[]> {
  const subject = builtInSubject(await openBackend('wasm'));
  const results: object[] = [];
  for (const { what, claim, peer: file, target, taskOf } of comparisons) {
    const against = `${file} (CPU time, one thread, ${CASES} cases)`;
    const peer = await openPeer(file);
    if (!peer) {
      results.push({
        what,
        against,
        target,
        ratio: null,
        reason: 'Python with its packages is not installed (PYTHON names one)',
      });
      continue;
    }
    const variant = variantOf(claim, null);
    const seed = seedOf(1, claim.id, '');
    const measure = (instance: Instance) => measureCase(variant, instance, subject, (name) => calibratedConstant(claim.id, name));
    await measure(instanceAt(variant, seed, '0'));
    const pairs: [ours: number, theirs: number][] = [];
    for (let index = 0; index < CASES; index++) {
      const instance = instanceAt(variant, seed, String(index));
      const task = taskOf(instance);
      const before = cpuSeconds();
      await measure(instance);
      pairs.push([cpuSeconds() - before, await peer.ask(task)]);
    }
    peer.end();
    const [ours, theirs] = [0, 1].map((k) => pairs.reduce((sum, pair) => sum + pair[k]!, 0)) as [number, number];
    results.push({
      what,
      against,
      target,
      ratio: ours / theirs,
      median: median(pairs.map(([a, b]) => a / b)),
      seconds: [ours, theirs],
    });
  }
  return results;
}
