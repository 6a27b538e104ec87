import { at } from './products';

/**
 * The lower triangle of C_ij = Σ_k a_ik a_jk ρ_ij^k, n×n with rows `ld` apart, for the rows of series n×terms and the correlations ρ in C itself. `reversed` holds terms×ld numbers.
 */
export function correlatedSeries(series: usize, n: i32, terms: i32, c: usize, ld: i32, reversed: usize): void {
  // Columns by the power, the highest first, so that Horner's scheme runs on two columns at once.
  for (let k = 0; k < terms; k++) {
    for (let j = 0; j < n; j++) store<f64>(at(reversed, k * ld + j), load<f64>(at(series, j * terms + terms - 1 - k)));
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j += 4) {
      const place = at(c, i * ld + j);
      const left = v128.load(place);
      const right = v128.load(place + 16);
      let leftSum = f64x2.splat(0);
      let rightSum = leftSum;
      for (let k = 0; k < terms; k++) {
        const own = f64x2.splat(load<f64>(at(reversed, k * ld + i)));
        const others = at(reversed, k * ld + j);
        leftSum = f64x2.add(f64x2.mul(leftSum, left), f64x2.mul(own, v128.load(others)));
        rightSum = f64x2.add(f64x2.mul(rightSum, right), f64x2.mul(own, v128.load(others + 16)));
      }
      v128.store(place, leftSum);
      v128.store(place + 16, rightSum);
    }
  }
}
