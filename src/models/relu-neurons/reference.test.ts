import { describe, expect, it } from 'vitest';
import { lossWeight } from '../../math/margin-loss.js';
import { squaredNorm } from '../../math/matrix.js';
import { stream } from '../../math/random.js';
import type { NeuronProblem } from './problem.js';
import { neuronFlow, replayNeurons } from './reference.js';

/** Three points of which one neuron of V_+ loses the second, then the first: it dies. */
const dying: NeuronProblem = {
  inputs: { rows: 3, columns: 2, data: Float32Array.of(1, 0, -0.1, 1, -0.2, 1) },
  labels: Float32Array.of(1, -1, -1),
  directions: { rows: 1, columns: 2, data: Float32Array.of(-1 / Math.hypot(1, 0.12), 0.12 / Math.hypot(1, 0.12)) },
  logNorms: Float64Array.of(Math.log(Math.hypot(1, 0.12))),
  signs: Float32Array.of(1),
  logScale: Math.log(1e-6),
  loss: 'exponential',
};

/** The Cartesian midpoint rule with the masks of its two stages taken anew from the signs: what must not be done. */
function midpoint(problem: NeuronProblem, step: number, until: number): number {
  const { rows: n, columns: d, data } = problem.inputs;
  const size = Math.exp(problem.logScale + problem.logNorms[0]!);
  let w = Float64Array.from(problem.directions.data, (entry) => entry * size);
  let v = size;
  const product = (at: Float64Array, i: number) => at.reduce((sum, entry, k) => sum + entry * data[i * d + k]!, 0);
  const slopes = (at: Float64Array, scale: number) => {
    const field = new Float64Array(d);
    for (let i = 0; i < n; i++) {
      if (product(at, i) > 0) for (let k = 0; k < d; k++) field[k] = field[k]! + problem.labels[i]! * data[i * d + k]!;
    }
    return { w: field.map((entry) => scale * entry), v: field.reduce((sum, entry, k) => sum + entry * at[k]!, 0) };
  };
  for (let time = 0; time < until; time += step) {
    const first = slopes(w, v);
    const middle = slopes(
      w.map((entry, k) => entry + (step / 2) * first.w[k]!),
      v + (step / 2) * first.v,
    );
    w = w.map((entry, k) => entry + step * middle.w[k]!);
    v += step * middle.v;
  }
  return Math.max(...Array.from({ length: n }, (_, i) => product(w, i))) / Math.sqrt(squaredNorm(w));
}

describe('masks frozen within a step', () => {
  it('let a neuron reach S_dead, at the time that the exact flow gives', () => {
    const flow = neuronFlow(dying);
    const state = flow.run(5);
    expect([...state.masks]).toEqual([0, 0, 0]);
    expect(state.lastChange[0]).toBeCloseTo(0.20593022, 6);
  });

  it('where masks taken anew in the middle of a step hold it at the boundary for ever', () => {
    expect(midpoint(dying, 0.05, 5)).toBeCloseTo(0.016779, 5);
    expect(midpoint(dying, 0.05, 500)).toBe(midpoint(dying, 0.05, 5));
    expect(midpoint(dying, 0.02, 5)).toBeLessThanOrEqual(0);
  });
});

/** Two coherent classes in three dimensions and six neurons. */
function small(logScale: number, loss: NeuronProblem['loss']): NeuronProblem {
  const random = stream('small neurons');
  const labels = Float32Array.of(1, -1, 1, -1);
  const data = new Float32Array(12);
  labels.forEach((label, i) => {
    data.set([label * (0.8 + 0.2 * i), label * 0.4 * random.gaussian(), label * 0.4 * random.gaussian()], 3 * i);
  });
  const rows = Array.from({ length: 6 }, () => [random.gaussian(), random.gaussian(), random.gaussian()]);
  return {
    inputs: { rows: 4, columns: 3, data },
    labels,
    directions: {
      rows: 6,
      columns: 3,
      data: Float32Array.from(rows.flatMap((row) => row.map((entry) => entry / Math.hypot(...row)))),
    },
    logNorms: Float64Array.from(rows, (row) => Math.log(Math.hypot(...row))),
    signs: Float32Array.of(1, -1, 1, -1, 1, -1),
    logScale,
    loss,
  };
}

/** Cartesian flow with v of its own, classical Runge–Kutta steps so small that a frozen mask matters little. */
function cartesian(problem: NeuronProblem, until: number, step: number) {
  const { rows: n, columns: d, data } = problem.inputs;
  const h = problem.signs.length;
  const sizes = problem.logNorms.map((logNorm) => Math.exp(logNorm + problem.logScale));
  const size = h * (d + 1);
  let state = new Float64Array(size);
  for (let j = 0; j < h; j++) {
    for (let k = 0; k < d; k++) state[j * d + k] = problem.directions.data[j * d + k]! * sizes[j]!;
    state[h * d + j] = problem.signs[j]! * sizes[j]!;
  }
  const z = (at: Float64Array, j: number, i: number) => {
    let sum = 0;
    for (let k = 0; k < d; k++) sum += at[j * d + k]! * data[i * d + k]!;
    return sum;
  };
  const slope = (at: Float64Array, masks: Uint8Array) => {
    const change = new Float64Array(size);
    const weights = Float64Array.from({ length: n }, (_, i) => {
      let f = 0;
      for (let j = 0; j < h; j++) if (masks[j * n + i]) f += at[h * d + j]! * z(at, j, i);
      return problem.labels[i]! * lossWeight(problem.loss, problem.labels[i]! * f);
    });
    for (let j = 0; j < h; j++) {
      for (let i = 0; i < n; i++) {
        if (!masks[j * n + i]) continue;
        for (let k = 0; k < d; k++) change[j * d + k] = change[j * d + k]! + at[h * d + j]! * weights[i]! * data[i * d + k]!;
        change[h * d + j] = change[h * d + j]! + weights[i]! * z(at, j, i);
      }
    }
    return change;
  };
  const plus = (a: Float64Array, b: Float64Array, factor: number) => a.map((entry, k) => entry + factor * b[k]!);
  for (let time = 0; time < until - step / 2; time += step) {
    const masks = Uint8Array.from({ length: h * n }, (_, k) => (z(state, Math.floor(k / n), k % n) > 0 ? 1 : 0));
    const k1 = slope(state, masks);
    const k2 = slope(plus(state, k1, step / 2), masks);
    const k3 = slope(plus(state, k2, step / 2), masks);
    const k4 = slope(plus(state, k3, step), masks);
    state = state.map((entry, k) => entry + (step / 6) * (k1[k]! + 2 * k2[k]! + 2 * k3[k]! + k4[k]!));
  }
  const norms = Float64Array.from({ length: h }, (_, j) => Math.sqrt(squaredNorm(state.subarray(j * d, (j + 1) * d))));
  return { norms, second: state.slice(h * d), first: state.slice(0, h * d) };
}

describe.each(['exponential', 'logistic'] as const)('with the %s loss', (loss) => {
  it.each([-30, -4])('the polar flow is the Cartesian one, which stays balanced, at ln ε = %d', (logScale) => {
    const problem = small(logScale, loss);
    const until = 4;
    const state = neuronFlow(problem).run(until);
    const { norms, second, first } = cartesian(problem, until, 5e-4);
    for (const [j, norm] of norms.entries()) {
      expect(Math.abs(second[j]!) / norm).toBeCloseTo(1, 6);
      expect(state.logNorms[j]! + logScale).toBeCloseTo(Math.log(norm), 1.5);
      for (let k = 0; k < 3; k++) expect(state.directions.data[j * 3 + k]!).toBeCloseTo(first[j * 3 + k]! / norm, 1.5);
    }
  });
});

it('repeats its own steps exactly', () => {
  const problem = small(-10, 'logistic');
  const flow = neuronFlow(problem);
  flow.run(30);
  const [state] = replayNeurons(problem, flow.steps, [flow.steps.length]);
  expect(state).toEqual(flow.state());
});

it('neither under- nor overflows at ln ε = −10⁶', () => {
  const problem = small(-1e6, 'exponential');
  const flow = neuronFlow(problem);
  const state = flow.run(1e12, ({ logNorms }) => Math.max(...logNorms) - 1e6 > -3);
  expect(state.logNorms.every(Number.isFinite)).toBe(true);
  expect(state.directions.data.every(Number.isFinite)).toBe(true);
});

it('gives up, and says so, on a flow that takes too many steps', () => {
  expect(() => neuronFlow(small(-2, 'exponential')).run(1e300)).toThrow(/more than 3000 steps/);
});
