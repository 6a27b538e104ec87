import fc from 'fast-check';
import type { Instance } from '../../src/claim/claim.js';
import { defineClaim } from '../../src/claim/define.js';
import { evenly, logarithmically, seeds } from '../../src/math/arbitraries.js';
import type { MarginLoss } from '../../src/math/margin-loss.js';
import { squaredNorm } from '../../src/math/matrix.js';
import { stream } from '../../src/math/random.js';
import { growingStart } from '../../src/models/relu-neurons/instances.js';
import { drawStart, type NeuronProblem, type NeuronState, stableRank } from '../../src/models/relu-neurons/problem.js';
import { byLoss } from '../lib/by-loss.js';
import { lateStates } from './lib/late-states.js';

/** The design on which the limit is tight: the inputs of a class on one ray, cos μ between the rays of y x, smallest norms γ_+ and γ_−. */
interface RayInstance extends Instance {
  readonly samples: number;
  readonly positives: number;
  readonly inputDimension: number;
  readonly coherence: number;
  /** γ_+ and γ_−/γ_+. */
  readonly smallestNorm: number;
  readonly marginRatio: number;
  readonly width: number;
  readonly loss: MarginLoss;
  readonly smallness: number;
}

function rayInstances(ratio: readonly [number, number]): fc.Arbitrary<RayInstance> {
  return fc
    .record({
      perClass: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 2, max: 4 })),
      inputDimension: fc.integer({ min: 2, max: 8 }),
      coherence: evenly([0.05, 0.6]),
      smallestNorm: evenly([0.5, 1.5]),
      marginRatio: logarithmically(ratio),
      width: fc.integer({ min: 8, max: 16 }),
      loss: fc.constantFrom<MarginLoss>('exponential', 'logistic'),
      smallness: evenly([10, 30]),
      seed: seeds,
    })
    .map(({ perClass: [positives, negatives], ...rest }) => ({ ...rest, positives, samples: positives + negatives }))
    .filter((instance) => growingStart(rayProblem(instance)));
}

function rayProblem(instance: RayInstance): NeuronProblem {
  const {
    samples: n,
    positives,
    inputDimension: d,
    coherence,
    smallestNorm,
    marginRatio,
    width,
    loss,
    smallness,
    seed,
  } = instance;
  const random = stream(seed, 'rays');
  const unit = (vector: Float64Array) => {
    const length = Math.sqrt(squaredNorm(vector));
    return vector.map((entry) => entry / length);
  };
  const first = unit(Float64Array.from({ length: d }, () => random.gaussian()));
  const other = Float64Array.from({ length: d }, () => random.gaussian());
  const along = other.reduce((sum, entry, k) => sum + entry * first[k]!, 0);
  const across = unit(other.map((entry, k) => entry - along * first[k]!));
  const second = first.map((entry, k) => coherence * entry + Math.sqrt(1 - coherence ** 2) * across[k]!);
  const labels = Float32Array.from({ length: n }, (_, i) => (i < positives ? 1 : -1));
  const data = new Float32Array(n * d);
  for (const [i, label] of labels.entries()) {
    const margin = label > 0 ? smallestNorm : marginRatio * smallestNorm;
    // The first of each class has the smallest norm.
    const norm = i === 0 || i === positives ? margin : margin * (1 + random.uniform());
    const ray = label > 0 ? first : second;
    for (let k = 0; k < d; k++) data[i * d + k] = label * norm * ray[k]!;
  }
  return {
    inputs: { rows: n, columns: d, data },
    labels,
    ...drawStart(width, d, stream(seed, 'weights')),
    logScale: -smallness,
    loss,
  };
}

interface SharpTheory {
  /** The limit at c² = ⟨u_+, u_−⟩² and δ. */
  readonly limit: (squaredCosine: number, delta: number) => number;
}

const sharpLimit: SharpTheory['limit'] = (squaredCosine, delta) =>
  2 / (1 + Math.sqrt(squaredCosine + delta ** 2 * (1 - squaredCosine)));

const END = 1e8;

export const lowRankSharp = defineClaim<RayInstance, SharpTheory>({
  id: 'min2024/low-rank-sharp',
  title: 'one ray per class: stable rank → 2/(1 + √(c² + δ²(1 − c²)))',
  kind: 'bound',
  statement:
    'with one ray per class the stable rank is within 0.03 of 2/(1 + √(c² + δ²(1 − c²))) at t₂ + 10⁸, c = ⟨u_+, u_−⟩ = −μ of the max-margin directions, δ = (1/γ_+ − 1/γ_−)/(1/γ_+ + 1/γ_−)',
  formula: String.raw`\left\lvert \frac{\lVert W \rVert_F^2}{\lVert W \rVert^2} - \frac2{1 + \sqrt{c^2 + \delta^2 (1 - c^2)}} \right\rvert \le 0.03 \;\text{ at } t = t_2 + 10^8, \quad c = \langle u_+, u_- \rangle = -\mu, \quad \delta = \frac{1/\gamma_+ - 1/\gamma_-}{1/\gamma_+ + 1/\gamma_-}`,
  source: { paper: 'min2024', place: 'theorem on low rank: the limit it bounds (ours)' },
  needs: ['neurons.integrate'],
  instances: byLoss(rayInstances([0.25, 4])),
  theory: { limit: sharpLimit },
  numbers: [
    { name: 'the limit', scaled: (factor) => ({ limit: (squaredCosine, delta) => factor * sharpLimit(squaredCosine, delta) }) },
  ],
  passRate: { claimed: 0.99, broken: 0.7 },
  measure: async (instance, { limit }, laboratory) => {
    const problem = rayProblem(instance);
    const { states, marks, roundoff, rounding } = await lateStates(problem, [END], laboratory);
    const { coherence, marginRatio } = instance;
    // γ_− = ratio · γ_+.
    const delta = (marginRatio - 1) / (marginRatio + 1);
    const expected = limit(coherence ** 2, delta);
    const rankOf = (of: readonly NeuronState[]) => stableRank(of[marks[0]!]!, problem.logScale).stableRank;
    const rank = rankOf(states);
    return {
      observed: Math.abs(rank - expected),
      bound: 0.03,
      roundoff: roundoff(rankOf),
      quantities: { rank, expected, delta },
      rounding,
    };
  },
  controls: [
    {
      id: 'margins-ignored',
      statement: '2/(1 + μ), as if both margins were equal, where one is at least 2.5 times the other',
      where: rayInstances([2.5, 4]),
      theory: { limit: (squaredCosine) => 2 / (1 + Math.sqrt(squaredCosine)) },
    },
    {
      id: 'paper-limit',
      statement: '2, the limit of the theorem itself',
      where: rayInstances([0.25, 4]),
      theory: { limit: () => 2 },
    },
  ],
});
