// The gradient flow of balanced ReLU neurons by given steps, in polar form with the masks frozen between their events, in float32; what grows without bound, ln ‖w‖ and the time, in
// float64. A float64 number comes and goes as two float32 numbers of which it is the sum. Rows have zeros up to the next four columns.
import { at, dot, upTo4 } from './products';

/** Larger than any time that a float32 holds to a useful accuracy. */
const NEVER: f32 = 1e30;
const TINY: f32 = 1e-30;
/** Numbers of a step: its duration in two parts, whether its outputs are visible, and whether it is free of events. */
const STEP: i32 = 4;
const EXPONENTIAL: i32 = 1;

function double(pairs: usize, k: i32): f64 {
  return <f64>load<f32>(at(pairs, 2 * k)) + <f64>load<f32>(at(pairs, 2 * k + 1));
}

function storeDouble(pairs: usize, k: i32, value: f64): void {
  const high = <f32>value;
  store<f32>(at(pairs, 2 * k), high);
  store<f32>(at(pairs, 2 * k + 1), <f32>(value - <f64>high));
}

function float64At(base: usize, k: i32): usize {
  return base + ((<usize>k) << 3);
}

/** r_i = −ℓ'(y_i f_i), with f from float32 activities and float64 sizes. */
function residualWeights(
  n: i32,
  d: i32,
  h: i32,
  x: usize,
  labels: usize,
  signs: usize,
  loss: i32,
  logScale: f64,
  u: usize,
  masks: usize,
  logNorms: usize,
  weights: usize,
): void {
  const ld = upTo4(d);
  memory.fill(weights, 0, (<usize>n) << 3);
  for (let j = 0; j < h; j++) {
    const size = <f64>load<f32>(at(signs, j)) * Math.exp(2 * (logScale + load<f64>(float64At(logNorms, j))));
    for (let i = 0; i < n; i++) {
      if (load<f32>(at(masks, j * n + i)) === 0) continue;
      const activity = max(dot(at(u, j * ld), at(x, i * ld), ld), <f32>0);
      const place = float64At(weights, i);
      store<f64>(place, load<f64>(place) + size * <f64>activity);
    }
  }
  for (let i = 0; i < n; i++) {
    const place = float64At(weights, i);
    const margin = <f64>load<f32>(at(labels, i)) * load<f64>(place);
    store<f64>(place, loss === EXPONENTIAL ? Math.exp(-margin) : 2 / (1 + Math.exp(margin)));
  }
}

/** ⟨u, x⟩ is taken on the side of its mask. The time at which the activity on x changes, in units of 1/A; NEVER where it does not. */
function crossing(u: usize, towards: usize, x: usize, ld: i32, active: bool, cosine: f32, plus: f32, minus: f32): f32 {
  const side: f32 = active ? 1 : -1;
  const along = side * dot(towards, x, ld);
  if (!(along < 0)) return NEVER;
  const z = max(side * dot(u, x, ld), <f32>0);
  const p = z - cosine * along;
  const b = -along;
  const root = Mathf.sqrt(p * p + b * b * (plus * minus));
  const q = p > 0 ? (b * plus) / max(root + p, TINY) : (root - p) / max(b * minus, TINY);
  return q > 0 ? -Mathf.log(min(max(q, TINY), <f32>1)) : NEVER;
}

/** Boosts of one neuron, from event to event. `grown` takes the growth of ln ‖w‖, and then the time of its last event, negative where there was none. Returns events against monotone activation. */
function boosted(
  n: i32,
  d: i32,
  x: usize,
  labels: usize,
  sign: f32,
  u: usize,
  masks: usize,
  weights: usize,
  duration: f32,
  mostEvents: i32,
  grown: usize,
  scratch: usize,
): i32 {
  const ld = upTo4(d);
  const towards = scratch;
  const across = at(scratch, ld);
  let growth: f32 = 0;
  let changed: f32 = -1;
  let elapsed: f32 = 0;
  let violations = 0;
  for (let events = 0; events === 0 || events < mostEvents; events++) {
    memory.fill(towards, 0, (<usize>ld) << 2);
    for (let i = 0; i < n; i++) {
      if (load<f32>(at(masks, i)) === 0) continue;
      const share = f32x4.splat(sign * load<f32>(at(labels, i)) * <f32>load<f64>(float64At(weights, i)));
      for (let k = 0; k < ld; k += 4) {
        const place = at(towards, k);
        v128.store(place, f32x4.add(v128.load(place), f32x4.mul(share, v128.load(at(x, i * ld + k)))));
      }
    }
    const size = Mathf.sqrt(dot(towards, towards, ld));
    if (!(size > 0)) break;
    const inverse = f32x4.splat(max(size, TINY));
    for (let k = 0; k < ld; k += 4) v128.store(at(towards, k), f32x4.div(v128.load(at(towards, k)), inverse));
    const cosine = dot(u, towards, ld);
    const cosines = f32x4.splat(cosine);
    for (let k = 0; k < ld; k += 4) {
      v128.store(at(across, k), f32x4.sub(v128.load(at(u, k)), f32x4.mul(cosines, v128.load(at(towards, k)))));
    }
    // 1 + c and 1 − c without cancellation: the smaller is ‖u − câ‖² over the larger.
    const large = Mathf.abs(cosine) + 1;
    const small = dot(across, across, ld) / large;
    const plus = cosine < 0 ? small : large;
    const minus = cosine < 0 ? large : small;
    const rest = duration - elapsed;
    let first = NEVER;
    let which = -1;
    if (mostEvents > 0) {
      for (let i = 0; i < n; i++) {
        const active = load<f32>(at(masks, i)) !== 0;
        const time = crossing(u, towards, at(x, i * ld), ld, active, cosine, plus, minus) / size;
        if (time < first) {
          first = time;
          which = i;
        }
      }
    }
    const event = which >= 0 && first <= rest;
    const time = event ? first : rest;
    const distance = size * time;
    if (distance > 0) {
      const q = Mathf.exp(-distance);
      const fading = minus * (q * q);
      const turn = f32x4.splat(q * 2);
      const pull = f32x4.splat(plus - fading);
      for (let k = 0; k < ld; k += 4) {
        v128.store(at(u, k), f32x4.add(f32x4.mul(turn, v128.load(at(across, k))), f32x4.mul(pull, v128.load(at(towards, k)))));
      }
      const length = f32x4.splat(Mathf.sqrt(dot(u, u, ld)));
      for (let k = 0; k < ld; k += 4) v128.store(at(u, k), f32x4.div(v128.load(at(u, k)), length));
      growth += distance + Mathf.log((plus + fading) * 0.5);
    }
    if (!event) break;
    elapsed += time;
    changed = elapsed;
    const mask = at(masks, which);
    const active: f32 = 1 - load<f32>(mask);
    store<f32>(mask, active);
    // Gained against the sign, or lost with it.
    if (sign * load<f32>(at(labels, which)) > 0 !== active > 0) violations++;
  }
  store<f32>(grown, growth);
  store<f32>(at(grown, 1), changed);
  return violations;
}

/** Boosts of all neurons, each as `boosted` does. */
function allBoosted(
  n: i32,
  d: i32,
  h: i32,
  x: usize,
  labels: usize,
  signs: usize,
  u: usize,
  masks: usize,
  weights: usize,
  duration: f32,
  mostEvents: i32,
  grown: usize,
  scratch: usize,
): i32 {
  let violations = 0;
  for (let j = 0; j < h; j++) {
    const direction = at(u, j * upTo4(d));
    const own = at(masks, j * n);
    const sign = load<f32>(at(signs, j));
    violations += boosted(n, d, x, labels, sign, direction, own, weights, duration, mostEvents, at(grown, 2 * j), scratch);
  }
  return violations;
}

export function neuronScratch(n: i32, d: i32, h: i32): i32 {
  return h * (upTo4(d) + n + 8) + 4 * n + 2 * upTo4(d);
}

/**
 * The steps from directions u h×d and masks h×n, in place, with ln ‖w‖/ε, the time of each neuron's last event and the present time as pairs; returns the events against monotone
 * activation.
 */
export function neuronSteps(
  n: i32,
  d: i32,
  h: i32,
  x: usize,
  labels: usize,
  signs: usize,
  loss: i32,
  logScale: f64,
  start: f64,
  u: usize,
  masks: usize,
  norms: usize,
  lastChange: usize,
  count: i32,
  steps: usize,
  mostEvents: i32,
  scratch: usize,
): i32 {
  const ld = upTo4(d);
  const logNorms = scratch;
  const tried = float64At(logNorms, h);
  const weights = float64At(tried, h);
  const after = float64At(weights, n);
  const grown = float64At(after, n);
  const directionsBefore = at(grown, 2 * h);
  const masksBefore = at(directionsBefore, h * ld);
  const own = at(masksBefore, h * n);
  for (let j = 0; j < h; j++) store<f64>(float64At(logNorms, j), double(norms, j));
  let time = start;
  let violations = 0;
  for (let step = 0; step < count; step++) {
    const at4 = at(steps, step * STEP);
    const duration = double(at4, 0);
    const visible = load<f32>(at(at4, 2)) !== 0;
    const events = load<f32>(at(at4, 3)) !== 0 ? 0 : mostEvents;
    residualWeights(n, d, h, x, labels, signs, loss, logScale, u, masks, logNorms, weights);
    if (visible) {
      memory.copy(directionsBefore, u, (<usize>(h * ld)) << 2);
      memory.copy(masksBefore, masks, (<usize>(h * n)) << 2);
      allBoosted(n, d, h, x, labels, signs, u, masks, weights, <f32>duration, events, grown, own);
      for (let j = 0; j < h; j++) {
        store<f64>(float64At(tried, j), load<f64>(float64At(logNorms, j)) + <f64>load<f32>(at(grown, 2 * j)));
      }
      residualWeights(n, d, h, x, labels, signs, loss, logScale, u, masks, tried, after);
      for (let i = 0; i < n; i++) {
        const place = float64At(weights, i);
        store<f64>(place, (load<f64>(place) + load<f64>(float64At(after, i))) / 2);
      }
      memory.copy(u, directionsBefore, (<usize>(h * ld)) << 2);
      memory.copy(masks, masksBefore, (<usize>(h * n)) << 2);
    }
    violations += allBoosted(n, d, h, x, labels, signs, u, masks, weights, <f32>duration, events, grown, own);
    for (let j = 0; j < h; j++) {
      const place = float64At(logNorms, j);
      store<f64>(place, load<f64>(place) + <f64>load<f32>(at(grown, 2 * j)));
      const changed = load<f32>(at(grown, 2 * j + 1));
      if (changed >= 0) storeDouble(lastChange, j, time + <f64>changed);
    }
    time += duration;
  }
  for (let j = 0; j < h; j++) storeDouble(norms, j, load<f64>(float64At(logNorms, j)));
  return violations;
}
