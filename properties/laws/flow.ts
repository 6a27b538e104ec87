import fc from 'fast-check';
import type { Instance } from '../../src/claim/claim.js';
import { defineClaim } from '../../src/claim/define.js';
import { gram } from '../../src/linear-algebra/products.js';
import { evenly, logarithmically, seeds } from '../../src/math/arbitraries.js';
import {
  type DenseMatrix,
  largestDifference,
  type Matrix64,
  matrix64,
  squaredNorm,
  toFloat64,
  transposed,
} from '../../src/math/matrix.js';
import { stream } from '../../src/math/random.js';
import { capable } from '../../src/models/capability.js';
import {
  drawLinearProblem,
  gaussianLayer,
  inputsOf,
  type LinearInstance,
  linearInstances,
  noInputs,
  unitVector,
} from '../../src/models/gradient-flow/instances.js';
import type { GradientFlowProblem } from '../../src/models/gradient-flow/problem.js';
import { integrate, referenceFlowKernel } from '../../src/models/gradient-flow/reference.js';
import { largestRelative } from '../lib/flows.js';
import { byDepth, lawTime, linearPlan } from '../lib/linear-networks.js';
import { identity } from './lib/small.js';

const source = { paper: 'atanasov2022', place: 'gradient flow of deep networks' };
const common = { kind: 'identity', source } as const;

export const flowEqualsReference = defineClaim<LinearInstance, { stretch: number }>({
  ...common,
  id: 'laws/flow-equals-reference',
  title: 'the flow of a deep linear network equals the float64 reference',
  statement: 'the weights of a deep linear network after the steps of its flow equal those of the float64 reference',
  formula: String.raw`\hat W_l(t) = W_l^{\text{float64}}(t) \quad\text{within rounding}, \quad \dot W_l = -\frac{\partial \mathcal L}{\partial W_l}, \quad l = 1, \dots, L`,
  needs: ['flow.integrate'],
  instances: byDepth(),
  theory: { stretch: 1 },
  measure: async (instance, { stretch }, { subject }) => {
    const { problem } = drawLinearProblem(instance);
    const planned = integrate(problem, linearPlan(instance, 1, [0.3]));
    const record = [planned.steps.length];
    const [found] = await capable(subject, 'flow', 'integrate')(
      problem,
      planned.steps.map((step) => step * stretch),
      record,
    );
    const error = largestRelative(found!.weights, planned.states.at(-1)!.weights);
    // While the loss falls a relative error ε of small weights is one of about 4 ε in the time that has passed of the fall.
    const ratio = error / (64 * subject.roundoff.accumulator * Math.sqrt(planned.steps.length));
    return identity(ratio, { error }, stretch === 1 ? ratio : null);
  },
  controls: [
    { id: 'longer-steps', statement: 'steps longer by one per mille', where: linearInstances(), theory: { stretch: 1.001 } },
  ],
});

/** Largest change of the weights at the end, where the flow has settled, and in the middle of the fall, when every step is halved. */
const HALVED = 1e-3;

export const flowStepsHalved = defineClaim<LinearInstance, { tolerance: number }>({
  ...common,
  id: 'laws/flow-steps-halved',
  title: 'halving every step of a flow changes nothing',
  statement:
    'the error bound of a step, 10⁻⁵, is small enough: with every step halved the weights change by less than 10⁻³ of their norms, also in the middle of the fall of the loss',
  formula: String.raw`\frac{\lVert W_l^{(h/2)} - W_l^{(h)} \rVert_F}{\lVert W_l^{(h)} \rVert_F} < 10^{-3} \quad\text{for steps } h \text{ with error bound } 10^{-5},\; l = 1, \dots, L, \;\text{ in the middle of the fall of } \mathcal L \text{ and at its end}`,
  needs: ['flow.integrate'],
  instances: byDepth(),
  theory: { tolerance: 1e-5 },
  measure: async (instance, { tolerance }, { subject }) => {
    const { problem } = drawLinearProblem(instance);
    const planned = integrate(problem, { ...linearPlan(instance, 1e-3, [0.5]), tolerance });
    const marks = [planned.events[0]!, planned.steps.length];
    const halved = planned.steps.flatMap((step) => [step / 2, step / 2]);
    const whole = await capable(subject, 'flow', 'integrate')(problem, planned.steps, marks);
    const half = await capable(subject, 'flow', 'integrate')(
      problem,
      halved,
      marks.map((mark) => 2 * mark),
    );
    const change = Math.max(...whole.map(({ weights }, k) => largestRelative(half[k]!.weights, weights)));
    return identity(change / HALVED, { change, steps: planned.steps.length });
  },
  controls: [
    { id: 'coarse', statement: 'an error bound of 0.1', where: linearInstances({ depths: [3, 4] }), theory: { tolerance: 0.1 } },
  ],
});

const wide = ({ rows, columns, data }: DenseMatrix): Matrix64 => ({ rows, columns, data: toFloat64(data) });

export const flowConserves = defineClaim<LinearInstance, { sign: number }>({
  ...common,
  id: 'laws/flow-conserves',
  title: 'W_l W_lᵀ − W_{l+1}ᵀ W_{l+1} stays constant along the flow',
  statement:
    'W_l W_lᵀ − W_{l+1}ᵀ W_{l+1} stays constant along the flow: it changes by at most 2·10⁻⁵ of ‖W_{l+1}ᵀ W_{l+1}‖_F from the start to the end',
  formula: String.raw`\left\lVert C_l(t_{\mathrm{end}}) - C_l(0) \right\rVert_F \le 2 \cdot 10^{-5}\, \left\lVert W_{l+1}^{\mathsf T} W_{l+1} \right\rVert_F, \quad C_l = W_l W_l^{\mathsf T} - W_{l+1}^{\mathsf T} W_{l+1}`,
  needs: ['flow.integrate'],
  instances: byDepth(),
  theory: { sign: -1 },
  measure: async (instance, { sign }, { subject }) => {
    const { problem } = drawLinearProblem(instance);
    const planned = integrate(problem, linearPlan(instance, 1e-6));
    const [end] = await capable(subject, 'flow', 'integrate')(problem, planned.steps, [planned.steps.length]);
    const invariant = (weights: readonly DenseMatrix[], l: number) => {
      const upper = gram(transposed(wide(weights[l + 1]!))).data;
      return gram(wide(weights[l]!)).data.map((entry, k) => entry + sign * upper[k]!);
    };
    let worst = 0;
    for (let l = 0; l < instance.depth - 1; l++) {
      const before = invariant(problem.weights, l);
      const change = invariant(end!.weights, l).map((entry, k) => entry - before[k]!);
      const size = squaredNorm(gram(transposed(wide(end!.weights[l + 1]!))).data);
      worst = Math.max(worst, Math.sqrt(squaredNorm(change) / size));
    }
    return identity(worst / 2e-5, { worst });
  },
  controls: [{ id: 'sum', statement: 'the sum in place of the difference', where: linearInstances(), theory: { sign: 1 } }],
});

/** Balanced rank-one weights, aligned with the teacher: W_1 = u z βᵀ, W_l = u z zᵀ, W_L = u zᵀ. */
interface BalancedInstance extends Instance {
  readonly inputDimension: number;
  readonly width: number;
  readonly depth: number;
  readonly scale: number;
  /** u_0/s^{1/L}. */
  readonly start: number;
}

const balanced: fc.Arbitrary<BalancedInstance> = fc
  .record({
    inputDimension: fc.integer({ min: 2, max: 16 }),
    width: fc.integer({ min: 2, max: 24 }),
    depth: fc.constantFrom(2, 3, 4),
    scale: logarithmically([0.5, 2]),
    place: evenly([0, 1]),
    seed: seeds,
  })
  .map(({ place, ...rest }) => {
    const low = { 2: 0.02, 3: 0.1, 4: 0.2 }[rest.depth]!;
    return { ...rest, start: low * (0.3 / low) ** place };
  });

export const flowSigmoid = defineClaim<BalancedInstance, { factor: (depth: number) => number }>({
  ...common,
  id: 'laws/flow-sigmoid',
  title: 'from balanced weights the flow follows its closed form',
  statement:
    'from balanced weights along the teacher c = u^L follows ċ = L c^{2−2/L}(s − c) exactly (L = 2: the sigmoid s e^{2st}/(e^{2st} − 1 + s/c_0)): its time is that of the closed form within 10⁻³/(L s^{2−2/L}), from the start to c near s',
  formula: String.raw`\begin{gathered} \dot c = L\, c^{2 - 2/L} (s - c), \quad c = u^L, \quad \left\lvert t - \int_{c_0}^{c(t)} \frac{\mathrm dc}{L\, c^{2 - 2/L} (s - c)} \right\rvert \le \frac{10^{-3}}{L\, s^{2 - 2/L}} \\ c(t) = \frac{s\, e^{2st}}{e^{2st} - 1 + s/c_0} \quad\text{for}\quad L = 2 \end{gathered}`,
  needs: ['flow.integrate'],
  instances: balanced,
  theory: { factor: (depth) => depth },
  measure: async ({ inputDimension: d, width, depth, scale: s, start, seed }, { factor }, { subject }) => {
    const random = stream(seed, 'balanced');
    const teacher = unitVector(d, random);
    const direction = unitVector(width, random);
    const u = start * s ** (1 / depth);
    const outer = (left: Float64Array, right: Float64Array) => ({
      rows: left.length,
      columns: right.length,
      data: Float32Array.from(
        { length: left.length * right.length },
        (_, k) => u * left[Math.floor(k / right.length)]! * right[k % right.length]!,
      ),
    });
    const weights = Array.from({ length: depth }, (_, l) =>
      outer(l === depth - 1 ? Float64Array.of(1) : direction, l === 0 ? teacher : direction),
    );
    const basis = matrix64(d, d);
    for (let k = 0; k < d; k++) basis.data[k * d + k] = 1;
    const inputs = inputsOf(basis);
    const labels = { rows: d, columns: 1, data: Float32Array.from(teacher, (entry) => s * Math.sqrt(d) * entry) };
    const problem: GradientFlowProblem = { activation: 'linear', inputs, labels, freshInputs: noInputs(d), weights };
    const planned = integrate(problem, { tolerance: 1e-5, end: 1e-3, rate: depth * s ** (2 - 2 / depth) });
    const record = planned.steps.map((_, k) => k + 1);
    const states = await capable(subject, 'flow', 'integrate')(problem, planned.steps, record);
    const learned = (layers: readonly DenseMatrix[]) =>
      layers.reduce((size, layer) => size * Math.sqrt(squaredNorm(toFloat64(layer.data))), 1) / s;
    const origin = lawTime(learned(weights), depth);
    const speed = factor(depth) * s ** (2 - 2 / depth);
    let worst = 0;
    for (const state of states) {
      const time = (lawTime(Math.min(learned(state.weights), 1 - 1e-9), depth) - origin) / speed;
      worst = Math.max(worst, Math.abs(state.time - time) * speed);
    }
    return identity(worst / 1e-3, { worst, steps: planned.steps.length });
  },
  controls: [{ id: 'no-factor', statement: 'the law without its factor L', where: balanced, theory: { factor: () => 1 } }],
});

/** A small network of any depth, linear or ReLU, with one output or several. */
interface KernelInstance extends Instance {
  readonly inputDimension: number;
  readonly samples: number;
  readonly fresh: number;
  readonly width: number;
  readonly depth: number;
  readonly outputs: number;
  readonly activation: 'linear' | 'relu';
}

const networks: fc.Arbitrary<KernelInstance> = fc.record({
  inputDimension: fc.integer({ min: 2, max: 6 }),
  samples: fc.integer({ min: 2, max: 5 }),
  fresh: fc.integer({ min: 0, max: 3 }),
  width: fc.integer({ min: 2, max: 8 }),
  depth: fc.integer({ min: 2, max: 5 }),
  outputs: fc.integer({ min: 1, max: 3 }),
  activation: fc.constantFrom<'linear' | 'relu'>('linear', 'relu'),
  seed: seeds,
});

function networkOf({
  inputDimension: d,
  samples,
  fresh,
  width,
  depth,
  outputs,
  activation,
  seed,
}: KernelInstance): GradientFlowProblem {
  const random = stream(seed, 'network');
  const weights = Array.from({ length: depth }, (_, l) => {
    const columns = l === 0 ? d : width;
    return gaussianLayer(l === depth - 1 ? outputs : width, columns, 1 / Math.sqrt(columns), random);
  });
  return {
    activation,
    inputs: gaussianLayer(samples, d, 1, random),
    labels: gaussianLayer(samples, outputs, 1, random),
    freshInputs: gaussianLayer(fresh, d, 1, random),
    weights,
  };
}

interface KernelTheory {
  /** Factor of the first layer's weights in what the kernel is compared with. */
  readonly factor: number;
}

/** Largest difference of two kernels over what float32 explains of the largest entry: 2L products of at most N terms each way. */
function kernelRatio(
  { depth, width, inputDimension }: KernelInstance,
  found: DenseMatrix,
  wanted: DenseMatrix,
  roundoff: number,
): number {
  const largest = Float64Array.from(wanted.data).reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
  const difference = largestDifference(found.data, wanted.data);
  // All units dead: both kernels are zero.
  return difference === 0 ? 0 : difference / (4 * depth * (width + inputDimension + 4) * roundoff * largest);
}

export const flowKernelEqualsJacobian = defineClaim<KernelInstance, KernelTheory>({
  ...common,
  id: 'laws/flow-kernel-equals-jacobian-gram',
  title: 'the closed form of a kernel with any outputs is its Jacobian’s Gram matrix',
  statement: 'the closed form of the tangent kernel of a network with any depth and outputs is the Gram matrix of its Jacobian',
  formula: String.raw`\sum_{l=1}^L \Bigl\langle \frac{\partial f_c(x_i)}{\partial z_l}, \frac{\partial f_e(x_j)}{\partial z_l} \Bigr\rangle \bigl\langle h_{l-1}(x_i), h_{l-1}(x_j) \bigr\rangle = \bigl(J J^{\mathsf T}\bigr)_{ci, ej}, \quad J = \frac{\partial f(X)}{\partial (W_1, \dots, W_L)}, \quad z_l = W_l h_{l-1}`,
  needs: ['flow.tangentKernel', 'flow.tangentKernelByJacobian'],
  instances: networks,
  theory: { factor: 1 },
  measure: async (instance, { factor }, { subject }) => {
    const problem = networkOf(instance);
    const kernel = await capable(subject, 'flow', 'tangentKernel')(problem, problem.weights);
    const jacobian = await capable(subject, 'flow', 'tangentKernelByJacobian')(problem, problem.weights);
    const scaled = { ...jacobian, data: Float64Array.from(jacobian.data, (entry) => factor * entry) };
    return identity(kernelRatio(instance, kernel, scaled, subject.roundoff.accumulator));
  },
  controls: [{ id: 'one-per-mille', statement: 'a kernel larger by one per mille', where: networks, theory: { factor: 1.001 } }],
});

export const flowKernelEqualsReference = defineClaim<KernelInstance, KernelTheory>({
  ...common,
  id: 'laws/flow-kernel-equals-reference',
  title: 'kernels in standard parametrisation equal the float64 reference',
  statement: 'the tangent kernel of a network in standard parametrisation equals that of the float64 reference',
  formula: String.raw`\hat\Theta = \Theta^{\text{float64}} \quad\text{within rounding}, \quad \Theta = J J^{\mathsf T}, \quad f(x) = W_L\, \varphi\bigl(W_{L-1} \cdots \varphi(W_1 x)\bigr)`,
  needs: ['flow.tangentKernel'],
  instances: networks,
  theory: { factor: 1 },
  measure: async (instance, { factor }, { subject }) => {
    const problem = networkOf(instance);
    const kernel = await capable(subject, 'flow', 'tangentKernel')(problem, problem.weights);
    const wanted = referenceFlowKernel(problem, problem.weights);
    const scaled = { ...wanted, data: wanted.data.map((entry) => factor * entry) };
    const ratio = kernelRatio(instance, kernel, scaled, subject.roundoff.accumulator);
    return identity(ratio, {}, factor === 1 ? ratio : null);
  },
  controls: [{ id: 'one-per-mille', statement: 'a kernel larger by one per mille', where: networks, theory: { factor: 1.001 } }],
});
