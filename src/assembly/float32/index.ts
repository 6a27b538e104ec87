// What the built-in subject computes on the WASM backend in one call each.
export * from './gradient-flow';
export * from './relu-neurons';
export * from './two-layer';

import { slope, value, valueAndSlope } from './activations';
import { at, multiply, PANEL, upTo4 } from './products';

/** The first address that the module leaves free: before it are the tables of its functions. */
export function stackStart(): usize {
  return __heap_base;
}

/** φ or φ' of each number, alone or together with the other; the count is a multiple of four. */
export function activated(
  activation: i32,
  negativeSlope: f32,
  derivative: bool,
  together: bool,
  z: usize,
  count: i32,
  out: usize,
): void {
  for (let k = 0; k < count; k += 4) {
    const numbers = v128.load(at(z, k));
    const place = at(out, k);
    if (together) {
      const values = valueAndSlope(activation, negativeSlope, numbers, place);
      if (!derivative) v128.store(place, values);
    } else {
      v128.store(place, derivative ? slope(activation, negativeSlope, numbers) : value(activation, negativeSlope, numbers));
    }
  }
}

/** A B for A p×k and B k×q with q a multiple of eight. */
export function matmul(a: usize, b: usize, p: i32, q: i32, k: i32, c: usize): void {
  multiply(a, k, 1, b, q, PANEL, c, q, PANEL, upTo4(p), q, k, 1, false);
}
