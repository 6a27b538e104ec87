import type { Vector } from '../models/implementation.js';
import type { StepSizes } from '../models/two-layer/model.js';
import type { TwoLayerProblem } from '../models/two-layer/problem.js';

/** Relative difference of step sizes that are the same but for the rounding of their conversion. */
const EQUAL_STEPS = 1e-9;

/** (1/√m) Σ V_r relu(W_r·x/√d) on a mean of losses as Σ v_r relu(w_r·x) on their sum: w = W/√d, v = V/√m, and steps of η/(nd) and η/(nm) on these. */
export function withoutFactors({ inputs, firstLayer, secondLayer }: TwoLayerProblem, { first, second }: StepSizes) {
  const [n, d, h] = [inputs.rows, inputs.columns, secondLayer.length];
  const [perInput, perUnit] = [Math.sqrt(d), Math.sqrt(h)];
  const steps = { first: first / (n * d), second: second / (n * h) };
  const equal = Math.abs(steps.first / steps.second - 1) <= EQUAL_STEPS;
  return {
    firstLayer: { ...firstLayer, data: Float64Array.from(firstLayer.data, (w) => w / perInput) },
    secondLayer: Float64Array.from(secondLayer, (v) => v / perUnit),
    steps: equal ? { first: steps.first, second: steps.first } : steps,
    /** The weights at the end in our parametrisation again. */
    withFactors: (w: Vector, v: Vector) => ({
      firstLayer: Float64Array.from(w, (entry) => entry * perInput),
      secondLayer: Float64Array.from(v, (entry) => entry * perUnit),
    }),
  };
}
