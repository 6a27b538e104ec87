import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../src/support/files.js';

const SIZE = 2048;
const ROUNDS = 15;

const NUMPY = `
import sys, time
import numpy as np
n = int(sys.argv[1])
a, b = (np.random.standard_normal((n, n)).astype(np.float32) for _ in range(2))
a @ b
print("ready", flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    a @ b
    print(1000 * (time.perf_counter() - start), flush=True)
`;

const script = (name: string) => join(packageRoot, 'dist', 'bench', name);

/** A process that answers each line with the milliseconds of one product; null when it does not start. */
async function multiplier(command: string, ...args: string[]): Promise<((() => Promise<number>) & { end(): void }) | null> {
  const child: ChildProcessWithoutNullStreams = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] }) as never;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const failed = once(child, 'error').then(() => ({ value: undefined }));
  if ((await Promise.race([lines.next(), failed])).value !== 'ready') return null;
  const multiply = async () => {
    child.stdin.write('go\n');
    return Number((await lines.next()).value);
  };
  return Object.assign(multiply, { end: () => child.stdin.end() });
}

/** The rate of TensorFlow's products over that of NumPy's, in processes of their own, by turns; with the reason where one of them is not there. */
export async function productsAgainstNumpy(): Promise<object> {
  const what = { what: `products of TensorFlow, ${SIZE}×${SIZE}, rate`, against: "NumPy's", target: 'at least 0.6' };
  const tensorflow = await multiplier(process.execPath, script('products.js'), String(SIZE));
  const numpy = await multiplier('python3', '-c', NUMPY, String(SIZE));
  try {
    if (!tensorflow || !numpy)
      return { ...what, ratio: null, reason: `${tensorflow ? 'python3 with NumPy' : 'the TensorFlow backend'} is not installed` };
    const times: [number, number][] = [];
    for (let k = 0; k < ROUNDS; k++) times.push([await tensorflow(), await numpy()]);
    const [ours, theirs] = [0, 1].map((k) => Math.min(...times.map((pair) => pair[k]!))) as [number, number];
    return { ...what, ratio: theirs / ours, bestMilliseconds: [ours, theirs] };
  } finally {
    tensorflow?.end();
    numpy?.end();
  }
}

/** Peak memory of the synthetic experiment of hu2020 with its 20,000 inputs. */
export async function syntheticMemory(): Promise<object> {
  const child = spawn(process.execPath, [script('synthetic.js')], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  await once(child, 'close');
  return { what: 'synthetic experiment, 20,000 inputs', peakMebibytes: Math.round(Number(output)), target: 'at most 1536' };
}
