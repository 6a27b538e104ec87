import { calibratedConstant } from '../../src/claim/calibration.js';
import { defineClaim } from '../../src/claim/define.js';
import {
  activations,
  type TwoLayerInstance,
  type TwoLayerSpace,
  twoLayerInstances,
} from '../../src/models/two-layer/instances.js';
import { finiteWidthBound, observedLayers } from './lib/kernel-bound.js';
import type { ObservedKernel } from './lib/kernel-difference.js';
import { kernelSpace } from './lib/kernel-space.js';
import { type KernelTheory, kernelTheory, wrongTheories } from './lib/terms.js';

const CALIBRATED = 'hu2020/first-layer-kernel';

interface Edge {
  readonly id: string;
  readonly title: string;
  readonly statement: string;
  /** The statement in LaTeX. */
  readonly where: string;
  readonly reason: string;
  readonly space: Partial<TwoLayerSpace>;
}

/**
 * The instance whose terms bound ‖E‖ here: Σ = I, Gaussian entries and m = 8d^{1+α}, whatever the instance has. The constants of the theorem do not depend
 * on Σ, the law and m, so that outside its assumptions the bound is that of an instance inside them.
 */
function inScope(instance: TwoLayerInstance): TwoLayerInstance {
  const { inputDimension: d, alpha } = instance;
  return { ...instance, spectrum: 'isotropic', law: 'gaussian', mean: 0, width: 8 * d ** (1 + alpha) };
}

/** The first-layer kernel claim without an assumption, which the numbers must show to be needed. */
function edge({ id, title, statement, where, reason, space }: Edge) {
  const instances = twoLayerInstances({ ...kernelSpace, spectra: ['isotropic'], ...space });
  return defineClaim<TwoLayerInstance, KernelTheory, ObservedKernel>({
    id: `hu2020/scope-${id}`,
    title: `scope edge: ${title}`,
    kind: 'bound',
    statement: `the first-layer kernel claim, with the constants of Σ = I, on ${statement}`,
    formula: String.raw`\lVert \Theta_1 - \Theta^{\mathrm{lin}}_1 \rVert \le C\, (T_1 + \dots + T_6)_{\Sigma = I,\, m = 8 d^{1+\alpha}}\, \frac nd \quad\text{for}\quad ${where}`,
    source: { paper: 'hu2020', place: 'assumptions of the first-layer kernel proposition' },
    needs: ['twoLayer.tangentKernel'],
    instances,
    theory: kernelTheory,
    passRate: { claimed: 0.99, broken: 0.7 },
    observe: observedLayers('first'),
    measure: (instance, theory, laboratory, observed) => {
      const constant = (name: string) => calibratedConstant(CALIBRATED, name);
      return finiteWidthBound(instance, 'first', theory, { ...laboratory, constant }, observed, inScope(instance));
    },
    controls: [{ ...wrongTheories.half, where: () => true }],
    expected: { verdict: 'refuted', reason },
  });
}

export const scopeEdges = [
  edge({
    id: 'uncentred',
    title: 'inputs with a mean',
    statement: 'inputs (x + 1)/√2',
    where: String.raw`x_i = \frac{z_i + \mathbf 1}{\sqrt2},\; \mathbb E z_i = 0`,
    reason: 'a mean of the inputs adds a direction of size n to XXᵀ, in which φ is far from its linear part',
    space: { mean: 1 },
  }),
  edge({
    id: 'heavy-tails',
    title: '‖x‖ with heavy tails',
    statement: 'inputs with a Student t₃ scale',
    where: String.raw`x_i = \tau_i g_i,\; g_i \sim \mathcal N(0, I),\; \tau_i^{-2} \sim \chi^2_3`,
    reason: '‖x‖²/d does not concentrate; inputs scaled to ‖x‖² = d satisfy the claim',
    space: { laws: ['student-t3'] },
  }),
  edge({
    id: 'inverse-spectrum',
    title: 'Σ ∝ 1/k',
    statement: 'Σ with eigenvalues ∝ 1/k',
    where: String.raw`\lambda_k(\Sigma) \propto \frac1k`,
    reason: '‖Σ‖ grows as d/ln d: the inputs have few effective dimensions, and inner products do not vanish',
    space: { spectra: ['inverse'] },
  }),
  edge({
    id: 'spike',
    title: 'one eigenvalue d/4',
    statement: 'Σ with one eigenvalue d/4',
    where: String.raw`\lambda_1(\Sigma) = \frac d4`,
    reason: 'one direction of the inputs is as large as all others together',
    space: { spectra: ['spike'] },
  }),
  edge({
    id: 'narrow',
    title: 'm = d/4',
    statement: 'networks of width m = d/4',
    where: String.raw`m = \frac d4`,
    reason: 'the fluctuation of Θ₁ over m/2 units is larger than n/d^{1+α}',
    space: { widthFactor: [0.25, 0.25], widthOf: (factor, d) => factor * d, activations },
  }),
];
