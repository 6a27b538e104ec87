import { float64 } from '../../linear-algebra/float64.js';
import { BLOCK, gram, matmulTransposed } from '../../linear-algebra/products.js';
import { type DenseMatrix, type Matrix64, matrix64, squaredNorm, toFloat64, transposed } from '../../math/matrix.js';
import { InapplicableError } from '../../support/errors.js';
import type { FlowModel } from './model.js';
import { dormandPrince, type FlowState, type GradientFlowProblem } from './problem.js';

/** When the flow is to be looked at, and how accurately it is followed. */
export interface FlowPlan {
  /** Relative error of a step in any layer, at most. */
  readonly tolerance: number;
  /** Parts of the initial loss by which it has dropped at each landing, ascending. */
  readonly drops?: readonly number[];
  /** The flow ends when the loss is this part of the initial one. */
  readonly end: number;
  /** Rate at which the loss falls in the end: relative error control never settles at a fixed point, so steps are at most 2/rate there. */
  readonly rate: number;
  /** Ends after so many attempted steps, without an error, if it has not ended before. */
  readonly mostAttempts?: number;
  /** A function of the drop in which the flow's time is nearly linear. */
  readonly clock?: (drop: number) => number;
}

/** The flow in float64, with the steps that a subject repeats. */
export interface PlannedFlow {
  readonly steps: readonly number[];
  /** The states after 0, 1, … steps. */
  readonly states: readonly FlowState[];
  readonly losses: readonly number[];
  /** Numbers of steps after which the loss has dropped by each of the planned parts. */
  readonly events: readonly number[];
}

const MOST_STEPS = 2000;
/** A landing is as close as this in units of the clock. */
const LANDING = 2e-3;

/**
 * Follows gradient flow by Dormand–Prince 5(4) with an error bound relative to each layer's norm (small weights are as accurate as large ones), landing on the given drops of the loss.
 * @throws InapplicableError after 2000 steps.
 */
export function integrate(
  problem: GradientFlowProblem,
  { tolerance, drops = [], end, rate, mostAttempts = Number.POSITIVE_INFINITY, clock = (drop) => drop }: FlowPlan,
): PlannedFlow {
  return following(problem, (flow) => {
    const initial = flow.loss();
    const states: FlowState[] = [{ time: 0, weights: flow.weights() }];
    const losses = [initial];
    const steps: number[] = [];
    const events: number[] = [];
    const ahead = [...drops];
    const at = (loss: number) => clock(1 - loss / initial);
    let step = 0.1 * flow.slowness();
    let time = 0;
    let rejected = 0;
    while ((ahead.length > 0 || losses.at(-1)! > end * initial) && steps.length + rejected < mostAttempts) {
      if (steps.length >= MOST_STEPS || rejected > MOST_STEPS) {
        throw new InapplicableError(
          `the flow is not followed beyond ${MOST_STEPS} steps, where its loss is ${(losses.at(-1)! / initial).toPrecision(2)} of the initial one`,
        );
      }
      const longest = losses.at(-1)! < initial / 2 ? 2 / rate : Number.POSITIVE_INFINITY;
      step = Math.min(step, longest);
      const tried = flow.attempt(step);
      const error = tried.error / tolerance;
      const factor = Math.min(4, Math.max(0.2, 0.9 * error ** (-1 / dormandPrince.order)));
      if (!(error <= 1)) {
        step *= Number.isFinite(factor) ? factor : 0.2;
        rejected++;
        continue;
      }
      const target = ahead[0];
      if (target !== undefined && 1 - tried.loss / initial > target) {
        // The shortened step, until it ends on the drop.
        const wanted = clock(target);
        const [from, to] = [at(losses.at(-1)!), at(tried.loss)];
        if (to - wanted > LANDING) {
          // Far from its range the clock is of no use, and the step must shrink all the same.
          step *= Math.min(0.95, Math.max(0.05, (wanted - from) / (to - from)));
          rejected++;
          continue;
        }
      }
      flow.accept();
      time += step;
      steps.push(step);
      states.push({ time, weights: flow.weights() });
      losses.push(tried.loss);
      while (ahead.length > 0 && Math.abs(at(tried.loss) - clock(ahead[0]!)) <= LANDING) {
        events.push(steps.length);
        ahead.shift();
      }
      step *= factor;
    }
    return { steps, states, losses, events };
  });
}

/** The states after the recorded numbers of the given steps; `disturb` changes the weights in place after each of them. */
export function replayFlow(
  problem: GradientFlowProblem,
  steps: readonly number[],
  record: readonly number[],
  disturb?: (weights: Float64Array) => void,
): FlowState[] {
  return following(problem, (flow) => {
    let time = 0;
    let done = 0;
    return record.map((wanted) => {
      for (; done < wanted; done++) {
        flow.attempt(steps[done]!);
        flow.accept();
        time += steps[done]!;
        if (disturb) flow.disturb(disturb);
      }
      return { time, weights: flow.weights() };
    });
  });
}

/** A network on its way, in the memory of the kernels. */
interface Following {
  /** The loss at the present weights. */
  loss(): number;
  weights(): Matrix64[];
  /** The least ‖W‖/‖∂L/∂W‖ of a layer. */
  slowness(): number;
  /** A Dormand–Prince step that is not taken before it is accepted: its largest error relative to a layer's norm, infinite where anything is not finite, and the loss at its end. */
  attempt(step: number): { readonly error: number; readonly loss: number };
  accept(): void;
  /** Changes the weights in place, layer by layer. */
  disturb(change: (weights: Float64Array) => void): void;
}

const TABLEAU = Float64Array.from([...dormandPrince.stages.flat(), ...dormandPrince.error]);

function following<T>({ activation, inputs, labels, weights: start }: GradientFlowProblem, follow: (flow: Following) => T): T {
  return float64.run(({ flowNumbers, flowScratch, flowDescent, flowAttempt }, stack) => {
    const bytes = Float64Array.BYTES_PER_ELEMENT;
    const depth = start.length;
    const sizes = stack.put(Float64Array.of(inputs.columns, ...start.map(({ rows }) => rows)));
    const total = flowNumbers(depth, sizes);
    const starts = start.map((_, l) => flowNumbers(l, sizes));
    const [x, y] = [stack.putPadded(inputs, BLOCK), stack.putPadded(labels, BLOCK)];
    const layers = stack.room(total);
    const slopes = stack.room((dormandPrince.stages.length + 1) * total);
    const [next, tableau, lossAt] = [stack.room(total), stack.put(TABLEAU), stack.room(1)];
    const scratch = stack.room(flowScratch(depth, sizes, inputs.rows));
    const network = [activation === 'relu', inputs.rows, depth, sizes, x, y, layers] as const;
    const lastSlopes = slopes + bytes * dormandPrince.stages.length * total;
    /** Puts the layers where the network has them. */
    const set = (weights: readonly DenseMatrix[]) => {
      for (const [l, layer] of weights.entries()) stack.putPadded(layer, BLOCK, layers + bytes * starts[l]!);
    };
    const layersAt = (address: number): Matrix64[] =>
      start.map(({ rows, columns }, l) => ({
        rows,
        columns,
        data: stack.readPadded(address + bytes * starts[l]!, rows, columns, BLOCK),
      }));
    set(start);
    let loss = flowDescent(...network, slopes, scratch);
    let nextLoss = loss;

    return follow({
      loss: () => loss,
      weights: () => layersAt(layers),
      slowness: () => {
        const changes = layersAt(slopes);
        return Math.min(...layersAt(layers).map(({ data }, l) => Math.sqrt(squaredNorm(data) / squaredNorm(changes[l]!.data))));
      },
      attempt: (step) => {
        const error = flowAttempt(...network, slopes, tableau, step, next, lossAt, scratch);
        nextLoss = stack.view(lossAt, 1)[0]!;
        return { error, loss: nextLoss };
      },
      accept: () => {
        stack.view(layers, total).set(stack.view(next, total));
        stack.view(slopes, total).set(stack.view(lastSlopes, total));
        loss = nextLoss;
      },
      disturb: (change) => {
        const weights = layersAt(layers);
        for (const { data } of weights) change(data);
        set(weights);
        loss = flowDescent(...network, slopes, scratch);
      },
    });
  });
}

/** H_0 = X, H_1, …, H_{L−1} and the outputs. */
function forward(relu: boolean, inputs: Matrix64, weights: readonly Matrix64[]): Matrix64[] {
  const hidden = [inputs];
  for (const [l, layer] of weights.entries()) {
    const z = matmulTransposed(hidden[l]!, layer);
    if (relu && l < weights.length - 1) for (let k = 0; k < z.data.length; k++) z.data[k] = Math.max(z.data[k]!, 0);
    hidden.push(z);
  }
  return hidden;
}

/** The signal below a layer, zero where its unit is inactive. */
function backward(signal: Matrix64, layer: Matrix64, hidden: Matrix64 | null): Matrix64 {
  const below = matmulTransposed(signal, transposed(layer));
  if (hidden) for (let k = 0; k < below.data.length; k++) if (hidden.data[k] === 0) below.data[k] = 0;
  return below;
}

/** Outputs on the inputs and then the fresh ones, (P + P')×C. */
export function referenceFlowOutputs(problem: GradientFlowProblem, weights: readonly DenseMatrix[]): Matrix64 {
  return forward(problem.activation === 'relu', allInputs(problem), asFloat64(weights)).at(-1)!;
}

/**
 * Tangent kernel on the inputs and then the fresh ones, for every pair of outputs: (C·(P + P')) square, output by output. Σ_l (G_l G_lᵀ) ∘ (H_{l−1} H_{l−1}ᵀ) with the
 * backward signals G_l of each output.
 */
export function referenceFlowKernel(problem: GradientFlowProblem, weights: readonly DenseMatrix[]): Matrix64 {
  const layers = asFloat64(weights);
  const relu = problem.activation === 'relu';
  const inputs = allInputs(problem);
  const hidden = forward(relu, inputs, layers);
  const samples = inputs.rows;
  const outputs = layers.at(-1)!.rows;
  const kernel = matrix64(outputs * samples, outputs * samples);
  let signals = Array.from({ length: outputs }, (_, c) => {
    const signal = matrix64(samples, outputs);
    for (let i = 0; i < samples; i++) signal.data[i * outputs + c] = 1;
    return signal;
  });
  for (let l = layers.length - 1; l >= 0; l--) {
    const inner = gram(hidden[l]!);
    for (const [c, left] of signals.entries()) {
      for (const [e, right] of signals.entries()) {
        const product = matmulTransposed(left, right);
        for (let i = 0; i < samples; i++) {
          for (let j = 0; j < samples; j++) {
            const k = (c * samples + i) * kernel.columns + e * samples + j;
            kernel.data[k] = kernel.data[k]! + product.data[i * samples + j]! * inner.data[i * samples + j]!;
          }
        }
      }
    }
    if (l > 0) signals = signals.map((signal) => backward(signal, layers[l]!, relu ? hidden[l]! : null));
  }
  return kernel;
}

function asFloat64(weights: readonly DenseMatrix[]): Matrix64[] {
  return weights.map((layer) => ({ ...layer, data: toFloat64(layer.data) }));
}

function allInputs({ inputs, freshInputs }: GradientFlowProblem): Matrix64 {
  const data = new Float64Array(inputs.data.length + freshInputs.data.length);
  data.set(inputs.data);
  data.set(freshInputs.data, inputs.data.length);
  return { rows: inputs.rows + freshInputs.rows, columns: inputs.columns, data };
}

/** This family in float64, as an implementation of it. */
export const referenceFlow: FlowModel = {
  integrate: async (problem, steps, record) => replayFlow(problem, steps, record),
  tangentKernel: async (problem, weights) => referenceFlowKernel(problem, weights),
};
