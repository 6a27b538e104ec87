import fc from 'fast-check';
import type { Instance } from '../../src/claim/claim.js';
import { defineClaim } from '../../src/claim/define.js';
import { evenly, logarithmically, seeds } from '../../src/math/arbitraries.js';
import { dot, type Matrix32, squaredNorm } from '../../src/math/matrix.js';
import { stream } from '../../src/math/random.js';
import { drawSpectrum, orthonormal, unitVector } from '../../src/models/gradient-flow/instances.js';
import type { GradientFlowProblem } from '../../src/models/gradient-flow/problem.js';
import { FRESH, formula, measureRelu, type ReluTheory, statement, twoLayers } from './lib/relu.js';

/** A two-layer ReLU network on X = √P U S^γ Vᵀ. */
interface ReluInstance extends Instance {
  readonly inputDimension: number;
  readonly samples: number;
  readonly width: number;
  readonly scale: number;
  /** σ/√s. */
  readonly relativeSigma: number;
  /** Labels isotropic in whitened coordinates, or random signs. */
  readonly labels: 'whitened' | 'signs';
  /** γ: 0 for whitened inputs. */
  readonly power: number;
}

interface ReluSpace {
  readonly inputDimension?: readonly [number, number];
  readonly width?: readonly [number, number];
  /** P/D. */
  readonly share?: readonly [number, number];
  readonly sigma?: readonly [number, number];
  readonly labels?: ReluInstance['labels'];
  readonly power?: number;
}

function reluInstances(space: ReluSpace = {}): fc.Arbitrary<ReluInstance> {
  return fc
    .record({
      inputDimension: fc.integer({ min: space.inputDimension?.[0] ?? 20, max: space.inputDimension?.[1] ?? 32 }),
      share: evenly(space.share ?? [0.4, 0.65]),
      width: fc.integer({ min: space.width?.[0] ?? 64, max: space.width?.[1] ?? 100 }),
      scale: logarithmically([0.5, 2]),
      relativeSigma: logarithmically(space.sigma ?? [0.003, 0.01]),
      seed: seeds,
    })
    .map(({ share, ...rest }) => ({
      ...rest,
      samples: Math.floor(share * rest.inputDimension),
      labels: space.labels ?? 'whitened',
      power: space.power ?? 0,
    }));
}

/** Singular values before whitening, log-uniform. */
const SPECTRUM = [0.3, 3] as const;

function reluProblem(instance: ReluInstance): GradientFlowProblem {
  const { inputDimension: d, samples, width, scale, relativeSigma, labels, power, seed } = instance;
  const random = stream(seed, 'data');
  const rank = Math.min(samples, d);
  const [left, right] = [orthonormal(samples, rank, random), orthonormal(d, rank, random)];
  const values = drawSpectrum(rank, SPECTRUM, power, random);
  const inputs: Matrix32 = { rows: samples, columns: d, data: new Float32Array(samples * d) };
  for (let i = 0; i < samples; i++) {
    for (let k = 0; k < d; k++) {
      let sum = 0;
      for (let r = 0; r < rank; r++) sum += left.data[i * rank + r]! * values[r]! * right.data[k * rank + r]!;
      inputs.data[i * d + k] = Math.sqrt(samples) * sum;
    }
  }
  const direction = unitVector(rank, random);
  const targets = Float64Array.from({ length: samples }, (_, i) =>
    labels === 'signs' ? random.sign() : dot(left.data, i * rank, direction, 0, rank),
  );
  const size = scale / Math.sqrt(squaredNorm(targets) / samples);
  const fresh: Matrix32 = { rows: FRESH, columns: d, data: new Float32Array(FRESH * d) };
  for (let i = 0; i < FRESH; i++) {
    const draw = Float64Array.from({ length: rank }, (_, r) => random.gaussian() * values[r]! * Math.sqrt(samples / rank));
    for (let k = 0; k < d; k++) fresh.data[i * d + k] = dot(right.data, k * rank, draw, 0, rank);
  }
  return {
    activation: 'relu',
    inputs,
    labels: { rows: samples, columns: 1, data: Float32Array.from(targets, (y) => size * y) },
    freshInputs: fresh,
    weights: twoLayers(d, width, relativeSigma * Math.sqrt(scale), seed),
  };
}

function reluClaim(
  id: string,
  title: string,
  where: string,
  whereFormula: string,
  space: ReluSpace,
  expected?: { readonly verdict: 'refuted'; readonly reason: string },
) {
  return defineClaim<ReluInstance, ReluTheory>({
    id,
    title,
    kind: 'bound',
    statement: `${statement}; ${where}`,
    formula: String.raw`\begin{gathered} ${formula} \\ ${whereFormula} \end{gathered}`,
    source: { paper: 'atanasov2022', place: 'ReLU networks on whitened data' },
    needs: ['flow.integrate', 'flow.tangentKernel'],
    instances: reluInstances(space),
    theory: { kernel: 'final' },
    passRate: { claimed: 0.99, broken: 0.7 },
    measure: (instance, { kernel }, laboratory) => {
      const rate = instance.scale * (1 + 3 * instance.power);
      return measureRelu(reluProblem(instance), rate, kernel, laboratory, expected !== undefined);
    },
    controls: [
      {
        id: 'initial-kernel',
        statement: 'the initial kernel as the predictor',
        where: reluInstances(),
        theory: { kernel: 'initial' },
      },
      { id: 'large-sigma', statement: 'σ/√s from 0.5 to 1', where: reluInstances({ sigma: [0.5, 1] }) },
    ],
    ...(expected && { expected }),
  });
}

export const reluWhitened = reluClaim(
  'atanasov2022/relu-whitened',
  'ReLU, whitened, P < D: the final kernel predicts, the initial one does not',
  'whitened inputs, P from 0.4 D to 0.65 D, σ/√s from 0.003 to 0.01',
  String.raw`X = \sqrt P\, U V^{\mathsf T}, \quad 0.4 \le \frac PD \le 0.65, \quad 0.003 \le \frac\sigma{\sqrt s} \le 0.01`,
  {},
);
export const reluManySamples = reluClaim(
  'atanasov2022/scope-relu-more-samples',
  'scope edge: ReLU with P > D',
  'with more points than dimensions, P from 1.25 D to 1.5 D, and random signs',
  String.raw`X = \sqrt P\, U V^{\mathsf T}, \quad 1.25 \le \frac PD \le 1.5, \quad y_i = \pm s`,
  { inputDimension: [8, 12], width: [40, 60], share: [1.25, 1.5], labels: 'signs' },
  { verdict: 'refuted', reason: 'with P > D a ReLU network is only approximately regression with its final kernel' },
);
export const reluUnwhitened = reluClaim(
  'atanasov2022/scope-relu-unwhitened',
  'scope edge: ReLU on inputs that are not whitened',
  'on inputs with singular values from 0.3 to 3 and labels isotropic in whitened coordinates',
  String.raw`X = \sqrt P\, U S V^{\mathsf T}, \quad 0.3 \le S_{kk} \le 3, \quad y \propto U b,\; b \text{ isotropic}`,
  { power: 1, inputDimension: [14, 20], width: [40, 60] },
  {
    verdict: 'refuted',
    reason: 'inputs that are not whitened weaken silent alignment: the kernel goes on turning while the network learns',
  },
);
