import * as tf from '@tensorflow/tfjs-core';
import { lossWeight } from '../../math/margin-loss.js';
import { mostEvents, type NeuronProblem, type NeuronStep } from './problem.js';

/** The moving parts of all neurons on the device. */
interface NeuronTensors {
  /** u, h×d. */
  readonly directions: tf.Tensor2D;
  /** h×n, 0 or 1. */
  readonly masks: tf.Tensor2D;
}

/** What one step changes, before it is taken. */
interface Advance extends NeuronTensors {
  /** Growth of ln ‖w_j‖ within the step, h×1. */
  readonly logNorms: tf.Tensor2D;
  /** Time within the step at which the masks of a neuron last changed, h×1; negative where they did not. */
  readonly changed: tf.Tensor2D;
  /** Events against monotone activation, h×1. */
  readonly monotonicityViolations: tf.Tensor2D;
}

interface NeuronData {
  /** X, n×d, and Xᵀ. */
  readonly inputs: tf.Tensor2D;
  readonly inputsTransposed: tf.Tensor2D;
  /** s_j y_i, h×n. */
  readonly agreement: tf.Tensor2D;
}

export type Read = (tensor: tf.Tensor, what: string) => Promise<Float32Array>;

/** Neurons on the device at one time of their flow, with what is of any size in float64. */
export interface Neurons extends NeuronTensors {
  readonly time: number;
  readonly logNorms: Float64Array;
  readonly lastChange: Float64Array;
  readonly monotonicityViolations: number;
}

/** The neurons after these steps by operations of tfjs. Those that it is given are left alone. */
export async function advancedByOperations(
  problem: NeuronProblem,
  start: Neurons,
  steps: readonly NeuronStep[],
  read: Read,
): Promise<Neurons> {
  const { labels, signs, loss, logScale } = problem;
  const n = labels.length;
  const h = signs.length;
  const data = upload(problem);
  const logNorms = Float64Array.from(start.logNorms);
  const lastChange = Float64Array.from(start.lastChange);
  let { time, monotonicityViolations } = start;
  let neurons: NeuronTensors = { directions: tf.clone(start.directions), masks: tf.clone(start.masks) };

  /** r_i = −ℓ'(y_i f_i) with f from float32 activations and float64 sizes. */
  const weightsAt = async ({ directions, masks }: NeuronTensors, grown: Float64Array): Promise<Float64Array> => {
    const activity = tf.tidy(() => tf.mul(tf.relu(tf.matMul(directions, data.inputsTransposed)), masks));
    const values = await read(activity, 'activities of neurons');
    activity.dispose();
    const outputs = new Float64Array(n);
    for (let j = 0; j < h; j++) {
      const weight = signs[j]! * Math.exp(2 * (logScale + grown[j]!));
      for (let i = 0; i < n; i++) outputs[i] = outputs[i]! + weight * values[j * n + i]!;
    }
    return outputs.map((f, i) => lossWeight(loss, labels[i]! * f));
  };
  const advance = (weights: Float64Array, { duration, eventFree }: NeuronStep): Promise<Advance> =>
    boosts(data, neurons, Float32Array.from(weights), duration, eventFree, read);

  for (const step of steps) {
    const before = await weightsAt(neurons, logNorms);
    let next = await advance(before, step);
    if (step.visible) {
      const grown = (await read(next.logNorms, 'growth of neurons')).map((change, j) => logNorms[j]! + change);
      const after = await weightsAt(next, Float64Array.from(grown));
      tf.dispose({ ...next });
      next = await advance(
        before.map((weight, i) => (weight + after[i]!) / 2),
        step,
      );
    }
    const changes = await read(next.logNorms, 'growth of neurons');
    for (let j = 0; j < h; j++) logNorms[j] = logNorms[j]! + changes[j]!;
    if (!step.eventFree) {
      const changed = await read(next.changed, 'events of neurons');
      for (let j = 0; j < h; j++) if (changed[j]! >= 0) lastChange[j] = time + changed[j]!;
      monotonicityViolations += (await read(next.monotonicityViolations, 'events of neurons')).reduce(
        (sum, count) => sum + count,
        0,
      );
    }
    time += step.duration;
    tf.dispose([neurons.directions, neurons.masks, next.logNorms, next.changed, next.monotonicityViolations]);
    neurons = { directions: next.directions, masks: next.masks };
  }
  tf.dispose({ ...data });
  return { ...neurons, time, logNorms, lastChange, monotonicityViolations };
}

function upload({ inputs: { rows: n, columns: d, data }, labels, signs }: NeuronProblem): NeuronData {
  const inputs = tf.tensor2d(data, [n, d]);
  return {
    inputs,
    inputsTransposed: tf.transpose(inputs),
    agreement: tf.tidy(() => tf.mul(tf.tensor2d(signs, [signs.length, 1]), tf.tensor2d(labels, [1, n]))),
  };
}

/** A boost of every neuron for its own time (h×1) along its field, with the quantities that an event needs. */
interface Boost {
  /** A = ‖a‖, and â, c, 1 + c, 1 − c. */
  readonly size: tf.Tensor;
  readonly towards: tf.Tensor2D;
  readonly cosine: tf.Tensor;
  readonly plus: tf.Tensor;
  readonly minus: tf.Tensor;
  /** u − câ. */
  readonly across: tf.Tensor;
}

/** Larger than any time that a float32 holds to a useful accuracy. */
const NEVER = 1e30;

function boostOf({ inputs, agreement }: NeuronData, { directions, masks }: NeuronTensors, weights: tf.Tensor2D): Boost {
  const field = tf.matMul(tf.mul(tf.mul(masks, agreement), weights) as tf.Tensor2D, inputs);
  const size = tf.sqrt(tf.sum(tf.square(field), 1, true));
  const towards = tf.div(field, tf.maximum(size, 1 / NEVER)) as tf.Tensor2D;
  const cosine = tf.sum(tf.mul(directions, towards), 1, true);
  const across = tf.sub(directions, tf.mul(cosine, towards));
  // 1 + c and 1 − c without cancellation: the smaller is ‖u − câ‖² over the larger.
  const large = tf.add(tf.abs(cosine), 1);
  const small = tf.div(tf.sum(tf.square(across), 1, true), large);
  const away = tf.less(cosine, 0);
  return { size, towards, cosine, across, plus: tf.where(away, small, large), minus: tf.where(away, large, small) };
}

/** Directions after these times, and the growth of ln ‖w‖. A neuron without a field stays where it is. */
function moved({ size, towards, across, plus, minus }: Boost, directions: tf.Tensor2D, times: tf.Tensor) {
  const distance = tf.mul(size, times);
  const q = tf.exp(tf.neg(distance));
  const fading = tf.mul(minus, tf.square(q));
  const denominator = tf.add(plus, fading);
  const turned = tf.add(tf.mul(tf.mul(q, 2), across), tf.mul(tf.sub(plus, fading), towards));
  const unit = tf.div(turned, tf.sqrt(tf.sum(tf.square(turned), 1, true)));
  const moves = tf.greater(distance, 0);
  return {
    directions: tf.where(moves, unit, directions) as tf.Tensor2D,
    logNorms: tf.where(moves, tf.add(distance, tf.log(tf.mul(denominator, 0.5))), tf.zerosLike(distance)) as tf.Tensor2D,
  };
}

/** The first change of a mask of each neuron: when (h×1), and where (h×n, one 1 a row). ⟨u, x⟩ is taken on the side of its mask. */
function firstChange({ inputsTransposed }: NeuronData, boost: Boost, { directions, masks }: NeuronTensors) {
  const { size, towards, cosine, plus, minus } = boost;
  const side = tf.sub(tf.mul(masks, 2), 1);
  const z = tf.relu(tf.mul(side, tf.matMul(directions, inputsTransposed)));
  const along = tf.mul(side, tf.matMul(towards, inputsTransposed));
  const p = tf.sub(z, tf.mul(cosine, along));
  const b = tf.abs(along);
  const root = tf.sqrt(tf.add(tf.square(p), tf.mul(tf.square(b), tf.mul(plus, minus))));
  const tiny = 1 / NEVER;
  const q = tf.where(
    tf.greater(p, 0),
    tf.div(tf.mul(b, plus), tf.maximum(tf.add(root, p), tiny)),
    tf.div(tf.sub(root, p), tf.maximum(tf.mul(b, minus), tiny)),
  );
  // A q of 0 is a root at infinity.
  const crosses = tf.logicalAnd(tf.less(along, 0), tf.greater(q, 0));
  const times = tf.where(
    crosses,
    tf.div(tf.neg(tf.log(tf.minimum(tf.maximum(q, tiny), 1))), tf.maximum(size, tiny)),
    tf.fill(q.shape, NEVER),
  );
  const where = tf.oneHot(tf.argMin(times, 1) as tf.Tensor1D, masks.shape[1]);
  return { time: tf.min(times, 1, true), where: tf.cast(where, 'float32') };
}

/** One step: a boost where no mask changes, otherwise boosts from event to event, each neuron on a clock of its own. */
async function boosts(
  data: NeuronData,
  from: NeuronTensors,
  weights: Float32Array,
  duration: number,
  eventFree: boolean,
  read: Read,
): Promise<Advance> {
  const h = from.directions.shape[0];
  const row = tf.tensor2d(weights, [1, weights.length]);
  if (eventFree) {
    const result = tf.tidy(() => ({
      ...moved(boostOf(data, from, row), from.directions, tf.fill([h, 1], duration)),
      masks: tf.clone(from.masks),
      changed: tf.fill([h, 1], -1) as tf.Tensor2D,
      monotonicityViolations: tf.zeros([h, 1]) as tf.Tensor2D,
    }));
    row.dispose();
    return result;
  }
  let now: Advance & { readonly elapsed: tf.Tensor2D; readonly running: tf.Tensor2D } = tf.tidy(() => ({
    directions: tf.clone(from.directions),
    masks: tf.clone(from.masks),
    logNorms: tf.zeros([h, 1]),
    changed: tf.fill([h, 1], -1),
    monotonicityViolations: tf.zeros([h, 1]),
    elapsed: tf.zeros([h, 1]),
    running: tf.ones([h, 1]),
  })) as never;
  for (let events = 0; events < mostEvents(weights.length); events++) {
    const round = tf.tidy(() => {
      const boost = boostOf(data, now, row);
      const { time, where } = firstChange(data, boost, now);
      const rest = tf.mul(now.running, tf.sub(duration, now.elapsed));
      const event = tf.mul(now.running, tf.cast(tf.logicalAnd(tf.lessEqual(time, rest), tf.greater(boost.size, 0)), 'float32'));
      const times = tf.where(tf.greater(event, 0), time, rest);
      const { directions, logNorms } = moved(boost, now.directions, times);
      const elapsed = tf.add(now.elapsed, times);
      const toggled = tf.mul(event, where);
      const masks = tf.abs(tf.sub(now.masks, toggled));
      // Gained against the sign, or lost with it.
      const wrong = tf.cast(tf.notEqual(tf.greater(data.agreement, 0), tf.greater(masks, 0)), 'float32');
      return {
        directions,
        masks,
        logNorms: tf.add(now.logNorms, logNorms),
        changed: tf.where(tf.greater(event, 0), elapsed, now.changed),
        monotonicityViolations: tf.add(now.monotonicityViolations, tf.sum(tf.mul(toggled, wrong), 1, true)),
        elapsed,
        running: event,
        events: tf.sum(event),
      };
    });
    const { events, ...rest } = round;
    tf.dispose({ ...now });
    now = rest as never;
    const running = (await read(events, 'events of neurons'))[0]!;
    events.dispose();
    if (running === 0) break;
  }
  const { elapsed, running, ...result } = now;
  tf.dispose([row, elapsed, running]);
  return result;
}
