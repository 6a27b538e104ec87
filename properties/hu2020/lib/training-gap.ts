import type { Laboratory } from '../../../src/claim/claim.js';
import type { BoundCase } from '../../../src/claim/define.js';
import { type CheckedTrajectory, rootMeanSquareDifference } from '../../../src/models/checked.js';
import type { Vector } from '../../../src/models/implementation.js';
import type { TwoLayerInstance } from '../../../src/models/two-layer/instances.js';
import type { Data } from '../../../src/models/two-layer/problem.js';
import { meanSquareRoundoff } from '../../../src/models/two-layer/roundoff.js';
import { type AffineKernel, affineFeatures } from '../../../src/theory/affine.js';
import { linearModelByDescent, linearOutputs } from '../../../src/theory/linear-model.js';

const RECORDED_STEPS = 10;

/** T, and the steps from T/8 to T at which the two models are compared. */
export function comparedSteps(last: number): number[] {
  const first = last / 8;
  const steps = Array.from({ length: RECORDED_STEPS }, (_, k) => Math.round(first + ((last - first) * k) / (RECORDED_STEPS - 1)));
  return [...new Set(steps.map((step) => Math.max(1, step)))];
}

/** T = d ln d/η in steps, for η/d. */
export function horizon({ inputDimension: d, relativeStep }: TwoLayerInstance): number {
  return Math.ceil(Math.log(d) / relativeStep);
}

/** A linear model to compare with: its kernel and its step. */
export interface LinearModel {
  readonly kernel: AffineKernel;
  readonly step: number;
}

/** mean(y²). */
export function meanSquare(labels: Float32Array): number {
  return labels.reduce((sum, label) => sum + label ** 2, 0) / labels.length;
}

/**
 * The largest of (1/n) Σ (f_t − f_t^lin)²/form(t) over the recorded steps, on training and on fresh inputs, against a bound.
 */
export function worstGap(
  data: Data,
  { trajectory, roundoff, rounding }: CheckedTrajectory,
  record: readonly number[],
  model: LinearModel,
  form: (step: number) => number,
  bound: number,
): BoundCase {
  const features = affineFeatures(model.kernel, data.inputs);
  const freshFeatures = affineFeatures(model.kernel, data.freshInputs);
  const betas = linearModelByDescent(features, data.labels, model.step, record);
  const lossOf = (outputs: Vector) => rootMeanSquareDifference(outputs, data.labels) ** 2 / 2;
  const gaps: number[] = [];
  const linearLoss: number[] = [];
  let worst = { observed: 0, roundoff: 0, gap: 0, freshGap: 0, step: 0 };
  record.forEach((t, k) => {
    const linear = linearOutputs(features, betas[k]!);
    const gap = rootMeanSquareDifference(trajectory.outputs[k]!, linear) ** 2;
    const freshGap = rootMeanSquareDifference(trajectory.freshOutputs[k]!, linearOutputs(freshFeatures, betas[k]!)) ** 2;
    gaps.push(gap);
    linearLoss.push(lossOf(linear));
    const scale = form(t);
    const observed = Math.max(gap, freshGap) / scale;
    const budget =
      Math.max(meanSquareRoundoff(gap, roundoff.outputs[k]!), meanSquareRoundoff(freshGap, roundoff.freshOutputs[k]!)) / scale;
    if (observed + budget < worst.observed + worst.roundoff) return;
    worst = { observed, roundoff: budget, gap, freshGap, step: t };
  });
  return {
    observed: worst.observed,
    bound,
    roundoff: worst.roundoff,
    quantities: { worstStep: worst.step, meanSquareGap: worst.gap, freshMeanSquareGap: worst.freshGap, steps: record.at(-1)! },
    rounding,
    series: {
      over: 'step',
      at: record,
      scale: 'log',
      curves: {
        'loss of the network': trajectory.outputs.map(lossOf),
        'loss of the linear model': linearLoss,
        'mean-square gap': gaps,
      },
    },
  };
}

/** The same against the calibrated constant of that name. */
export function gapAgainst(
  data: Data,
  checked: CheckedTrajectory,
  record: readonly number[],
  model: LinearModel,
  form: (step: number) => number,
  constant: string,
  laboratory: Laboratory,
): BoundCase {
  return { ...worstGap(data, checked, record, model, form, laboratory.constant(constant)), constant };
}
