// Gradient flow of a fully connected network in standard parametrisation by Dormand–Prince steps: the reference. All matrices are row by row with zeros up to the next four rows and
// columns; layers are N_l×N_{l−1}, one after the other.
import { at, product, upTo4 } from './products';

/** Stages of a step, of which the last is the new state. */
const STAGES: i32 = 6;

/** N_l: sizes are given as numbers like all others. */
function size(sizes: usize, l: i32): i32 {
  return <i32>load<f64>(at(sizes, l));
}

/** Numbers of the first `depth` layers. */
export function flowNumbers(depth: i32, sizes: usize): i32 {
  let total = 0;
  for (let l = 1; l <= depth; l++) total += upTo4(size(sizes, l - 1)) * upTo4(size(sizes, l));
  return total;
}

/** Numbers of the hidden values of the first `count` layers, the inputs among them. */
function values(sizes: usize, count: i32, samples: i32): i32 {
  let total = 0;
  for (let k = 0; k < count; k++) total += upTo4(size(sizes, k)) * upTo4(samples);
  return total;
}

/** The largest of the sizes and of the number of inputs. */
function widest(depth: i32, sizes: usize, samples: i32): i32 {
  let most = samples;
  for (let l = 0; l <= depth; l++) most = max(most, size(sizes, l));
  return upTo4(most);
}

export function flowScratch(depth: i32, sizes: usize, samples: i32): i32 {
  const side = widest(depth, sizes, samples);
  return 2 * values(sizes, depth + 1, samples) + 2 * side * side;
}

/** Aᵀ of A rows×columns, with zeros up to the next four rows. */
function transposed(a: usize, rows: i32, columns: i32, out: usize): void {
  const lda = upTo4(columns);
  const ld = upTo4(rows);
  for (let j = 0; j < lda; j++) {
    for (let i = 0; i < rows; i++) store<f64>(at(out, j * ld + i), load<f64>(at(a, i * lda + j)));
  }
}

/** −∂L/∂W of all layers at these; returns L. */
export function flowDescent(
  relu: bool,
  samples: i32,
  depth: i32,
  sizes: usize,
  inputs: usize,
  labels: usize,
  layers: usize,
  change: usize,
  scratch: usize,
): f64 {
  const hidden = scratch;
  const signals = at(hidden, values(sizes, depth + 1, samples));
  const side = widest(depth, sizes, samples);
  const left = at(signals, values(sizes, depth + 1, samples));
  const right = at(left, side * side);
  const ldSamples = upTo4(samples);
  memory.copy(hidden, inputs, (<usize>values(sizes, 1, samples)) << 3);
  for (let l = 1; l <= depth; l++) {
    const below = size(sizes, l - 1);
    const own = size(sizes, l);
    const h = at(hidden, values(sizes, l, samples));
    const from = at(hidden, values(sizes, l - 1, samples));
    const layer = at(layers, flowNumbers(l - 1, sizes));
    product(from, upTo4(below), samples, layer, upTo4(below), own, below, h, upTo4(own), false);
    if (relu && l < depth) {
      for (let k = 0; k < samples * upTo4(own); k++) store<f64>(at(h, k), max(load<f64>(at(h, k)), <f64>0));
    }
  }
  const outputs = size(sizes, depth);
  const ldOutputs = upTo4(outputs);
  const last = at(signals, values(sizes, depth, samples));
  const predicted = at(hidden, values(sizes, depth, samples));
  let loss: f64 = 0;
  for (let i = 0; i < samples; i++) {
    for (let c = 0; c < ldOutputs; c++) {
      const k = i * ldOutputs + c;
      const residual = c < outputs ? (load<f64>(at(labels, k)) - load<f64>(at(predicted, k))) / <f64>samples : 0;
      store<f64>(at(last, k), residual);
      loss += residual * residual;
    }
  }
  for (let l = depth; l > 0; l--) {
    const below = size(sizes, l - 1);
    const own = size(sizes, l);
    const h = at(hidden, values(sizes, l - 1, samples));
    const signal = at(signals, values(sizes, l, samples));
    const offset = flowNumbers(l - 1, sizes);
    transposed(signal, samples, own, left);
    transposed(h, samples, below, right);
    product(left, ldSamples, own, right, ldSamples, below, samples, at(change, offset), upTo4(below), false);
    if (l === 1) break;
    const next = at(signals, values(sizes, l - 1, samples));
    transposed(at(layers, offset), own, below, right);
    product(signal, upTo4(own), samples, right, upTo4(own), below, own, next, upTo4(below), false);
    if (relu) {
      for (let k = 0; k < samples * upTo4(below); k++) if (load<f64>(at(h, k)) === 0) store<f64>(at(next, k), 0);
    }
  }
  return (loss * <f64>samples) / 2;
}

/** Σ_k<n x_k². */
function squaredNorm(x: usize, n: i32): f64 {
  let sum: f64 = 0;
  for (let k = 0; k < n; k++) sum += load<f64>(at(x, k)) * load<f64>(at(x, k));
  return sum;
}

/**
 * A step from the layers, whose slopes come first in `slopes`, to `next`, whose slopes come last; `tableau` has the rows of its stages and then the weights of its error estimate.
 * Stores the loss at the end. Returns the largest error relative to a layer's norm, infinite where anything is not finite.
 */
export function flowAttempt(
  relu: bool,
  samples: i32,
  depth: i32,
  sizes: usize,
  inputs: usize,
  labels: usize,
  layers: usize,
  slopes: usize,
  tableau: usize,
  step: f64,
  next: usize,
  loss: usize,
  scratch: usize,
): f64 {
  const total = flowNumbers(depth, sizes);
  for (let stage = 1; stage <= STAGES; stage++) {
    memory.copy(next, layers, (<usize>total) << 3);
    for (let j = 0; j < stage; j++) {
      const coefficient = step * load<f64>(at(tableau, j));
      const factor = f64x2.splat(coefficient);
      if (coefficient === 0) continue;
      for (let k = 0; k < total; k += 2) {
        const place = at(next, k);
        v128.store(place, f64x2.add(v128.load(place), f64x2.mul(factor, v128.load(at(slopes, j * total + k)))));
      }
    }
    tableau = at(tableau, stage);
    store<f64>(loss, flowDescent(relu, samples, depth, sizes, inputs, labels, next, at(slopes, stage * total), scratch));
  }
  let worst: f64 = 0;
  for (let l = 1; l <= depth; l++) {
    const from = flowNumbers(l - 1, sizes);
    const count = flowNumbers(l, sizes) - from;
    let squares: f64 = 0;
    for (let k = from; k < from + count; k++) {
      let difference: f64 = 0;
      for (let j = 0; j <= STAGES; j++) difference += step * load<f64>(at(tableau, j)) * load<f64>(at(slopes, j * total + k));
      squares += difference * difference;
    }
    const ratio = Math.sqrt(squares / max(squaredNorm(at(layers, from), count), squaredNorm(at(next, from), count)));
    if (!(ratio <= worst)) worst = ratio;
  }
  return worst - worst === 0 && load<f64>(loss) - load<f64>(loss) === 0 ? worst : Infinity;
}
