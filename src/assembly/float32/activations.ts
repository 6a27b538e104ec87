// φ and φ' on four float32 numbers at once. What they err by is measured when the backend opens.

// The activations by number; the names are in src/backend/float32.ts.
const ERF: i32 = 0;
const TANH: i32 = 1;
const SIGMOID: i32 = 2;
const SOFTPLUS: i32 = 3;
const GELU: i32 = 4;

function constant(value: f32): v128 {
  return f32x4.splat(value);
}

/** p x + c. */
function then(p: v128, x: v128, c: f32): v128 {
  return f32x4.add(f32x4.mul(p, x), constant(c));
}

/** e^x by the polynomial of Cephes (Moshier) on the fraction of x/ln 2; 0 below −87. */
export function exponential(x: v128): v128 {
  const bounded = f32x4.min(f32x4.max(x, constant(-87)), constant(88));
  const whole = f32x4.nearest(f32x4.mul(bounded, constant(<f32>Math.LOG2E)));
  const high = f32x4.sub(bounded, f32x4.mul(whole, constant(0.693359375)));
  const rest = f32x4.sub(high, f32x4.mul(whole, constant(-2.1219444e-4)));
  let p = constant(1.98756915e-4);
  p = then(p, rest, 1.3981999507e-3);
  p = then(p, rest, 8.3334519073e-3);
  p = then(p, rest, 4.1665795894e-2);
  p = then(p, rest, 1.6666665459e-1);
  p = then(p, rest, 5.0000001201e-1);
  const power = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, rest), rest), rest), constant(1));
  const scale = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(whole), i32x4.splat(127)), 23);
  return v128.andnot(f32x4.mul(power, scale), f32x4.lt(x, constant(-87)));
}

/** ln(1 + u) for u in [0, 1], likewise. */
function logarithmOfOnePlus(u: v128): v128 {
  const large = f32x4.gt(u, constant(0.41421356));
  const halved = f32x4.mul(f32x4.sub(u, constant(1)), constant(0.5));
  const x = v128.bitselect(halved, u, large);
  let p = constant(7.0376836292e-2);
  p = then(p, x, -1.151461031e-1);
  p = then(p, x, 1.167699874e-1);
  p = then(p, x, -1.2420140846e-1);
  p = then(p, x, 1.4249322787e-1);
  p = then(p, x, -1.6668057665e-1);
  p = then(p, x, 2.0000714765e-1);
  p = then(p, x, -2.4999993993e-1);
  p = then(p, x, 3.3333331174e-1);
  const square = f32x4.mul(x, x);
  const series = f32x4.add(f32x4.mul(f32x4.mul(p, square), x), f32x4.sub(x, f32x4.mul(square, constant(0.5))));
  return f32x4.add(series, v128.and(constant(<f32>Math.LN2), large));
}

/** erf by the rational approximation of Eigen, on [−4, 4]. */
function errorFunction(z: v128): v128 {
  const x = f32x4.min(f32x4.max(z, constant(-4)), constant(4));
  const square = f32x4.mul(x, x);
  let p = constant(-2.72614225801306e-10);
  p = then(p, square, 2.77068142495902e-8);
  p = then(p, square, -2.10102402082508e-6);
  p = then(p, square, -5.69250639462346e-5);
  p = then(p, square, -7.34990630326855e-4);
  p = then(p, square, -2.95459980854025e-3);
  p = then(p, square, -1.60960333262415e-2);
  let q = constant(-1.45660718464996e-5);
  q = then(q, square, -2.13374055278905e-4);
  q = then(q, square, -1.68282697438203e-3);
  q = then(q, square, -7.37332916720468e-3);
  q = then(q, square, -1.42647390514189e-2);
  return f32x4.div(f32x4.mul(x, p), q);
}

function squared(x: v128): v128 {
  return f32x4.mul(x, x);
}

/** e^{−c z²}. */
function bell(z: v128, c: f32): v128 {
  return exponential(f32x4.mul(squared(z), constant(-c)));
}

/** The distribution function of a standard normal variable. */
function cumulative(z: v128): v128 {
  return then(errorFunction(f32x4.mul(z, constant(<f32>Math.SQRT1_2))), constant(0.5), 0.5);
}

/** Φ(z) + z Φ'(z) for Φ(z) given. */
function geluSlope(z: v128, share: v128): v128 {
  return f32x4.add(share, f32x4.mul(z, f32x4.mul(bell(z, 0.5), constant(0.39894228))));
}

/** e^{−c|z|}. */
function decay(z: v128, c: f32): v128 {
  return exponential(f32x4.mul(f32x4.abs(z), constant(-c)));
}

export function logistic(z: v128): v128 {
  return logisticOf(z, decay(z, 1));
}

/** 1/(1 + e^{−z}) for e = e^{−|z|}. */
function logisticOf(z: v128, e: v128): v128 {
  const above = f32x4.div(constant(1), f32x4.add(constant(1), e));
  return v128.bitselect(f32x4.mul(e, above), above, f32x4.lt(z, constant(0)));
}

/** tanh z for e = e^{−2|z|}. */
function tanhOf(z: v128, e: v128): v128 {
  const size = f32x4.div(f32x4.sub(constant(1), e), f32x4.add(constant(1), e));
  return v128.bitselect(f32x4.neg(size), size, f32x4.lt(z, constant(0)));
}

/** ln(1 + e^z) for e = e^{−|z|}. */
function softplusOf(z: v128, e: v128): v128 {
  return f32x4.add(f32x4.max(z, constant(0)), logarithmOfOnePlus(e));
}

/** e/(1 + e)², times `scale`. */
function logisticSlope(e: v128, scale: f32): v128 {
  return f32x4.div(f32x4.mul(e, constant(scale)), squared(f32x4.add(constant(1), e)));
}

/** φ(z); beyond the smooth activations z on z > 0 and `negativeSlope` z elsewhere. */
export function value(activation: i32, negativeSlope: f32, z: v128): v128 {
  switch (activation) {
    case ERF:
      return errorFunction(z);
    case TANH:
      return tanhOf(z, decay(z, 2));
    case SIGMOID:
      return logistic(z);
    case SOFTPLUS:
      return softplusOf(z, decay(z, 1));
    case GELU:
      return f32x4.mul(z, cumulative(z));
    default:
      return f32x4.mul(z, slope(activation, negativeSlope, z));
  }
}

/** φ'(z); at a kink the left one. */
export function slope(activation: i32, negativeSlope: f32, z: v128): v128 {
  switch (activation) {
    case ERF:
      return f32x4.mul(bell(z, 1), constant(1.12837917));
    case TANH:
      return logisticSlope(decay(z, 2), 4);
    case SIGMOID:
      return logisticSlope(decay(z, 1), 1);
    case SOFTPLUS:
      return logisticOf(z, decay(z, 1));
    case GELU:
      return geluSlope(z, cumulative(z));
    default:
      return v128.bitselect(constant(1), constant(negativeSlope), f32x4.gt(z, constant(0)));
  }
}

/** φ(z), with φ'(z) put at `slopes`: the same numbers as of `value` and `slope`, for little more than one of them. */
export function valueAndSlope(activation: i32, negativeSlope: f32, z: v128, slopes: usize): v128 {
  switch (activation) {
    case TANH: {
      const e = decay(z, 2);
      v128.store(slopes, logisticSlope(e, 4));
      return tanhOf(z, e);
    }
    case SIGMOID: {
      const e = decay(z, 1);
      v128.store(slopes, logisticSlope(e, 1));
      return logisticOf(z, e);
    }
    case SOFTPLUS: {
      const e = decay(z, 1);
      v128.store(slopes, logisticOf(z, e));
      return softplusOf(z, e);
    }
    case GELU: {
      const share = cumulative(z);
      v128.store(slopes, geluSlope(z, share));
      return f32x4.mul(z, share);
    }
    default: {
      const derivative = slope(activation, negativeSlope, z);
      v128.store(slopes, derivative);
      return activation === ERF ? errorFunction(z) : f32x4.mul(z, derivative);
    }
  }
}
