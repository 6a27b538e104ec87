import { at } from './products';

/** Σ_k<n x_k y_k. */
export function dot(x: usize, y: usize, n: i32): f64 {
  let sums = f64x2.splat(0);
  let others = sums;
  let k = 0;
  for (; k + 4 <= n; k += 4) {
    sums = f64x2.add(sums, f64x2.mul(v128.load(at(x, k)), v128.load(at(y, k))));
    others = f64x2.add(others, f64x2.mul(v128.load(at(x, k + 2)), v128.load(at(y, k + 2))));
  }
  sums = f64x2.add(sums, others);
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (; k < n; k++) sum += load<f64>(at(x, k)) * load<f64>(at(y, k));
  return sum;
}

/** w less its projections on `count` orthonormal vectors of n numbers, `stride` bytes apart, one after the other and twice, for the first pass leaves what rounding makes. */
export function orthogonalise(basis: usize, stride: i32, count: i32, n: i32, w: usize): void {
  for (let pass = 0; pass < 2; pass++) {
    for (let j = 0; j < count; j++) {
      const unit = basis + <usize>(j * stride);
      const overlap = dot(w, unit, n);
      const factor = f64x2.splat(overlap);
      let k = 0;
      for (; k + 2 <= n; k += 2) {
        const place = at(w, k);
        v128.store(place, f64x2.sub(v128.load(place), f64x2.mul(factor, v128.load(at(unit, k)))));
      }
      if (k < n) store<f64>(at(w, k), load<f64>(at(w, k)) - overlap * load<f64>(at(unit, k)));
    }
  }
}
