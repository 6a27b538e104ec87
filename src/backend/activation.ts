import * as tf from '@tensorflow/tfjs-core';
import { activation } from '../math/activation.js';

/** φ and φ' on tensors, of the shape of their argument. */
export interface TensorActivation {
  value(z: tf.Tensor2D): tf.Tensor2D;
  slope(z: tf.Tensor2D): tf.Tensor2D;
}

const SQRT_PI = Math.sqrt(Math.PI);

/** e^{−c z²} = σ(−c z²)/(1 − σ(−c z²)): the WASM backend computes σ several times as fast as exp. */
function bell(z: tf.Tensor2D, c: number): tf.Tensor2D {
  const value = tf.sigmoid(tf.mul(tf.square(z), -c));
  return tf.div(value, tf.sub(1, value));
}

const cumulative = (z: tf.Tensor2D) => tf.add(tf.mul(tf.erf(tf.mul(z, Math.SQRT1_2)), 0.5), 0.5) as tf.Tensor2D;

function logisticSlope(z: tf.Tensor2D): tf.Tensor2D {
  const value = tf.sigmoid(z);
  return tf.mul(value, tf.sub(1, value));
}

const smooth: Readonly<Record<string, TensorActivation>> = {
  erf: { value: (z) => tf.erf(z), slope: (z) => tf.mul(bell(z, 1), 2 / SQRT_PI) },
  // tanh z = 2σ(2z) − 1, for the same reason.
  tanh: { value: (z) => tf.sub(tf.mul(tf.sigmoid(tf.mul(z, 2)), 2), 1), slope: (z) => tf.mul(logisticSlope(tf.mul(z, 2)), 4) },
  sigmoid: { value: (z) => tf.sigmoid(z), slope: (z) => logisticSlope(z) },
  softplus: { value: (z) => tf.softplus(z), slope: (z) => tf.sigmoid(z) },
  gelu: {
    value: (z) => tf.mul(z, cumulative(z)),
    slope: (z) => tf.add(cumulative(z), tf.mul(z, tf.mul(bell(z, 0.5), 1 / Math.sqrt(2 * Math.PI)))),
  },
};

/**
 * The activation of that name on tensors; names as in `activation`, which refuses unknown ones. Piecewise linear ones use the
 * `step` kernel, whose parameter is the slope on z ≤ 0.
 */
export function tensorActivation(name: string): TensorActivation {
  const { negativeSlope } = activation(name);
  if (negativeSlope === null) return smooth[name]!;
  return {
    value: (z) => tf.mul(z, tf.step(z, negativeSlope)),
    slope: (z) => tf.step(z, negativeSlope),
  };
}
