import { at, block } from './products';

/**
 * A = L Lᵀ in place for a symmetric n×n matrix of which the lower triangle is read, n a multiple of four; false where a pivot is not positive. What is
 * above the diagonal blocks is left alone.
 */
export function cholesky(a: usize, n: i32): bool {
  for (let i = 0; i < n; i += 4) {
    for (let j = 0; j <= i; j += 4) {
      if (j > 0) block(at(a, i * n), n, at(a, j * n), n, j, at(a, i * n + j), n, -1, true);
      if (j < i) {
        for (let r = i; r < i + 4; r++) {
          for (let c = j; c < j + 4; c++) {
            let sum = load<f64>(at(a, r * n + c));
            for (let t = j; t < c; t++) sum -= load<f64>(at(a, r * n + t)) * load<f64>(at(a, c * n + t));
            store<f64>(at(a, r * n + c), sum / load<f64>(at(a, c * n + c)));
          }
        }
      }
    }
    for (let c = i; c < i + 4; c++) {
      let pivot = load<f64>(at(a, c * n + c));
      for (let t = i; t < c; t++) pivot -= load<f64>(at(a, c * n + t)) * load<f64>(at(a, c * n + t));
      if (!(pivot > 0)) return false;
      pivot = Math.sqrt(pivot);
      store<f64>(at(a, c * n + c), pivot);
      for (let r = c + 1; r < i + 4; r++) {
        let sum = load<f64>(at(a, r * n + c));
        for (let t = i; t < c; t++) sum -= load<f64>(at(a, r * n + t)) * load<f64>(at(a, c * n + t));
        store<f64>(at(a, r * n + c), sum / pivot);
      }
    }
  }
  return true;
}
