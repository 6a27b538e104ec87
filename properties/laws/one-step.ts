import type { Laboratory } from '../../src/claim/claim.js';
import { defineClaim } from '../../src/claim/define.js';
import { activation } from '../../src/math/activation.js';
import { dot, toFloat64 } from '../../src/math/matrix.js';
import { capable } from '../../src/models/capability.js';
import { activations, twoLayerInstances } from '../../src/models/two-layer/instances.js';
import type { TwoLayerProblem } from '../../src/models/two-layer/problem.js';
import { kernelRoundoff, outputRoundoff } from '../../src/models/two-layer/roundoff.js';
import { byActivation } from '../lib/by-activation.js';
import { generalProblem, type Instance, identity, smallSpace } from './lib/small.js';

const space = { ...smallSpace, relativeStep: [0.002, 0.02] } as const;
const instances = byActivation(activations, (names) => twoLayerInstances({ ...space, activations: names }));
const smoothActivations = ['erf', 'tanh', 'gelu', 'softplus'];

/** What one step on W leaves of f_1 − f_0 beyond its first order, at each input, with its rounding and with Lagrange's bounds on what follows. */
interface Remainder {
  readonly values: Float64Array;
  readonly rounding: Float64Array;
  /** On the remainder itself. */
  readonly second: Float64Array;
  /** On the remainder without its second order; says nothing where φ has a kink. */
  readonly third: Float64Array;
}

/** The remainders at η and at η/2, where the kernel of the first order is scale·Θ₁. */
async function remainders(
  problem: TwoLayerProblem,
  { relativeStep }: Instance,
  scale: number,
  { subject }: Laboratory,
): Promise<{ readonly whole: Remainder; readonly half: Remainder }> {
  const kernel = await capable(subject, 'twoLayer', 'tangentKernel')(problem, 'first');
  const { entries } = await kernelRoundoff(problem, subject, 'first');
  const outputRounding = await outputRoundoff(problem, subject, problem.inputs);
  const n = problem.inputs.rows;
  const remainderAt = async (step: number): Promise<Remainder> => {
    const { outputs } = await capable(subject, 'twoLayer', 'train')(problem, { first: step, second: 0 }, [0, 1]);
    const [before, after] = [outputs[0]!, outputs[1]!];
    const residual = Float64Array.from(before, (f, i) => f - problem.labels[i]!);
    const values = new Float64Array(n);
    const rounding = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      let linear = 0;
      let budget = 4 * outputRounding[i]!;
      for (let j = 0; j < n; j++) {
        linear -= (step / n) * scale * kernel.data[i * n + j]! * residual[j]!;
        budget +=
          (step / n) *
          (2 * entries.data[i * n + j]! * Math.abs(residual[j]!) + Math.abs(kernel.data[i * n + j]!) * outputRounding[j]!);
      }
      values[i] = after[i]! - before[i]! - linear;
      rounding[i] = budget;
    }
    return { values, rounding, ...taylorBounds(problem, residual, step) };
  };
  const step = relativeStep * problem.inputs.columns;
  return { whole: await remainderAt(step), half: await remainderAt(step / 2) };
}

function meanSize(values: Float64Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
}

const source = { paper: 'hu2020', place: 'dynamics in function space' };

export const oneStep = defineClaim<Instance, { scale: number }>({
  id: 'laws/one-step',
  title: 'one step of descent changes f by −(η/n) Θ₁ (f − y) + O(η²)',
  kind: 'identity',
  statement:
    'one step of gradient descent on W changes f by −(η/n) Θ₁ (f − y) and a remainder that Taylor bounds by O(η²), at η and η/2',
  formula: String.raw`f_1 - f_0 = -\frac{\eta'}n\, \Theta_1 (f_0 - y) + R(\eta'), \quad R(\eta') = O(\eta'^2) \quad\text{for}\quad \eta' \in \bigl\{\eta, \tfrac\eta2\bigr\}`,
  source,
  needs: ['twoLayer.tangentKernel', 'twoLayer.train'],
  instances,
  theory: { scale: 1 },
  measure: async (instance, { scale }, laboratory) => {
    const { whole, half } = await remainders(generalProblem(instance), instance, scale, laboratory);
    let worst = 0;
    for (const { values, rounding, second } of [whole, half]) {
      for (const [i, value] of values.entries()) worst = Math.max(worst, Math.abs(value) / (second[i]! + rounding[i]!));
    }
    return identity(worst, { meanRemainder: meanSize(whole.values), meanRemainderAtHalf: meanSize(half.values) });
  },
  controls: [
    {
      id: 'doubled-kernel',
      statement: 'twice the kernel',
      where: twoLayerInstances({ ...space, activations: smoothActivations }),
      theory: { scale: 2 },
    },
  ],
});

export const oneStepOrder = defineClaim<Instance, { order: number }>({
  id: 'laws/one-step-order',
  title: 'the remainder of one step is of second order',
  kind: 'identity',
  statement:
    'the remainder of one step is of second order (Richardson): that at η is four times that at η/2, but for what Taylor bounds by O(η³), where φ is smooth and v > 0',
  formula: String.raw`R(\eta) = 4\, R\bigl(\tfrac\eta2\bigr) + O(\eta^3) \quad\text{for}\quad R(\eta) = f_1 - f_0 + \frac\eta n\, \Theta_1 (f_0 - y), \quad \varphi \text{ smooth},\; v > 0`,
  source,
  needs: ['twoLayer.tangentKernel', 'twoLayer.train'],
  instances: byActivation(smoothActivations, (names) =>
    twoLayerInstances({ ...space, activations: names, relativeStep: [0.02, 0.2] }),
  ),
  theory: { order: 2 },
  measure: async (instance, { order }, laboratory) => {
    const general = generalProblem(instance);
    // Weights of one sign: their second orders do not cancel.
    const problem = { ...general, secondLayer: general.secondLayer.map(Math.abs) };
    const { whole, half } = await remainders(problem, instance, 1, laboratory);
    const factor = 2 ** order;
    let worst = 0;
    for (const [i, value] of whole.values.entries()) {
      const budget = whole.rounding[i]! + factor * half.rounding[i]! + whole.third[i]! + factor * half.third[i]!;
      worst = Math.max(worst, Math.abs(value - factor * half.values[i]!) / budget);
    }
    return identity(worst, { ratio: meanSize(whole.values) / meanSize(half.values) });
  },
  controls: [
    {
      id: 'first-order',
      statement: 'twice that at η/2, for convex φ',
      where: twoLayerInstances({ ...space, activations: ['gelu', 'softplus'], relativeStep: [0.4, 0.6] }),
      theory: { order: 1 },
    },
  ],
});

/**
 * Lagrange's bounds at each input. On |f_1 − f_0 − first order|: (1/√m) Σ_r |v_r| ½ sup|φ''| δz², and for a kinked φ (1/√m) Σ_r |v_r| jump |δz|
 * over the units with |z| ≤ |δz|; on what is left without the second order: (1/√m) Σ_r |v_r| ⅙ sup|φ‴| |δz|³. δz is the change of the preactivation
 * under the exact gradient at that residual.
 */
function taylorBounds(
  { inputs, firstLayer, secondLayer, activation: name }: TwoLayerProblem,
  residual: Float64Array,
  step: number,
): Pick<Remainder, 'second' | 'third'> {
  const phi = activation(name);
  const [n, d, m] = [inputs.rows, inputs.columns, secondLayer.length];
  const [x, w] = [toFloat64(inputs.data), toFloat64(firstLayer.data)];
  const second = new Float64Array(n);
  const third = new Float64Array(n);
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
      const weight = Math.abs(v) / Math.sqrt(m);
      second[i] = second[i]! + weight * (0.5 * phi.curvatureBound * dz * dz + kink);
      third[i] = third[i]! + (weight * phi.thirdDerivativeBound * dz ** 3) / 6;
    }
  }
  return { second, third };
}
