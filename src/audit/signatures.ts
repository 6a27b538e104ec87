import { inputGram } from '../linear-algebra/products.js';
import { activation } from '../math/activation.js';
import { type DenseMatrix, type Matrix64, squaredNorm, symmetric } from '../math/matrix.js';
import { activations } from '../models/two-layer/instances.js';
import type { TwoLayerProblem } from '../models/two-layer/problem.js';
import { referencePredict, referenceTangentKernel } from '../models/two-layer/reference.js';

/** A known way of being wrong: what it computes in place of the right thing, up to a factor. */
export interface Signature<T> {
  readonly name: string;
  readonly computed: T;
}

/** W read from column-major storage as if it were row-major, or the other way round. */
function misread({ firstLayer: { rows: m, columns: d, data }, ...rest }: TwoLayerProblem): TwoLayerProblem {
  const read = Float32Array.from(data, (_, k) => data[(k % d) * m + Math.floor(k / d)]!);
  return { ...rest, firstLayer: { rows: m, columns: d, data: read } };
}

/** The network Σ v φ(w·x), without the 1/√d of the NTK parametrisation. */
function unscaled({ firstLayer, ...rest }: TwoLayerProblem): TwoLayerProblem {
  const factor = Math.sqrt(firstLayer.columns);
  return { ...rest, firstLayer: { ...firstLayer, data: firstLayer.data.map((w) => w * factor) } };
}

function firstUnits({ firstLayer: { rows: m, columns: d, data }, secondLayer, ...rest }: TwoLayerProblem): TwoLayerProblem {
  const half = m / 2;
  return {
    ...rest,
    firstLayer: { rows: half, columns: d, data: data.slice(0, half * d) },
    secondLayer: secondLayer.slice(0, half),
  };
}

/** (K_ij/m) Σ_r v_r² φ(z_ir) φ(z_jr): the kernel of the first layer with φ where φ' belongs. */
function valueForSlope(problem: TwoLayerProblem): Matrix64 {
  const { value } = activation(problem.activation);
  const { inputs, firstLayer, secondLayer } = problem;
  const [d, m] = [inputs.columns, secondLayer.length];
  const hidden = (i: number, r: number) => {
    let z = 0;
    for (let k = 0; k < d; k++) z += inputs.data[i * d + k]! * firstLayer.data[r * d + k]!;
    return value(z / Math.sqrt(d));
  };
  const gram = inputGram(inputs);
  return symmetric(inputs.rows, (i, j) => {
    let sum = 0;
    for (let r = 0; r < m; r++) sum += secondLayer[r]! ** 2 * hidden(i, r) * hidden(j, r);
    return (gram.data[i * inputs.rows + j]! * sum) / m;
  });
}

/** Without the part below the diagonal, as a kernel looks whose symmetric half was never copied. */
function upper({ rows: n, columns, data }: DenseMatrix): Matrix64 {
  return { rows: n, columns, data: Float64Array.from(data, (entry, k) => (k % n < Math.floor(k / n) ? 0 : entry)) };
}

/** The network with each other activation in place of its own. */
function otherActivations(problem: TwoLayerProblem): Signature<TwoLayerProblem>[] {
  return activations
    .filter((name) => name !== problem.activation)
    .map((name) => ({ name: `with ${name} in place of ${problem.activation}`, computed: { ...problem, activation: name } }));
}

/** What a subject may compute in place of the outputs on the problem's inputs; the right outputs come first. */
export function outputSignatures(problem: TwoLayerProblem): Signature<Float64Array>[] {
  const networks: Signature<TwoLayerProblem>[] = [
    { name: '', computed: problem },
    { name: 'that of the first half of the units', computed: firstUnits(problem) },
    { name: 'that with W read in the transposed layout', computed: misread(problem) },
    { name: 'that of the standard parametrisation: the preactivations lack 1/√d', computed: unscaled(problem) },
    { name: 'that without the weights v', computed: { ...problem, secondLayer: problem.secondLayer.map(() => 1) } },
    ...otherActivations(problem).map(({ name, computed }) => ({ name: `that ${name}`, computed })),
  ];
  return networks.map(({ name, computed }) => ({ name, computed: referencePredict(computed, problem.inputs) }));
}

/** What a subject may compute in place of the kernel of a layer; the right kernel comes first. */
export function kernelSignatures(problem: TwoLayerProblem, layer: 'first' | 'second'): Signature<DenseMatrix>[] {
  const right = referenceTangentKernel(problem, layer);
  const other = layer === 'first' ? 'second' : 'first';
  const ones = { ...problem, secondLayer: problem.secondLayer.map(() => 1) };
  return [
    { name: '', computed: right },
    { name: `the kernel of the ${other} layer`, computed: referenceTangentKernel(problem, other) },
    { name: 'the kernel of both layers', computed: referenceTangentKernel(problem, 'both') },
    { name: 'only the triangle above the diagonal: the symmetric copy is missing', computed: upper(right) },
    { name: 'the kernel of the first half of the units', computed: referenceTangentKernel(firstUnits(problem), layer) },
    { name: 'the kernel with W read in the transposed layout', computed: referenceTangentKernel(misread(problem), layer) },
    {
      name: 'the kernel of the standard parametrisation: the preactivations lack 1/√d',
      computed: referenceTangentKernel(unscaled(problem), layer),
    },
    ...(layer === 'first'
      ? [
          { name: "φ where φ' belongs", computed: valueForSlope(problem) },
          { name: 'the kernel without the weights v', computed: referenceTangentKernel(ones, layer) },
        ]
      : []),
    ...otherActivations(problem).map(({ name, computed }) => ({
      name: `the kernel ${name}`,
      computed: referenceTangentKernel(computed, layer),
    })),
  ];
}

/** The factor c for which c·b is nearest to a, and what is left of a then, relative to it. */
export function fitted(a: ArrayLike<number>, b: ArrayLike<number>): { readonly factor: number; readonly left: number } {
  let product = 0;
  for (let k = 0; k < a.length; k++) product += a[k]! * b[k]!;
  const size = squaredNorm(Float64Array.from(b));
  const factor = size === 0 ? 0 : product / size;
  const rest = squaredNorm(Float64Array.from(a, (value, k) => value - factor * b[k]!));
  return { factor, left: Math.sqrt(rest / squaredNorm(Float64Array.from(a))) };
}

/** Relative accuracy at which a factor is recognised. */
const FACTOR_ACCURACY = 1e-3;

/** A factor in words, as in "2" or "1/(d m)"; null when it is none of those that sizes explain. */
export function factorName(factor: number, sizes: Readonly<Record<string, number>>): string | null {
  const named: [string, number][] = [['2', 2], ...Object.entries(sizes)];
  const products = Object.entries(sizes).flatMap(([a, x], i) =>
    Object.entries(sizes)
      .slice(i + 1)
      .map(([b, y]): [string, number] => [`${a}·${b}`, x * y]),
  );
  for (const [name, value] of [...named, ...products]) {
    const forms: [string, number][] = [
      [name, value],
      [`1/${name.includes('·') ? `(${name})` : name}`, 1 / value],
      [`√${name}`, Math.sqrt(value)],
      [`1/√${name}`, 1 / Math.sqrt(value)],
    ];
    const found = forms.find(([, size]) => Math.abs(Math.abs(factor) / size - 1) < FACTOR_ACCURACY);
    if (found) return factor < 0 ? `−${found[0]}` : found[0];
  }
  return null;
}
