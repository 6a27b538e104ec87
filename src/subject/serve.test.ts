import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { plainSubject } from '../../fixtures/subjects/plain.js';
import { drawProblem } from '../models/two-layer/problem.js';
import { encodeNpy, readNpy } from '../support/npy.js';
import { inProcess } from '../testing/in-process.js';
import { smallInstance } from '../testing/small-problem.js';
import { answer, type ServedSubject } from './serve.js';

const directory = mkdtempSync(join(tmpdir(), 'earlytime-'));
const source = drawProblem(smallInstance({ activation: 'gelu' }), 3);
const put = (file: string, shape: readonly number[], data: Float32Array) => {
  writeFileSync(join(directory, file), encodeNpy({ shape, data }));
  return file;
};
const { inputs, firstLayer, secondLayer, labels, freshInputs } = source;
const problem = {
  activation: source.activation,
  inputs: put('x.npy', [inputs.rows, inputs.columns], inputs.data),
  labels: put('y.npy', [labels.length], labels),
  first_layer: put('w.npy', [firstLayer.rows, firstLayer.columns], firstLayer.data),
  second_layer: put('v.npy', [secondLayer.length], secondLayer),
};
const fresh = put('fresh.npy', [freshInputs.rows, freshInputs.columns], freshInputs.data);
const plain = plainSubject('plain');
const expected = inProcess(plain);
const read = (file: string) => readNpy(join(directory, file));

it('says what it is and can do', () => {
  const hello = { id: 0, method: 'hello', protocol: 1, directory } as const;
  expect(answer(plain, hello, directory)).toEqual({
    protocol: 1,
    name: 'plain',
    version: '1.0',
    dtype: 'float64',
    capabilities: ['tangent-kernel', 'predict', 'train', 'fresh-outputs', 'train-neurons', 'unequal-steps'],
    looked_for: ['tangentKernel', 'predict', 'train', 'trainNeurons'],
    attributes: ['name', 'version', 'dtype', 'tangentKernel', 'predict', 'train', 'trainNeurons'],
  });
  const little: ServedSubject = { name: 'little', version: '0', dtype: 'float32', activations: ['relu'] };
  expect(answer(little, hello, directory)).toMatchObject({ capabilities: [], activations: ['relu'] });
  const kernel = { id: 1, method: 'tangent-kernel', problem, layers: 'both' } as const;
  expect(() => answer(little, kernel, directory)).toThrow(/no such method/);
});

it('answers with the arrays of the subject', async () => {
  const { kernel } = answer(plain, { id: 1, method: 'tangent-kernel', problem, layers: 'both' }, directory) as { kernel: string };
  expect(read(kernel).data).toEqual((await expected.twoLayer!.tangentKernel!(source, 'both')).data);
  const { outputs } = answer(plain, { id: 2, method: 'predict', problem, at: fresh }, directory) as { outputs: string };
  expect(read(outputs).data).toEqual(await expected.twoLayer!.predict!(source, freshInputs));
  const steps = { first: 0.5, second: 0.25 };
  const request = { id: 3, method: 'train', problem, layers: 'both', step_sizes: steps, record: [0, 2] } as const;
  const trained = answer(plain, { ...request, fresh }, directory) as { outputs: string; fresh_outputs: string };
  const trajectory = await expected.twoLayer!.train!(source, steps, [0, 2]);
  expect(read(trained.outputs)).toEqual({
    shape: [2, inputs.rows],
    data: Float64Array.from(trajectory.outputs.flatMap((row) => [...row])),
  });
  expect(read(trained.fresh_outputs).shape).toEqual([2, freshInputs.rows]);
  expect(answer(plain, { ...request, fresh: null }, directory)).toEqual({ outputs: '3-outputs.npy' });
});
