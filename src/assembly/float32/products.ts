// Float32 products. Matrices may be stored row by row or in panels: eight columns at a time, each panel row by row, which is how a right factor is read.
// Every function works on whole blocks of four rows and eight columns: callers leave room for them, and keep zeros where a sum runs over them.

/** Columns of a panel. */
export const PANEL: i32 = 8;

/** Numbers from there on. */
export function at(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}

export function upTo4(count: i32): i32 {
  return (count + 3) & ~3;
}

export function upTo8(count: i32): i32 {
  return (count + 7) & ~7;
}

/** The rows of B, q×k with rows `ldb` apart, as panels of Bᵀ: k×8 each. Columns beyond q are zero. */
export function panelsOfRows(b: usize, q: i32, k: i32, ldb: i32, out: usize): void {
  for (let j = 0; j < q; j += PANEL) {
    const panel = at(out, j * k);
    for (let l = 0; l < PANEL; l++) {
      const row = at(b, (j + l) * ldb);
      const inside = j + l < q;
      for (let t = 0; t < k; t++) store<f32>(at(panel, t * PANEL + l), inside ? load<f32>(at(row, t)) : 0);
    }
  }
}

/** B, k×q row by row, as panels of `upTo4(k)` rows; columns beyond q are zero. */
export function panelsOfColumns(b: usize, k: i32, q: i32, out: usize): void {
  for (let t = 0; t < k; t++) {
    for (let j = 0; j < upTo8(q); j++) {
      store<f32>(at(out, (j / PANEL) * upTo4(k) * PANEL + t * PANEL + (j % PANEL)), j < q ? load<f32>(at(b, t * q + j)) : 0);
    }
  }
}

/** The same back, row by row. */
export function columnsOfPanels(panels: usize, k: i32, q: i32, out: usize): void {
  for (let t = 0; t < k; t++) {
    for (let j = 0; j < q; j++) {
      store<f32>(at(out, t * q + j), load<f32>(at(panels, (j / PANEL) * upTo4(k) * PANEL + t * PANEL + (j % PANEL))));
    }
  }
}

/**
 * Four rows and eight columns of A B, times `scale`, stored or subtracted from what is there. Entry (r, t) of A is at p + r·row + t·depth, entry (t, c) of B at q + t·ldb + c, in
 * bytes.
 */
function block(
  p: usize,
  row: usize,
  depth: usize,
  q: usize,
  ldb: usize,
  k: i32,
  out: usize,
  ldc: usize,
  scale: f32,
  subtract: bool,
): void {
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  for (let t = 0; t < k; t++) {
    const y0 = v128.load(q);
    const y1 = v128.load(q + 16);
    let x = v128.load32_splat(p);
    s00 = f32x4.add(s00, f32x4.mul(x, y0));
    s01 = f32x4.add(s01, f32x4.mul(x, y1));
    x = v128.load32_splat(p + row);
    s10 = f32x4.add(s10, f32x4.mul(x, y0));
    s11 = f32x4.add(s11, f32x4.mul(x, y1));
    x = v128.load32_splat(p + 2 * row);
    s20 = f32x4.add(s20, f32x4.mul(x, y0));
    s21 = f32x4.add(s21, f32x4.mul(x, y1));
    x = v128.load32_splat(p + 3 * row);
    s30 = f32x4.add(s30, f32x4.mul(x, y0));
    s31 = f32x4.add(s31, f32x4.mul(x, y1));
    p += depth;
    q += ldb;
  }
  put(out, s00, s01, scale, subtract);
  put(out + ldc, s10, s11, scale, subtract);
  put(out + 2 * ldc, s20, s21, scale, subtract);
  put(out + 3 * ldc, s30, s31, scale, subtract);
}

function put(out: usize, left: v128, right: v128, scale: f32, subtract: bool): void {
  const scales = f32x4.splat(scale);
  left = f32x4.mul(left, scales);
  right = f32x4.mul(right, scales);
  if (subtract) {
    left = f32x4.sub(v128.load(out), left);
    right = f32x4.sub(v128.load(out + 16), right);
  }
  v128.store(out, left);
  v128.store(out + 16, right);
}

/**
 * C = scale · A B, or C − scale · A B, p×q over k terms. Entry (i, t) of A is i·rowA + t·depthA numbers from its start; rows of B are `rowB` apart and its blocks of
 * eight columns `panelB`; so for C.
 */
export function multiply(
  a: usize,
  rowA: i32,
  depthA: i32,
  b: usize,
  rowB: i32,
  panelB: i32,
  c: usize,
  rowC: i32,
  panelC: i32,
  p: i32,
  q: i32,
  k: i32,
  scale: f32,
  subtract: bool,
): void {
  for (let j = 0; j < q; j += PANEL) {
    const panel = j / PANEL;
    for (let i = 0; i < p; i += 4) {
      block(
        at(a, i * rowA),
        (<usize>rowA) << 2,
        (<usize>depthA) << 2,
        at(b, panel * panelB),
        (<usize>rowB) << 2,
        k,
        at(c, panel * panelC + i * rowC),
        (<usize>rowC) << 2,
        scale,
        subtract,
      );
    }
  }
}

/** The lower blocks of scale · A Aᵀ, n×n with rows `ldc` apart, for Aᵀ in panels of k rows that are `panel` numbers apart. */
export function gramOfPanels(a: usize, n: i32, k: i32, panel: i32, c: usize, ldc: i32, scale: f32): void {
  for (let j = 0; j < n; j += PANEL) {
    for (let i = j; i < n; i += 4) {
      block(
        at(a, (i / PANEL) * panel + (i % PANEL)),
        4,
        PANEL << 2,
        at(a, (j / PANEL) * panel),
        PANEL << 2,
        k,
        at(c, i * ldc + j),
        (<usize>ldc) << 2,
        scale,
        false,
      );
    }
  }
}

/** Σ_t a_t b_t over k terms, k a multiple of four. */
export function dot(a: usize, b: usize, k: i32): f32 {
  let sum = f32x4.splat(0);
  for (let t = 0; t < k; t += 4) sum = f32x4.add(sum, f32x4.mul(v128.load(at(a, t)), v128.load(at(b, t))));
  return f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
}
