import { asMatrix, fused, PANEL } from '../../backend/float32.js';
import { upTo } from '../../support/wasm.js';
import { dormandPrince } from './problem.js';

/** Dormand–Prince steps of these lengths in one kernel: X P×D, Y P×C and the layers transposed, named by their places; the layers after the steps. */
export const fusedFlow = fused<string, { relu: boolean; steps: readonly number[] }>(
  'GradientFlow',
  ({ inputs, labels, ...layersByPlace }, { relu, steps }, { flowScratch, flowSteps }, stack) => {
    const layers = Object.values(layersByPlace).map(asMatrix);
    const [x, y] = [asMatrix(inputs!), asMatrix(labels!)];
    const sizes = stack.put(Float32Array.of(x.columns, ...layers.map(({ columns }) => columns)));
    const counts = layers.map(({ rows, columns }) => upTo(PANEL, rows) * upTo(PANEL, columns));
    const start = stack.room(counts.reduce((sum, count) => sum + count, 0));
    const starts = counts.map((_, l) => start + 4 * counts.slice(0, l).reduce((sum, count) => sum + count, 0));
    for (const [l, layer] of layers.entries()) stack.putPadded(layer, PANEL, starts[l]);
    const coefficients = steps.flatMap((step) => dormandPrince.stages.flatMap((row) => row.map((entry) => step * entry)));
    const data = [stack.putPadded(x, PANEL), stack.putPadded(y, PANEL)] as const;
    const lengths = stack.put(Float32Array.from(coefficients));
    const scratch = stack.room(flowScratch(layers.length, sizes, x.rows));
    flowSteps(relu, x.rows, layers.length, sizes, ...data, start, steps.length, lengths, scratch);
    return layers.map(({ rows, columns }, l) => ({
      shape: [rows, columns],
      data: stack.readPadded(starts[l]!, rows, columns, PANEL),
    }));
  },
);
