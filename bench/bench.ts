import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { openBackend } from '../src/backend/backend.js';
import { inputGram } from '../src/linear-algebra/products.js';
import { certifyNorm, spectralNorm } from '../src/linear-algebra/spectral-norm.js';
import { symmetric } from '../src/math/matrix.js';
import { median } from '../src/math/statistics.js';
import { drawConvolutionalProblem, drawDeepProblem } from '../src/models/layered/problem.js';
import { layeredTangentKernel, layeredTangentKernelByJacobian } from '../src/models/layered/tensors.js';
import { drawProblem } from '../src/models/two-layer/problem.js';
import { tangentKernel, tangentKernelByJacobian, uploadNetwork } from '../src/models/two-layer/tensors.js';
import { openPool } from '../src/run/pool.js';
import { builtInSubject } from '../src/subject/built-in.js';
import { packageRoot } from '../src/support/files.js';
import { affineKernelMatrix } from '../src/theory/affine.js';
import { instance } from './instance.js';
import { againstPeers } from './peers.js';
import { productsAgainstNumpy, syntheticMemory } from './processes.js';
import { timed } from './timed.js';

/** Speed as ratios against a named peer in the same run, interleaved; nothing is asserted. */

const REPEATS = 9;

interface Ratio {
  readonly what: string;
  readonly against: string;
  /** Median over the repeats of time/peer time. */
  readonly ratio: number;
  readonly target: string;
  readonly medianMilliseconds: readonly [subject: number, peer: number];
}

async function compare(
  what: string,
  against: string,
  target: string,
  subject: () => unknown,
  peer: () => unknown,
  repeats = REPEATS,
): Promise<Ratio> {
  await subject();
  await peer();
  const pairs: [number, number][] = [];
  for (let k = 0; k < repeats; k++) pairs.push([await timed(subject), await timed(peer)]);
  const ratio = median(pairs.map(([a, b]) => a / b))!;
  return { what, against, ratio, target, medianMilliseconds: [median(pairs.map(([a]) => a))!, median(pairs.map(([, b]) => b))!] };
}

/** The raw matrix products of a first-layer kernel: Z, the Gram matrix of the features, and XXᵀ. */
async function kernelAgainstProducts(activation: string): Promise<Ratio> {
  const problem = drawProblem(instance({ activation, samples: 1000, width: 2000 }));
  const network = uploadNetwork(problem);
  const inputs = tf.tensor2d(problem.inputs.data, [1000, 100]);
  const inputsTransposed = tf.transpose(inputs);
  const features = tf.randomNormal<tf.Rank.R2>([1000, 2000]);
  const featuresTransposed = tf.transpose(features);
  const read = async (compute: () => tf.Tensor) => {
    const tensor = tf.tidy(compute);
    await tensor.data();
    tensor.dispose();
  };
  const result = await compare(
    `first-layer kernel, ${activation}, n 1000, m 2000, d 100`,
    'its raw tfjs matrix products',
    'at most 1.3',
    () => read(() => tangentKernel(network, inputs, 'first')),
    async () => {
      await read(() => {
        tf.matMul(inputs, network.firstLayer);
        tf.matMul(inputs, inputsTransposed);
        return tf.matMul(features, featuresTransposed);
      });
    },
  );
  tf.dispose([network.firstLayer, network.secondLayer, inputs, inputsTransposed, features, featuresTransposed]);
  return result;
}

async function closedFormAgainstJacobian(): Promise<Ratio> {
  const problem = drawProblem(instance({ samples: 256, width: 512, inputDimension: 50 }));
  const network = uploadNetwork(problem);
  const inputs = tf.tensor2d(problem.inputs.data, [256, 50]);
  const read = async (tensor: tf.Tensor) => {
    await tensor.data();
    tensor.dispose();
  };
  const result = await compare(
    'Jacobian contraction, n 256, m 512, d 50',
    'the closed form',
    'at least 20',
    async () => read(await tangentKernelByJacobian(network, inputs, 'first')),
    () => read(tangentKernel(network, inputs, 'first')),
    5,
  );
  tf.dispose([network.firstLayer, network.secondLayer, inputs]);
  return result;
}

async function layersAgainstJacobian(): Promise<Ratio[]> {
  const read = async (tensor: tf.Tensor) => {
    await tensor.data();
    tensor.dispose();
  };
  const deep = drawDeepProblem({ ...instance({ samples: 128, width: 256, inputDimension: 50 }), depth: 3 });
  const line = instance({ samples: 128, width: 32, inputDimension: 64, law: 'rademacher' });
  const convolutional = drawConvolutionalProblem({ ...line, depth: 1, filter: 16, geometry: 'line' });
  const named = [
    ['fully connected, 3 hidden layers, n 128, m 256, d 50', deep],
    ['convolutional, n 128, 32 channels, d 64, q 16', convolutional],
  ] as const;
  const ratios: Ratio[] = [];
  for (const [name, problem] of named) {
    ratios.push(
      await compare(
        `Jacobian contraction, ${name}`,
        'the kernel layer by layer',
        'none',
        async () => read(await layeredTangentKernelByJacobian(problem)),
        () => read(layeredTangentKernel(problem)),
        3,
      ),
    );
  }
  return ratios;
}

async function normAgainstForming(): Promise<Ratio[]> {
  const subject = builtInSubject(await openBackend('wasm'));
  const problem = drawProblem(instance({ samples: 1000, width: 1000 }));
  const form = async () => {
    const kernel = await subject.twoLayer.tangentKernel(problem, 'first');
    const gram = inputGram(problem.inputs);
    const affine = affineKernelMatrix({ slope: 0.4244, bias: 0, norm: null }, problem.inputs, gram);
    return symmetric(1000, (i, j) => kernel.data[i * 1000 + j]! - affine.data[i * 1000 + j]!);
  };
  const difference = await form();
  const { norm } = spectralNorm(difference);
  return [
    await compare('Lanczos estimate of ‖E‖ to 1e-6, n 1000', 'forming E', 'below 1', () => spectralNorm(difference, 1e-6), form),
    await compare(
      'upper side by the random start, bound 2‖E‖, n 1000',
      'forming E',
      'none',
      () => spectralNorm(difference, 1e-6, 2 * norm),
      form,
    ),
    await compare(
      'upper side by two Cholesky factorisations, n 1000',
      'forming E',
      'none',
      () => certifyNorm(difference, 2 * norm),
      form,
      3,
    ),
  ];
}

/** Products per second of bare tfjs processes that run at once. */
function bareThroughput(processes: number): Promise<number> {
  const each = Array.from(
    { length: processes },
    () =>
      new Promise<number>((resolve, reject) => {
        const child = spawn(process.execPath, [join(packageRoot, 'dist', 'bench', 'bare-worker.js')], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let output = '';
        child.stdout.on('data', (data) => {
          output += data;
        });
        child.on('close', (code) =>
          code === 0 ? resolve(Number(output)) : reject(new Error(`a bare process exited with ${code}`)),
        );
      }),
  );
  return Promise.all(each).then((rates) => rates.reduce((sum, rate) => sum + rate, 0));
}

/** Cases of the first-layer kernel claim per second, through the pool of worker processes that verify uses. */
async function poolThroughput(workers: number): Promise<number> {
  const cases = 24 * workers;
  const pool = openPool(workers, { kind: 'built-in', backend: 'wasm' });
  const measure = (index: number) =>
    pool.measure({
      claim: 'hu2020/first-layer-kernel',
      controls: [null],
      draw: { seed: 1, path: String(Math.floor(index / workers)) },
    });
  await Promise.all(Array.from({ length: 2 * workers }, (_, index) => measure(index)));
  const milliseconds = await timed(() => Promise.all(Array.from({ length: cases }, (_, index) => measure(index))));
  await pool.close();
  return (1000 * cases) / milliseconds;
}

async function workersAgainstBare(): Promise<object> {
  const speedups: { workers: number; bare: number }[] = [];
  for (let k = 0; k < 3; k++) {
    const [poolOne, bareOne] = [await poolThroughput(1), await bareThroughput(1)];
    const [poolTwo, bareTwo] = [await poolThroughput(2), await bareThroughput(2)];
    speedups.push({ workers: poolTwo / poolOne, bare: bareTwo / bareOne });
  }
  const ratio = median(speedups.map((pair) => pair.workers / pair.bare))!;
  return {
    what: 'speed-up of two workers',
    against: 'speed-up of two bare tfjs processes',
    ratio,
    target: 'at least 0.9',
    speedups,
  };
}

/** The quick profile as a user runs it: seconds, and the peak memory of any of its processes (Linux). */
async function quickProfile(): Promise<object> {
  const out = mkdtempSync(join(tmpdir(), 'earlytime-bench-'));
  const child = spawn(
    process.execPath,
    [join(packageRoot, 'dist', 'src', 'cli.js'), 'verify', '--backend', 'wasm', '--out', out],
    {
      stdio: 'ignore',
    },
  );
  let peak = 0;
  const sample = setInterval(() => {
    for (const pid of [child.pid!, ...childrenOf(child.pid!)]) peak = Math.max(peak, peakMemory(pid));
  }, 250);
  const milliseconds = await timed(() => new Promise((resolve) => child.on('close', resolve)));
  clearInterval(sample);
  return {
    what: 'verify, quick profile',
    seconds: milliseconds / 1000,
    target: 'about 30 s on two quiet cores',
    peakMebibytes: peak,
  };
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function peakMemory(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

await openBackend('wasm');
const ratios: object[] = [];
for (const activation of ['erf', 'relu', 'tanh', 'gelu']) ratios.push(await kernelAgainstProducts(activation));
ratios.push(
  await closedFormAgainstJacobian(),
  ...(await layersAgainstJacobian()),
  ...(await normAgainstForming()),
  await workersAgainstBare(),
  await productsAgainstNumpy(),
  ...(await againstPeers()),
);
for (const ratio of ratios as Ratio[])
  console.error(`${ratio.ratio?.toFixed(3) ?? 'not measured'}  ${ratio.what} / ${ratio.against}  (${ratio.target})`);
const folder = join(packageRoot, 'reports');
mkdirSync(folder, { recursive: true });
const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? null, node: process.versions.node };
const memory = await syntheticMemory();
const verify = await quickProfile();
for (const line of [memory, verify]) console.error(JSON.stringify(line));
writeFileSync(join(folder, 'bench.json'), `${JSON.stringify({ machine, repeats: REPEATS, ratios, memory, verify }, null, 2)}\n`);
