// Eigenvalues of a symmetric matrix: Householder's reduction to a tridiagonal one, then implicit QL (Golub and Van Loan 2013, §8.3).
import { at } from './products';
import { dot } from './vectors';

/** x ← x − c y − s z over n numbers. */
function subtract(x: usize, c: f64, y: usize, s: f64, z: usize, n: i32): void {
  const cs = f64x2.splat(c);
  const ss = f64x2.splat(s);
  let k = 0;
  for (; k + 2 <= n; k += 2) {
    const change = f64x2.add(f64x2.mul(cs, v128.load(at(y, k))), f64x2.mul(ss, v128.load(at(z, k))));
    v128.store(at(x, k), f64x2.sub(v128.load(at(x, k)), change));
  }
  if (k < n) store<f64>(at(x, k), load<f64>(at(x, k)) - (c * load<f64>(at(y, k)) + s * load<f64>(at(z, k))));
}

/** The tridiagonal matrix QᵀAQ of a symmetric n×n matrix, which is overwritten: its diagonal, and the n − 1 numbers beside it. `scratch` holds n numbers. */
function reduced(a: usize, n: i32, diagonal: usize, beside: usize, scratch: usize): void {
  for (let i = n - 1; i > 0; i--) {
    const v = at(a, i * n);
    store<f64>(at(diagonal, i), load<f64>(at(v, i)));
    const last = load<f64>(at(v, i - 1));
    const before = dot(v, v, i - 1);
    if (before === 0) {
      store<f64>(at(beside, i - 1), last);
      continue;
    }
    const squares = before + last * last;
    const target = last > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
    const half = squares - last * target;
    store<f64>(at(beside, i - 1), target);
    store<f64>(at(v, i - 1), last - target);
    for (let j = 0; j < i; j++) store<f64>(at(scratch, j), dot(at(a, j * n), v, i) / half);
    subtract(scratch, dot(v, scratch, i) / (2 * half), v, 0, v, i);
    for (let j = 0; j < i; j++) subtract(at(a, j * n), load<f64>(at(v, j)), scratch, load<f64>(at(scratch, j)), v, i);
  }
  store<f64>(diagonal, load<f64>(a));
}

const MOST_ROTATIONS: i32 = 60;

/** The eigenvalues of a symmetric n×n matrix, which is overwritten, in no order; false where the iteration does not converge. `scratch` holds 2n numbers. */
export function eigenvalues(a: usize, n: i32, values: usize, scratch: usize): bool {
  const beside = at(scratch, n);
  reduced(a, n, values, beside, scratch);
  store<f64>(at(beside, n - 1), 0);
  // Against the norm and not against its neighbours: where the matrix has a low rank, those are rounding themselves.
  let size: f64 = 0;
  for (let k = 0; k < n; k++) size = Math.max(size, Math.abs(load<f64>(at(values, k))) + Math.abs(load<f64>(at(beside, k))));
  const negligible = f64.EPSILON * size;
  for (let l = 0; l < n; l++) {
    for (let round = 0; ; round++) {
      let m = l;
      while (m < n - 1 && !(Math.abs(load<f64>(at(beside, m))) <= negligible)) m++;
      if (m === l) break;
      if (round === MOST_ROTATIONS) return false;
      const own = load<f64>(at(values, l));
      let g = (load<f64>(at(values, l + 1)) - own) / (2 * load<f64>(at(beside, l)));
      let r = Math.sqrt(g * g + 1);
      g = load<f64>(at(values, m)) - own + load<f64>(at(beside, l)) / (g + (g < 0 ? -r : r));
      let s: f64 = 1;
      let c: f64 = 1;
      let p: f64 = 0;
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * load<f64>(at(beside, i));
        const b = c * load<f64>(at(beside, i));
        r = Math.sqrt(f * f + g * g);
        store<f64>(at(beside, i + 1), r);
        if (r === 0) {
          store<f64>(at(values, i + 1), load<f64>(at(values, i + 1)) - p);
          store<f64>(at(beside, m), 0);
          break;
        }
        s = f / r;
        c = g / r;
        g = load<f64>(at(values, i + 1)) - p;
        r = (load<f64>(at(values, i)) - g) * s + 2 * c * b;
        p = s * r;
        store<f64>(at(values, i + 1), g + p);
        g = c * r - b;
      }
      if (r === 0 && i >= l) continue;
      store<f64>(at(values, l), load<f64>(at(values, l)) - p);
      store<f64>(at(beside, l), g);
      store<f64>(at(beside, m), 0);
    }
  }
  return true;
}
