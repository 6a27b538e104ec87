import * as tf from '@tensorflow/tfjs-core';
import { activation } from '../activation.js';

/** φ and φ' on tensors, of the shape of their argument. */
export interface TensorActivation {
  value(z: tf.Tensor2D): tf.Tensor2D;
  slope(z: tf.Tensor2D): tf.Tensor2D;
}

const SQRT_PI = Math.sqrt(Math.PI);
const exponential = (z: tf.Tensor2D, factor: number) => tf.exp(tf.mul(tf.square(z), factor)) as tf.Tensor2D;
const cumulative = (z: tf.Tensor2D) => tf.add(tf.mul(tf.erf(tf.mul(z, Math.SQRT1_2)), 0.5), 0.5) as tf.Tensor2D;

const smooth: Readonly<Record<string, TensorActivation>> = {
  erf: { value: (z) => tf.erf(z), slope: (z) => tf.mul(exponential(z, -1), 2 / SQRT_PI) },
  tanh: { value: (z) => tf.tanh(z), slope: (z) => tf.sub(1, tf.square(tf.tanh(z))) },
  sigmoid: {
    value: (z) => tf.sigmoid(z),
    slope: (z) => {
      const value = tf.sigmoid(z);
      return tf.mul(value, tf.sub(1, value));
    },
  },
  softplus: { value: (z) => tf.softplus(z), slope: (z) => tf.sigmoid(z) },
  gelu: {
    value: (z) => tf.mul(z, cumulative(z)),
    slope: (z) => tf.add(cumulative(z), tf.mul(z, tf.mul(exponential(z, -0.5), 1 / Math.sqrt(2 * Math.PI)))),
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
