import * as tf from '@tensorflow/tfjs-core';
import { tensorActivation } from '../../backend/activation.js';
import type { TrainedLayers } from './model.js';
import { forward, preactivations, type TwoLayerTensors } from './tensors.js';

/**
 * Tangent kernel of a two-layer network, n×n, in closed form (hu2020):
 * Θ₁ = (1/m)(φ'(Z) diag v)(φ'(Z) diag v)ᵀ ∘ XXᵀ/d, Θ₂ = (1/m) φ(Z) φ(Z)ᵀ, both layers: their sum. Cost n²(m + d).
 */
export function tangentKernel(network: TwoLayerTensors, inputs: tf.Tensor2D, layers: TrainedLayers): tf.Tensor2D {
  return tf.tidy(() => {
    const phi = tensorActivation(network.activation);
    const z = preactivations(network, inputs);
    const width = network.secondLayer.shape[1];
    const parts: tf.Tensor2D[] = [];
    if (layers !== 'second') {
      const features = tf.mul(phi.slope(z), network.secondLayer) as tf.Tensor2D;
      parts.push(tf.mul(gram(features), tf.mul(gram(inputs), 1 / (width * inputs.shape[1]))));
    }
    if (layers !== 'first') parts.push(tf.mul(gram(phi.value(z)), 1 / width));
    return tf.addN(parts);
  });
}

/** A Aᵀ with the transpose materialised: transpose flags make WASM products an order of magnitude slower. */
export function gram(a: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.matMul(a, tf.transpose(a)));
}

/**
 * Θ u for a vector u (n×1) without forming Θ: the Jacobian's transpose is applied as one backward pass, the Jacobian as one
 * forward-mode pass. Cost n·m·d.
 */
export function tangentKernelProduct(
  network: TwoLayerTensors,
  inputs: tf.Tensor2D,
  layers: TrainedLayers,
  vector: tf.Tensor2D,
): tf.Tensor2D {
  return tf.tidy(() => {
    const phi = tensorActivation(network.activation);
    const z = preactivations(network, inputs);
    const width = network.secondLayer.shape[1];
    const parts: tf.Tensor2D[] = [];
    if (layers !== 'second') {
      const features = tf.mul(phi.slope(z), network.secondLayer);
      const gradient = tf.matMul(tf.transpose(inputs), tf.mul(features, vector) as tf.Tensor2D);
      const change = tf.sum(tf.mul(features, tf.matMul(inputs, gradient)), 1, true);
      parts.push(tf.mul(change, 1 / (width * inputs.shape[1])));
    }
    if (layers !== 'first') {
      const hidden = phi.value(z);
      const gradient = tf.matMul(tf.reshape(vector, [1, inputs.shape[0]]), hidden);
      parts.push(tf.mul(tf.matMul(hidden, tf.reshape(gradient, [width, 1])), 1 / width));
    }
    return tf.addN(parts);
  });
}

/**
 * Tangent kernel as the Gram matrix of the Jacobian that automatic differentiation gives, one backward pass per input. It shares
 * only the forward pass with the closed form; cost n²·m·d.
 */
export async function tangentKernelByJacobian(
  network: TwoLayerTensors,
  inputs: tf.Tensor2D,
  layers: TrainedLayers,
): Promise<tf.Tensor2D> {
  await import('@tensorflow/tfjs-layers'); // registers the gradients of tfjs-core's operations
  return tf.tidy(() => {
    const output = (input: tf.Tensor2D) => (firstLayer: tf.Tensor, secondLayer: tf.Tensor) =>
      forward({ ...network, firstLayer: firstLayer as tf.Tensor2D, secondLayer: secondLayer as tf.Tensor2D }, input);
    const rows = tf.split(inputs, inputs.shape[0]).map((input) => {
      const [first, second] = tf.grads(output(input as tf.Tensor2D))([network.firstLayer, network.secondLayer]);
      const trained = { first: [first!], second: [second!], both: [first!, second!] }[layers];
      return tf.concat1d(trained.map((gradient) => tf.reshape(gradient, [-1]) as tf.Tensor1D));
    });
    return gram(tf.stack(rows) as tf.Tensor2D);
  });
}
