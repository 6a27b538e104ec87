import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drawProblem } from '../models/two-layer/problem.js';
import { cli, temporaryFolder } from '../testing/cli.js';
import { npyBytes } from '../testing/npy.js';
import { smallInstance } from '../testing/small-problem.js';

const folder = temporaryFolder();
const problem = drawProblem(smallInstance({ inputDimension: 20, samples: 80, width: 60, activation: 'relu' }));
const save = (name: string, data: Float32Array, shape: number[]) => {
  const file = join(folder, name);
  writeFileSync(file, npyBytes(data, shape));
  return file;
};
const x = save('x.npy', problem.inputs.data, [80, 20]);
const y = save('y.npy', problem.labels, [80]);
const w = save('w.npy', problem.firstLayer.data, [60, 20]);
const v = save('v.npy', problem.secondLayer, [60]);
const inspect = (...args: string[]) => cli('inspect', '--backend', 'wasm', ...args);

describe('inspect', () => {
  it('prints the contract in JSON, and a table for people', async () => {
    const { code, stdout, stderr } = await inspect('--inputs', x, '--labels', y, '--width', '400', '--json');
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(Object.keys(result)).toEqual(['n', 'd', 'm', 'constants', 'kernel', 'training', 'setting', 'warnings', 'answer']);
    expect([result.n, result.d, result.m]).toEqual([80, 20, 400]);
    expect(result.kernel.certificate).toBeGreaterThan(result.kernel.differenceNorm);
    expect(result.training.relativeGap.at(-1)).toBeLessThan(0.5);
    expect(stderr).toMatch(/kernel: ‖Θ − Θ\^lin‖ = .*training: step, network loss/s);
  });

  it.each(['first', 'second', 'both'])('takes the weights of the user, training %s', async (layers) => {
    const { code, stdout } = await inspect(
      '--inputs',
      x,
      '--labels',
      y,
      '--first-layer',
      w,
      '--second-layer',
      v,
      '--train',
      layers,
      '--steps',
      '20',
      '--json',
    );
    expect(code).toBe(0);
    const { m, kernel, training } = JSON.parse(stdout);
    expect([m, kernel.certificate, training.step.length]).toEqual([60, null, 20]);
    expect(training.networkLoss.at(-1)).toBeLessThan(training.networkLoss[0]);
  });

  it('follows silent alignment on two digits, and early alignment of neurons', async () => {
    const alignment = await inspect('--inputs', 'mnist:0/1', '--samples', '30', '--alignment', '--width', '40', '--json');
    expect(alignment.code).toBe(0);
    const { n, heldOut, regressionError } = JSON.parse(alignment.stdout);
    expect([n, heldOut]).toEqual([24, 6]);
    expect(regressionError.finalKernel).toBeLessThan(regressionError.initialKernel);
    expect(alignment.stderr).toMatch(/: the kernel .*, the loss has halved at time|; the loss has halved at time/);
    const neurons = await inspect('--inputs', 'mnist:0/1', '--samples', '20', '--neurons', '--json');
    expect(neurons.code).toBe(0);
    const { coherence, stableRank } = JSON.parse(neurons.stdout);
    expect(coherence).toBeLessThan(0);
    expect(stableRank.at(-1)).toBeLessThan(1.5);
    expect(neurons.stderr).toMatch(/coherence μ .*S_\+ .*the last pattern changed/s);
  });

  it.each([
    [['--alignment', '--neurons'], /two questions/],
    [['--alignment', '--steps', '3'], /--steps does not go with --alignment/],
    [['--neurons', '--first-layer', w], /--first-layer does not go with --neurons/],
    [['--sigma', '0.1'], /--sigma does not go with/],
    [['--alignment', '--activation', 'erf', '--labels', y], /does not know erf/],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await inspect('--inputs', x, ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('reads MNIST, and warns of what the theorem does not cover', async () => {
    const { code, stdout } = await inspect('--inputs', 'mnist:3/8', '--samples', '60', '--width', '64', '--steps', '3');
    expect(code).toBe(0);
    expect(stdout).toMatch(/warning: the spectrum has a dominant spike/);
    expect(stdout).toMatch(/warning: n = 60 is small/);
    expect(stdout).toMatch(/warning: m = 64 is below d = 784/);
  });

  it('draws deep networks', async () => {
    const { code, stdout } = await inspect('--inputs', x, '--labels', y, '--depth', '3', '--activation', 'erf', '--steps', '4');
    expect(code).toBe(0);
    expect(stdout).toMatch(/training all of 3 hidden layers and the readout/);
  });

  it.each([
    [['--inputs', x, '--depth', '2', '--train', 'both'], /--depth draws a network of which all layers are trained/],
    [['--inputs', x, '--data', folder], /--data does not go with/],
    [[], /required option '--inputs/],
    [['--inputs', join(folder, 'none.npy')], /cannot be read/],
    [['--inputs', x, '--labels', w], /--labels\) has the wrong shape/],
    [['--inputs', x, '--first-layer', w], /only one layer/],
    [['--inputs', x, '--first-layer', x, '--second-layer', v], /--second-layer\) has the wrong shape\n {2}expected: \(80\)/],
    [['--inputs', x, '--first-layer', w, '--second-layer', v, '--width', '4'], /--width does not go with/],
    [['--inputs', x, '--width', '7'], /even number/],
    [['--inputs', x, '--activation', 'swish'], /unknown activation 'swish'/],
    [['--inputs', x, '--train', 'third'], /Allowed choices are first, second, both/],
    [['--inputs', x, '--step', '0'], /positive number/],
    [['--inputs', x, '--samples', '1'], /whole number from 2/],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await inspect(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
