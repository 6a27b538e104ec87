import { gram } from '../../../src/linear-algebra/products.js';
import { dot, toFloat64 } from '../../../src/math/matrix.js';
import { capable, type Families } from '../../../src/models/capability.js';
import { isSettled, type NeuronProblem } from '../../../src/models/relu-neurons/problem.js';
import { neuronFlow } from '../../../src/models/relu-neurons/reference.js';
import { asNetwork } from '../../lib/neurons-as-network.js';

/** What moves a neuron w towards the boundary of an input x, while a = s Σ_active y_i x_i: A = ‖a‖, â = a/A. */
export interface Pull {
  /** A. */
  readonly size: number;
  /** Inputs that are active. */
  readonly active: number;
  /** c = ⟨w, â⟩/|v|: cos(w, a) of a balanced neuron. */
  readonly cosine: number;
  /** ρ = cos(a, x). */
  readonly along: number;
  /** p = ⟨w − ⟨w, â⟩ â, x⟩/(‖x‖ |v|). */
  readonly across: number;
}

/** The time between two changes of a neuron's pattern, and what moved it when that began, for each input that may change it next. */
export interface Wait {
  readonly observed: number;
  readonly pulls: readonly Pull[];
}

/**
 * t = (1/A) ln{[−σp + √(p² + (1 − c²)ρ²)]/((1 + c)|ρ|)}, σ = sign ρ: when ⟨w, x⟩ = 0. While outputs are invisible dw = v a dt and dv = ⟨w, a⟩ dt, so that ⟨w, â⟩ and v mix by cosh At and
 * sinh At, and the rest of w stays: sinh(artanh c + At) = −p/(ρ √(1 − c²)).
 */
export function switchingTime({ size, cosine, along, across }: Pull): number {
  const towards = -Math.sign(along) * across;
  return Math.log((towards + Math.sqrt(across ** 2 + (1 - cosine ** 2) * along ** 2)) / ((1 + cosine) * Math.abs(along))) / size;
}

/** ‖Σ y_i x_i‖, the largest A there is. */
export function largestPull({ inputs: { rows: n, columns: d, data }, labels }: NeuronProblem): number {
  const sum = new Float64Array(d);
  for (let i = 0; i < n; i++) for (let k = 0; k < d; k++) sum[k] = sum[k]! + labels[i]! * data[i * d + k]!;
  return Math.hypot(...sum);
}

/** Steps beyond the last change that the flow sees. */
const BEYOND = 8;

/**
 * The waits of neuron j as a subject trains it, in a network of its own, which its neurons are as long as outputs are invisible. It is known by its outputs alone: on X and on −X they give
 * ⟨w, x_i⟩, and v follows from them by its own gradient.
 */
export async function waitsOf(problem: NeuronProblem, j: number, step: number, subject: Families): Promise<Wait[]> {
  const { rows: n, columns: d } = problem.inputs;
  const single = alone(problem, j);
  const flow = neuronFlow(single);
  flow.run(Number.MAX_VALUE, (state) => isSettled(single, state, 0));
  const last = flow.state().lastChange[0]!;
  if (last === 0) return [];
  const { network } = asNetwork(single, single.logScale);
  const mirrored = { ...network, freshInputs: { ...problem.inputs, data: problem.inputs.data.map((entry) => -entry) } };
  const record = Array.from({ length: Math.ceil((1.1 * last) / step) + BEYOND }, (_, t) => t);
  const train = capable(subject, 'twoLayer', 'train');
  const { outputs, freshOutputs } = await train(mirrored, { first: step * n * d, second: step * n }, record);

  const pulled = pullsOn(single);
  const waits: Wait[] = [];
  let v = network.secondLayer[0]!;
  let before = new Float64Array(n);
  let begun: { readonly at: number; readonly masks: readonly boolean[]; readonly pulls: readonly Pull[] } | null = null;
  for (const t of record) {
    if (t > 0) v += (step * dot(toFloat64(problem.labels), 0, toFloat64(outputs[t - 1]!), 0, n)) / v;
    const z = Float64Array.from({ length: n }, (_, i) => (outputs[t]![i]! !== 0 ? outputs[t]![i]! : -freshOutputs[t]![i]!) / v);
    const masks = Array.from(z, (value) => value > 0);
    const changed = begun === null ? [] : masks.flatMap((on, i) => (on === begun!.masks[i] ? [] : [i]));
    if (begun !== null && changed.length > 0) {
      const earliest = Math.min(...changed.map((i) => t - 1 + before[i]! / (before[i]! - z[i]!)));
      if (begun.pulls.length > 0) waits.push({ observed: step * (earliest - begun.at), pulls: begun.pulls });
    }
    if (begun === null || changed.length > 0) begun = { at: t, masks, pulls: pulled(z, v, masks) };
    before = z;
  }
  return waits;
}

/** The problem of one of its neurons. */
function alone(problem: NeuronProblem, j: number): NeuronProblem {
  const d = problem.inputs.columns;
  return {
    ...problem,
    directions: { rows: 1, columns: d, data: problem.directions.data.slice(j * d, (j + 1) * d) },
    logNorms: problem.logNorms.slice(j, j + 1),
    signs: problem.signs.slice(j, j + 1),
  };
}

/** What moves the neuron towards each input whose boundary it approaches. */
function pullsOn({ inputs, labels, signs }: NeuronProblem) {
  const n = labels.length;
  const products = gram({ ...inputs, data: toFloat64(inputs.data) }).data;
  return (z: Float64Array, v: number, masks: readonly boolean[]): Pull[] => {
    const weights = masks.map((on, i) => (on ? signs[0]! * labels[i]! : 0));
    const alongEach = Array.from({ length: n }, (_, i) =>
      weights.reduce((sum, weight, l) => sum + weight * products[i * n + l]!, 0),
    );
    const size = Math.sqrt(weights.reduce((sum, weight, i) => sum + weight * alongEach[i]!, 0));
    if (!(size > 0)) return [];
    const cosine = weights.reduce((sum, weight, i) => sum + weight * z[i]!, 0) / (size * Math.abs(v));
    // A neuron that shrinks by orders of magnitude loses its balance to the steps: no state of the flow is there.
    if (!(Math.abs(cosine) < 1)) return [];
    return masks.flatMap((on, i) => {
      const length = Math.sqrt(products[i * n + i]!);
      const along = alongEach[i]! / (size * length);
      if (on ? along >= 0 : along <= 0) return [];
      const across = z[i]! / (length * Math.abs(v)) - cosine * along;
      return [{ size, active: masks.filter(Boolean).length, cosine, along, across }];
    });
  };
}
