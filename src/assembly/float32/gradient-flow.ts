// Gradient flow of a fully connected network in standard parametrisation by Dormand–Prince steps, in float32. All matrices are row by row, with zeros up to the next eight
// columns; layers are transposed, N_{l−1}×N_l, one after the other.
import { at, dot, multiply, PANEL, upTo4, upTo8 } from './products';

/** Stages of a step, of which the last is the new state. */
const STAGES: i32 = 6;

/** N_l: sizes are given as numbers like all others. */
function size(sizes: usize, l: i32): i32 {
  return <i32>load<f32>(at(sizes, l));
}

/** Numbers of the first `depth` layers. */
function numbers(sizes: usize, depth: i32): i32 {
  let total = 0;
  for (let l = 1; l <= depth; l++) total += upTo8(size(sizes, l - 1)) * upTo8(size(sizes, l));
  return total;
}

/** Numbers of the hidden values before those of layer l. */
function values(sizes: usize, l: i32, samples: i32): i32 {
  let total = 0;
  for (let k = 0; k < l; k++) total += upTo8(size(sizes, k)) * upTo4(samples);
  return total;
}

export function flowScratch(depth: i32, sizes: usize, samples: i32): i32 {
  return (STAGES + 2) * numbers(sizes, depth) + 2 * values(sizes, depth + 1, samples);
}

/** −∂L/∂Wᵀ of all layers at these. Hidden values are written after the inputs, which stand first; signals ∂L/∂H likewise. */
function descent(
  relu: bool,
  samples: i32,
  depth: i32,
  sizes: usize,
  hidden: usize,
  labels: usize,
  layers: usize,
  change: usize,
  signals: usize,
): void {
  for (let l = 1; l <= depth; l++) {
    const below = size(sizes, l - 1);
    const own = size(sizes, l);
    const ld = upTo8(own);
    const h = at(hidden, values(sizes, l, samples));
    const layer = at(layers, numbers(sizes, l - 1));
    const from = at(hidden, values(sizes, l - 1, samples));
    multiply(from, upTo8(below), 1, layer, ld, PANEL, h, ld, PANEL, samples, own, below, 1, false);
    if (relu && l < depth) {
      for (let k = 0; k < samples * ld; k += 4) {
        const entry = at(h, k);
        v128.store(entry, f32x4.max(v128.load(entry), f32x4.splat(0)));
      }
    }
  }
  const outputs = at(hidden, values(sizes, depth, samples));
  const last = at(signals, values(sizes, depth, samples));
  const share = f32x4.splat(<f32>1 / <f32>samples);
  for (let k = 0; k < samples * upTo8(size(sizes, depth)); k += 4) {
    v128.store(at(last, k), f32x4.mul(f32x4.sub(v128.load(at(labels, k)), v128.load(at(outputs, k))), share));
  }
  for (let l = depth; l > 0; l--) {
    const below = size(sizes, l - 1);
    const own = size(sizes, l);
    const ld = upTo8(own);
    const ldBelow = upTo8(below);
    const h = at(hidden, values(sizes, l - 1, samples));
    const signal = at(signals, values(sizes, l, samples));
    const offset = numbers(sizes, l - 1);
    multiply(h, 1, ldBelow, signal, ld, PANEL, at(change, offset), ld, PANEL, below, own, samples, 1, false);
    if (l > 1) {
      const next = at(signals, values(sizes, l - 1, samples));
      for (let i = 0; i < samples; i++) {
        for (let c = 0; c < ldBelow; c++) {
          const place = i * ldBelow + c;
          const passes = c < below && (!relu || load<f32>(at(h, place)) > 0);
          store<f32>(at(next, place), passes ? dot(at(signal, i * ld), at(layers, offset + c * ld), ld) : 0);
        }
      }
    }
  }
}

/**
 * `count` steps from the layers, in place. `hidden` holds the inputs and has room for the values of all layers; `coefficients` are, for each step, its length times the rows of the
 * tableau.
 */
export function flowSteps(
  relu: bool,
  samples: i32,
  depth: i32,
  sizes: usize,
  inputs: usize,
  labels: usize,
  layers: usize,
  count: i32,
  coefficients: usize,
  scratch: usize,
): void {
  const total = numbers(sizes, depth);
  const slopes = scratch;
  const next = at(slopes, (STAGES + 1) * total);
  const hidden = at(next, total);
  const signals = at(hidden, values(sizes, depth + 1, samples));
  memory.copy(hidden, inputs, (<usize>values(sizes, 1, samples)) << 2);
  descent(relu, samples, depth, sizes, hidden, labels, layers, slopes, signals);
  for (let step = 0; step < count; step++) {
    for (let stage = 1; stage <= STAGES; stage++) {
      for (let k = 0; k < total; k += 4) {
        let sum = v128.load(at(layers, k));
        for (let j = 0; j < stage; j++) {
          sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(at(coefficients, j)), v128.load(at(slopes, j * total + k))));
        }
        v128.store(at(next, k), sum);
      }
      coefficients = at(coefficients, stage);
      descent(relu, samples, depth, sizes, hidden, labels, next, at(slopes, stage * total), signals);
    }
    memory.copy(layers, next, (<usize>total) << 2);
    memory.copy(slopes, at(slopes, STAGES * total), (<usize>total) << 2);
  }
}
