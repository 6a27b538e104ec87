import { fused, type Numbers, upToPanel } from '../../backend/float32.js';
import { dormandPrince } from './problem.js';

/** A matrix with zeros up to the next eight rows and columns. */
function padded({ shape, data }: Numbers): Float32Array {
  const [rows, columns] = shape as [number, number];
  const ld = upToPanel(columns);
  const result = new Float32Array(upToPanel(rows) * ld);
  for (let i = 0; i < rows; i++) result.set(data.subarray(i * columns, (i + 1) * columns), i * ld);
  return result;
}

/** The layer back without them. */
function unpadded(data: Float32Array, shape: readonly number[]): Numbers {
  const [rows, columns] = shape as [number, number];
  const ld = upToPanel(columns);
  const result = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) result.set(data.subarray(i * ld, i * ld + columns), i * columns);
  return { shape, data: result };
}

/** Dormand–Prince steps of these lengths in one kernel: X P×D, Y P×C and the layers transposed, named by their places; the layers after the steps. */
export const fusedFlow = fused<string, { relu: boolean; steps: readonly number[] }>(
  'GradientFlow',
  ({ inputs, labels, ...layersByPlace }, { relu, steps }, { flowScratch, flowSteps }, stack) => {
    const layers = Object.values(layersByPlace);
    const samples = inputs!.shape[0]!;
    const widths = [inputs!.shape[1]!, ...layers.map(({ shape }) => shape[1]!)];
    const sizes = stack.put(Float32Array.from(widths));
    const parts = layers.map(padded);
    const starts = parts.map((_, l) => parts.slice(0, l).reduce((sum, part) => sum + part.length, 0));
    const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    for (const [l, part] of parts.entries()) all.set(part, starts[l]);
    const coefficients = steps.flatMap((step) => dormandPrince.stages.flatMap((row) => row.map((entry) => step * entry)));
    const at = stack.put(all);
    const [x, y] = [stack.put(padded(inputs!)), stack.put(padded(labels!))];
    const lengths = stack.put(Float32Array.from(coefficients));
    const scratch = stack.room(flowScratch(layers.length, sizes, samples));
    flowSteps(relu, samples, layers.length, sizes, x, y, at, steps.length, lengths, scratch);
    const after = stack.view(at, all.length);
    return layers.map(({ shape }, l) => unpadded(after.subarray(starts[l]), shape));
  },
);
