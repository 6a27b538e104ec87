// A subject in plain JavaScript: f(x) = (1/√m) Σ_r v_r φ(w_r·x/√d), its tangent kernel and its training.
//   npx earlytime audit laws -- node node_modules/earlytime/examples/audit-javascript/subject.mjs
import { activation, serve } from 'earlytime';

/** Z = X Wᵀ/√d, n×m, on inputs X n×d. */
function preactivations(inputs, weights, d) {
  const [n, m] = [inputs.length / d, weights.length / d];
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: m }, (_, r) => {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += inputs[i * d + k] * weights[r * d + k];
      return sum / Math.sqrt(d);
    }),
  );
}

function outputs(inputs, { firstLayer, secondLayer }, d, phi) {
  const scale = 1 / Math.sqrt(secondLayer.length);
  return preactivations(inputs, firstLayer, d).map(
    (z) => scale * z.reduce((sum, value, r) => sum + secondLayer[r] * phi(value), 0),
  );
}

serve({
  name: 'example',
  version: '1.0',
  dtype: 'float64',

  tangentKernel({ inputs, firstLayer, secondLayer, inputDimension: d, samples: n, width: m, activation: name }, layers) {
    const { value, slope } = activation(name);
    const z = preactivations(inputs, firstLayer, d);
    const first = z.map((row) => row.map((x, r) => secondLayer[r] * slope(x)));
    const second = z.map((row) => row.map(value));
    const dot = (a, b) => a.reduce((sum, x, k) => sum + x * b[k], 0);
    const rows = Array.from({ length: n }, (_, i) => inputs.subarray(i * d, (i + 1) * d));
    return Float64Array.from({ length: n * n }, (_, k) => {
      const [i, j] = [Math.floor(k / n), k % n];
      const ofFirst = (dot(first[i], first[j]) * dot(rows[i], rows[j])) / (m * d);
      const ofSecond = dot(second[i], second[j]) / m;
      return { first: ofFirst, second: ofSecond, both: ofFirst + ofSecond }[layers];
    });
  },

  predict(problem, inputs) {
    return Float64Array.from(outputs(inputs, problem, problem.inputDimension, activation(problem.activation).value));
  },

  train(problem, steps, record, fresh) {
    const { inputs, labels, inputDimension: d, samples: n, width: m } = problem;
    const { value, slope } = activation(problem.activation);
    const weights = { firstLayer: problem.firstLayer.slice(), secondLayer: problem.secondLayer.slice() };
    const trained = { outputs: [], freshOutputs: [] };
    for (let t = 0; t <= record.at(-1); t++) {
      const f = outputs(inputs, weights, d, value);
      if (record.includes(t)) {
        trained.outputs.push(Float64Array.from(f));
        trained.freshOutputs.push(Float64Array.from(outputs(fresh, weights, d, value)));
      }
      const z = preactivations(inputs, weights.firstLayer, d);
      const before = weights.secondLayer.slice();
      for (let i = 0; i < n; i++) {
        const pull = (labels[i] - f[i]) / (n * Math.sqrt(m));
        for (let r = 0; r < m; r++) {
          weights.secondLayer[r] += steps.second * pull * value(z[i][r]);
          const along = (steps.first * pull * before[r] * slope(z[i][r])) / Math.sqrt(d);
          for (let k = 0; k < d; k++) weights.firstLayer[r * d + k] += along * inputs[i * d + k];
        }
      }
    }
    return trained;
  },
});
