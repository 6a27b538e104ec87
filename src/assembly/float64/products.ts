// Dense float64 kernels, row by row. AssemblyScript: `usize` is an address, a v128 holds two numbers. Plain SIMD alone, so that the bits are the same on every machine.

/** Terms of a product that are summed before they are stored: four rows of either factor then stay in the first cache. */
const DEPTH: i32 = 256;

/** Numbers from there on. */
export function at(base: usize, index: i32): usize {
  return base + ((<usize>index) << 3);
}

/** C_ij (+)= sign · Σ_t<k A_it B_jt for four rows i of A (at `p`, `lda` apart) and four j of B: C at `out`, `ldc` apart. */
export function block(p: usize, lda: i32, q: usize, ldb: i32, k: i32, out: usize, ldc: i32, sign: f64, add: bool): void {
  let s00 = f64x2.splat(0);
  let s01 = s00;
  let s02 = s00;
  let s03 = s00;
  let s10 = s00;
  let s11 = s00;
  let s12 = s00;
  let s13 = s00;
  let s20 = s00;
  let s21 = s00;
  let s22 = s00;
  let s23 = s00;
  let s30 = s00;
  let s31 = s00;
  let s32 = s00;
  let s33 = s00;
  const a: usize = (<usize>lda) << 3;
  const b: usize = (<usize>ldb) << 3;
  const end = q + ((<usize>(k & ~1)) << 3);
  while (q < end) {
    const x0 = v128.load(p);
    const x1 = v128.load(p + a);
    const x2 = v128.load(p + 2 * a);
    const x3 = v128.load(p + 3 * a);
    let y = v128.load(q);
    s00 = f64x2.add(s00, f64x2.mul(x0, y));
    s10 = f64x2.add(s10, f64x2.mul(x1, y));
    s20 = f64x2.add(s20, f64x2.mul(x2, y));
    s30 = f64x2.add(s30, f64x2.mul(x3, y));
    y = v128.load(q + b);
    s01 = f64x2.add(s01, f64x2.mul(x0, y));
    s11 = f64x2.add(s11, f64x2.mul(x1, y));
    s21 = f64x2.add(s21, f64x2.mul(x2, y));
    s31 = f64x2.add(s31, f64x2.mul(x3, y));
    y = v128.load(q + 2 * b);
    s02 = f64x2.add(s02, f64x2.mul(x0, y));
    s12 = f64x2.add(s12, f64x2.mul(x1, y));
    s22 = f64x2.add(s22, f64x2.mul(x2, y));
    s32 = f64x2.add(s32, f64x2.mul(x3, y));
    y = v128.load(q + 3 * b);
    s03 = f64x2.add(s03, f64x2.mul(x0, y));
    s13 = f64x2.add(s13, f64x2.mul(x1, y));
    s23 = f64x2.add(s23, f64x2.mul(x2, y));
    s33 = f64x2.add(s33, f64x2.mul(x3, y));
    p += 16;
    q += 16;
  }
  if (k & 1) {
    const x0 = v128.load64_zero(p);
    const x1 = v128.load64_zero(p + a);
    const x2 = v128.load64_zero(p + 2 * a);
    const x3 = v128.load64_zero(p + 3 * a);
    let y = v128.load64_zero(q);
    s00 = f64x2.add(s00, f64x2.mul(x0, y));
    s10 = f64x2.add(s10, f64x2.mul(x1, y));
    s20 = f64x2.add(s20, f64x2.mul(x2, y));
    s30 = f64x2.add(s30, f64x2.mul(x3, y));
    y = v128.load64_zero(q + b);
    s01 = f64x2.add(s01, f64x2.mul(x0, y));
    s11 = f64x2.add(s11, f64x2.mul(x1, y));
    s21 = f64x2.add(s21, f64x2.mul(x2, y));
    s31 = f64x2.add(s31, f64x2.mul(x3, y));
    y = v128.load64_zero(q + 2 * b);
    s02 = f64x2.add(s02, f64x2.mul(x0, y));
    s12 = f64x2.add(s12, f64x2.mul(x1, y));
    s22 = f64x2.add(s22, f64x2.mul(x2, y));
    s32 = f64x2.add(s32, f64x2.mul(x3, y));
    y = v128.load64_zero(q + 3 * b);
    s03 = f64x2.add(s03, f64x2.mul(x0, y));
    s13 = f64x2.add(s13, f64x2.mul(x1, y));
    s23 = f64x2.add(s23, f64x2.mul(x2, y));
    s33 = f64x2.add(s33, f64x2.mul(x3, y));
  }
  const c: usize = (<usize>ldc) << 3;
  row(out, s00, s01, s02, s03, sign, add);
  row(out + c, s10, s11, s12, s13, sign, add);
  row(out + 2 * c, s20, s21, s22, s23, sign, add);
  row(out + 3 * c, s30, s31, s32, s33, sign, add);
}

/** The sums of both lanes of four accumulators, times the sign, stored or added. */
function row(out: usize, s0: v128, s1: v128, s2: v128, s3: v128, sign: f64, add: bool): void {
  const signs = f64x2.splat(sign);
  let left = f64x2.mul(signs, f64x2.add(f64x2.shuffle(s0, s1, 0, 2), f64x2.shuffle(s0, s1, 1, 3)));
  let right = f64x2.mul(signs, f64x2.add(f64x2.shuffle(s2, s3, 0, 2), f64x2.shuffle(s2, s3, 1, 3)));
  if (add) {
    left = f64x2.add(v128.load(out), left);
    right = f64x2.add(v128.load(out + 16), right);
  }
  v128.store(out, left);
  v128.store(out + 16, right);
}

/** Four rows or columns are taken at once. */
export function upTo4(count: i32): i32 {
  return (count + 3) & ~3;
}

/**
 * C = A Bᵀ for A p×k and B q×k with rows `lda` and `ldb` apart, C with rows `ldc` apart; with `lower`, its blocks on and below the diagonal alone. Rows are taken by fours: A and B must
 * be readable, and C writable, up to the next multiple of four rows and columns.
 */
export function product(a: usize, lda: i32, p: i32, b: usize, ldb: i32, q: i32, k: i32, c: usize, ldc: i32, lower: bool): void {
  for (let from = 0; from === 0 || from < k; from += DEPTH) {
    const depth = min(DEPTH, k - from);
    for (let i = 0; i < p; i += 4) {
      const columns = lower ? i + 1 : q;
      for (let j = 0; j < columns; j += 4) {
        block(at(a, i * lda + from), lda, at(b, j * ldb + from), ldb, depth, at(c, i * ldc + j), ldc, 1, from > 0);
      }
    }
  }
}

/** Copies the lower triangle of an n×n matrix with rows `ld` apart onto the upper one. */
export function mirror(a: usize, n: i32, ld: i32): void {
  for (let top = 0; top < n; top += 32) {
    for (let left = 0; left <= top; left += 32) {
      const rows = min(n, top + 32);
      for (let i = top; i < rows; i++) {
        const columns = min(i, left + 32);
        for (let j = left; j < columns; j++) store<f64>(at(a, j * ld + i), load<f64>(at(a, i * ld + j)));
      }
    }
  }
}

/** y = A x for A n×k. */
export function matvec(a: usize, n: i32, k: i32, x: usize, y: usize): void {
  const even = k & ~1;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    let s0 = f64x2.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let p = at(a, i * k);
    const r: usize = (<usize>k) << 3;
    let q = x;
    const end = x + ((<usize>even) << 3);
    while (q < end) {
      const v = v128.load(q);
      s0 = f64x2.add(s0, f64x2.mul(v128.load(p), v));
      s1 = f64x2.add(s1, f64x2.mul(v128.load(p + r), v));
      s2 = f64x2.add(s2, f64x2.mul(v128.load(p + 2 * r), v));
      s3 = f64x2.add(s3, f64x2.mul(v128.load(p + 3 * r), v));
      p += 16;
      q += 16;
    }
    if (k & 1) {
      const v = v128.load64_zero(q);
      s0 = f64x2.add(s0, f64x2.mul(v128.load64_zero(p), v));
      s1 = f64x2.add(s1, f64x2.mul(v128.load64_zero(p + r), v));
      s2 = f64x2.add(s2, f64x2.mul(v128.load64_zero(p + 2 * r), v));
      s3 = f64x2.add(s3, f64x2.mul(v128.load64_zero(p + 3 * r), v));
    }
    row(at(y, i), s0, s1, s2, s3, 1, false);
  }
  for (; i < n; i++) {
    let sum: f64 = 0;
    for (let t = 0; t < k; t++) sum += load<f64>(at(a, i * k + t)) * load<f64>(at(x, t));
    store<f64>(at(y, i), sum);
  }
}
