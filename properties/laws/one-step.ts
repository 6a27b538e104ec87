import { activation } from '../../src/activation.js';
import { defineClaim, IDENTITY_PASS_RATE } from '../../src/claim.js';
import { twoLayerInstances } from '../../src/instance.js';
import { dot, widened } from '../../src/matrix.js';
import type { Problem } from '../../src/problem.js';
import { outputRoundoff } from '../../src/roundoff/forward.js';
import { kernelRoundoff } from '../../src/roundoff/kernel.js';
import { capable } from '../../src/subject/subject.js';
import { generalProblem, identity, smallSpace } from './small.js';

const instances = twoLayerInstances({ ...smallSpace, relativeStep: [0.002, 0.02] });
const smooth = twoLayerInstances({
  ...smallSpace,
  relativeStep: [0.002, 0.02],
  activations: ['erf', 'tanh', 'gelu', 'softplus'],
});

export const oneStep = defineClaim({
  id: 'laws/one-step',
  kind: 'identity',
  statement:
    'one step of gradient descent on W changes f by −(η/n) Θ₁ (f − y) and a remainder that Taylor bounds by O(η²), at η and η/2',
  source: { paper: 'hu2020', place: 'dynamics in function space' },
  assumptions: [],
  instances,
  theory: { scale: 1 },
  passRate: IDENTITY_PASS_RATE,
  measure: async (instance, { scale }, { subject }) => {
    const problem = generalProblem(instance);
    const kernel = await capable(subject, 'tangentKernel')(problem, 'first');
    const { entries } = await kernelRoundoff(problem, subject, 'first');
    const rounding = await outputRoundoff(problem, subject, problem.inputs);
    const n = problem.inputs.rows;
    const quantities: Record<string, number> = {};
    let worst = 0;
    for (const part of [1, 0.5]) {
      const step = part * instance.relativeStep * instance.inputDimension;
      const { outputs } = await capable(subject, 'train')(problem, { first: step, second: 0 }, [0, 1]);
      const [before, after] = [outputs[0]!, outputs[1]!];
      const residual = Float64Array.from(before, (f, i) => f - problem.labels[i]!);
      const remainder = taylorRemainder(problem, residual, step);
      let sum = 0;
      for (let i = 0; i < n; i++) {
        let linear = 0;
        let budget = 4 * rounding[i]!;
        for (let j = 0; j < n; j++) {
          linear -= (step / n) * scale * kernel.data[i * n + j]! * residual[j]!;
          budget +=
            (step / n) *
            (2 * entries.data[i * n + j]! * Math.abs(residual[j]!) + Math.abs(kernel.data[i * n + j]!) * rounding[j]!);
        }
        const difference = Math.abs(after[i]! - before[i]! - linear);
        sum += difference;
        worst = Math.max(worst, difference / (remainder[i]! + budget));
      }
      quantities[part === 1 ? 'meanRemainder' : 'meanRemainderAtHalf'] = sum / n;
    }
    return identity(worst, quantities);
  },
  controls: [{ id: 'doubled-kernel', statement: 'twice the kernel', where: smooth, theory: { scale: 2 } }],
});

/**
 * Lagrange's bound on |f_1 − f_0 − first order| at each input: (1/√m) Σ_r |v_r| ½ sup|φ''| δz², and for a kinked φ (1/√m) Σ_r |v_r| jump |δz|
 * over the units with |z| ≤ |δz|; δz is the change of the preactivation under the exact gradient at that residual.
 */
function taylorRemainder(
  { inputs, firstLayer, secondLayer, activation: name }: Problem,
  residual: Float64Array,
  step: number,
): Float64Array {
  const phi = activation(name);
  const [n, d, m] = [inputs.rows, inputs.columns, secondLayer.length];
  const [x, w] = [widened(inputs.data), widened(firstLayer.data)];
  const bound = new Float64Array(n);
  for (let r = 0; r < m; r++) {
    const v = secondLayer[r]!;
    const z = Float64Array.from({ length: n }, (_, i) => dot(x, i * d, w, r * d, d) / Math.sqrt(d));
    const change = new Float64Array(d);
    for (let i = 0; i < n; i++) {
      const pull = (-step * residual[i]! * v * phi.slope(z[i]!)) / (n * Math.sqrt(m * d));
      for (let k = 0; k < d; k++) change[k] = change[k]! + pull * inputs.data[i * d + k]!;
    }
    for (let i = 0; i < n; i++) {
      const dz = Math.abs(dot(x, i * d, change, 0, d)) / Math.sqrt(d);
      // Twice δz for the kink: the subject's own z may be off by its rounding.
      const kink = phi.negativeSlope !== null && Math.abs(z[i]!) <= 2 * dz ? (1 - phi.negativeSlope) * dz : 0;
      bound[i] = bound[i]! + (Math.abs(v) * (0.5 * phi.curvatureBound * dz * dz + kink)) / Math.sqrt(m);
    }
  }
  return bound;
}
