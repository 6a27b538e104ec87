// The two-layer network f(x) = (1/√m) vᵀφ(Wx/√d) in float32: its tangent kernel and its descent, each in one call.
import { exponential, logistic, slope, value, valueAndSlope } from './activations';
import { at, columnsOfPanels, gramOfPanels, multiply, PANEL, panelsOfColumns, panelsOfRows, upTo4, upTo8 } from './products';

/** The lower triangle of a kernel with rows `ld` apart, and its mirror, as n×n; in blocks that stay in cache. */
function completed(kernel: usize, n: i32, ld: i32, out: usize): void {
  for (let top = 0; top < n; top += 32) {
    for (let left = 0; left <= top; left += 32) {
      for (let i = top; i < min(n, top + 32); i++) {
        for (let j = left; j < min(i + 1, left + 32); j++) {
          const entry = load<f32>(at(kernel, i * ld + j));
          store<f32>(at(out, i * n + j), entry);
          store<f32>(at(out, j * n + i), entry);
        }
      }
    }
  }
}

/** Numbers of scratch that `twoLayerKernel` needs. */
export function twoLayerKernelScratch(n: i32, d: i32, m: i32): i32 {
  return upTo8(n) * (d + 2 * upTo4(m) + 2 * upTo8(n));
}

/**
 * Θ = w₁Θ₁ + w₂Θ₂, n×n: Θ₁ = (1/m)(φ'(Z) diag v)(φ'(Z) diag v)ᵀ ∘ XXᵀ/d, Θ₂ = (1/m) φ(Z) φ(Z)ᵀ with Z = XWᵀ/√d for X n×d, Wᵀ d×m, v m, the weights 0 or 1.
 * Units run over the rows of the panels of Zᵀ, inputs over their columns.
 */
export function twoLayerKernel(
  x: usize,
  w: usize,
  v: usize,
  n: i32,
  d: i32,
  m: i32,
  activation: i32,
  negativeSlope: f32,
  first: bool,
  second: bool,
  out: usize,
  scratch: usize,
): void {
  const ld = upTo8(n);
  const kernel = scratch;
  const inputs = at(kernel, ld * ld);
  const panel = upTo4(m) * PANEL;
  const z = at(inputs, ld * d);
  const features = at(z, ld * upTo4(m));
  const other = at(features, ld * upTo4(m));
  panelsOfRows(x, n, d, d, inputs);
  multiply(w, 1, m, inputs, PANEL, d * PANEL, z, PANEL, panel, m, n, d, <f32>1 / Mathf.sqrt(<f32>d), false);
  if (first) {
    for (let j = 0; j < ld; j += PANEL) {
      for (let r = 0; r < m; r++) {
        const weight = v128.load32_splat(at(v, r));
        const place = (j / PANEL) * panel + r * PANEL;
        for (let half = place; half < place + PANEL; half += 4) {
          v128.store(at(features, half), f32x4.mul(slope(activation, negativeSlope, v128.load(at(z, half))), weight));
        }
      }
    }
    gramOfPanels(features, n, m, panel, kernel, ld, <f32>1 / <f32>(m * d));
    gramOfPanels(inputs, n, d, d * PANEL, other, ld, 1);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j += 4) {
        const entry = at(kernel, i * ld + j);
        v128.store(entry, f32x4.mul(v128.load(entry), v128.load(at(other, i * ld + j))));
      }
    }
  }
  if (second) {
    for (let j = 0; j < ld; j += PANEL) {
      for (let k = 0; k < m * PANEL; k += 4) {
        const place = (j / PANEL) * panel + k;
        v128.store(at(features, place), value(activation, negativeSlope, v128.load(at(z, place))));
      }
    }
    gramOfPanels(features, n, m, panel, first ? other : kernel, ld, <f32>1 / <f32>m);
    if (first) {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j += 4) {
          const entry = at(kernel, i * ld + j);
          v128.store(entry, f32x4.add(v128.load(entry), v128.load(at(other, i * ld + j))));
        }
      }
    }
  }
  completed(kernel, n, ld, out);
}

/** Z = XWᵀ/√d into panels of `upTo4(n)` rows, for Wᵀ in panels of `upTo4(d)` rows. */
function preactivations(x: usize, w: usize, n: i32, d: i32, m: i32, z: usize): void {
  multiply(x, d, 1, w, PANEL, upTo4(d) * PANEL, z, PANEL, upTo4(n) * PANEL, n, m, d, <f32>1 / Mathf.sqrt(<f32>d), false);
}

/** f = (1/√m) φ(Z) v for Z in panels, n outputs. In place of Z come φ'(Z) with `slopes`, and φ(Z) at `values` where that is not 0. */
function readout(
  z: usize,
  v: usize,
  n: i32,
  m: i32,
  activation: i32,
  negativeSlope: f32,
  outputs: usize,
  slopes: bool,
  values: usize,
): void {
  const panel = upTo4(n) * PANEL;
  for (let i = 0; i < n; i++) store<f32>(at(outputs, i), 0);
  for (let j = 0; j < m; j += PANEL) {
    const left = v128.load(at(v, j));
    const right = v128.load(at(v, j + 4));
    for (let i = 0; i < n; i++) {
      const k = (j / PANEL) * panel + i * PANEL;
      const place = at(z, k);
      const z0 = v128.load(place);
      const z1 = v128.load(place + 16);
      const h0 = slopes ? valueAndSlope(activation, negativeSlope, z0, place) : value(activation, negativeSlope, z0);
      const h1 = slopes ? valueAndSlope(activation, negativeSlope, z1, place + 16) : value(activation, negativeSlope, z1);
      if (values) {
        v128.store(at(values, k), h0);
        v128.store(at(values, k) + 16, h1);
      }
      const sum = f32x4.add(f32x4.mul(h0, left), f32x4.mul(h1, right));
      const total =
        f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
      store<f32>(at(outputs, i), load<f32>(at(outputs, i)) + total);
    }
  }
  const scale: f32 = <f32>1 / Mathf.sqrt(<f32>m);
  for (let i = 0; i < n; i++) store<f32>(at(outputs, i), load<f32>(at(outputs, i)) * scale);
}

/** Numbers of scratch that `twoLayerOutputs` and `twoLayerDescent` need. */
export function twoLayerScratch(n: i32, d: i32, m: i32): i32 {
  return upTo8(m) * (upTo4(d) + 2 * upTo4(n) + 2) + upTo4(n);
}

/** f on inputs n×d, for Wᵀ d×m and v with zeros up to the next eight. */
export function twoLayerOutputs(
  x: usize,
  w: usize,
  v: usize,
  n: i32,
  d: i32,
  m: i32,
  activation: i32,
  negativeSlope: f32,
  outputs: usize,
  scratch: usize,
): void {
  const z = at(scratch, upTo8(m) * upTo4(d));
  panelsOfColumns(w, d, m, scratch);
  preactivations(x, scratch, n, d, m, z);
  readout(z, v, n, m, activation, negativeSlope, outputs, false, 0);
}

// Losses by number.
const EXPONENTIAL: i32 = 1;

/** n ∂L/∂f in place of the outputs: f − y, or −y times the weight −ℓ'(yf) of a margin. */
function residuals(outputs: usize, labels: usize, n: i32, loss: i32): void {
  for (let i = 0; i < n; i++) {
    const f = load<f32>(at(outputs, i));
    const y = load<f32>(at(labels, i));
    let residual = f - y;
    if (loss !== 0) {
      const margin = f32x4.splat(-y * f);
      const weight = loss === EXPONENTIAL ? exponential(margin) : f32x4.mul(logistic(margin), f32x4.splat(2));
      residual = -y * f32x4.extract_lane(weight, 0);
    }
    store<f32>(at(outputs, i), residual);
  }
}

/**
 * Full-batch gradient descent, in place, on Wᵀ d×m and on v with zeros up to the next eight: W ← W − η₁ ∂L/∂W and v ← v − η₂ ∂L/∂v, both gradients taken
 * at the old weights.
 */
export function twoLayerDescent(
  steps: i32,
  x: usize,
  labels: usize,
  transposed: usize,
  v: usize,
  n: i32,
  d: i32,
  m: i32,
  activation: i32,
  negativeSlope: f32,
  loss: i32,
  first: f32,
  second: f32,
  scratch: usize,
): void {
  const panel = upTo4(n) * PANEL;
  const w = scratch;
  const z = at(w, upTo8(m) * upTo4(d));
  const values = at(z, upTo8(m) * upTo4(n));
  const outputs = at(values, upTo8(m) * upTo4(n));
  const change = at(outputs, upTo4(n));
  const firstScale = first / (<f32>n * Mathf.sqrt(<f32>m * <f32>d));
  const secondScale = second / (<f32>n * Mathf.sqrt(<f32>m));
  panelsOfColumns(transposed, d, m, w);
  for (let step = 0; step < steps; step++) {
    preactivations(x, w, n, d, m, z);
    readout(z, v, n, m, activation, negativeSlope, outputs, first !== 0, second !== 0 ? values : 0);
    residuals(outputs, labels, n, loss);
    for (let j = 0; j < m; j += PANEL) {
      const left = v128.load(at(v, j));
      const right = v128.load(at(v, j + 4));
      let leftChange = f32x4.splat(0);
      let rightChange = leftChange;
      for (let i = 0; i < n; i++) {
        const k = (j / PANEL) * panel + i * PANEL;
        const residual = v128.load32_splat(at(outputs, i));
        if (second !== 0) {
          leftChange = f32x4.add(leftChange, f32x4.mul(residual, v128.load(at(values, k))));
          rightChange = f32x4.add(rightChange, f32x4.mul(residual, v128.load(at(values, k + 4))));
        }
        if (first !== 0) {
          v128.store(at(z, k), f32x4.mul(f32x4.mul(v128.load(at(z, k)), left), residual));
          v128.store(at(z, k + 4), f32x4.mul(f32x4.mul(v128.load(at(z, k + 4)), right), residual));
        }
      }
      v128.store(at(change, j), leftChange);
      v128.store(at(change, j + 4), rightChange);
    }
    if (first !== 0) {
      const rows = upTo4(d) * PANEL;
      multiply(x, 1, d, z, PANEL, panel, w, PANEL, rows, d, m, n, firstScale, true);
    }
    if (second !== 0) {
      const scales = f32x4.splat(secondScale);
      for (let j = 0; j < m; j += 4) {
        const place = at(v, j);
        v128.store(place, f32x4.sub(v128.load(place), f32x4.mul(v128.load(at(change, j)), scales)));
      }
      for (let j = m; j < upTo8(m); j++) store<f32>(at(v, j), 0);
    }
  }
  columnsOfPanels(w, d, m, transposed);
}
