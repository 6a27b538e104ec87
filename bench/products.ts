import { createInterface } from 'node:readline';
import * as tf from '@tensorflow/tfjs-core';
import { openBackend } from '../src/backend/backend.js';

// A process that multiplies two matrices on the TensorFlow backend for each line it reads, and prints the milliseconds.
const size = Number(process.argv[2]);
await openBackend('tensorflow');
const [a, b] = [tf.randomNormal<tf.Rank.R2>([size, size]), tf.randomNormal<tf.Rank.R2>([size, size])];
tf.matMul(a, b).dispose();
console.log('ready');
createInterface({ input: process.stdin }).on('line', () => {
  const start = performance.now();
  const product = tf.matMul(a, b);
  // TensorFlow on the CPU computes eagerly: one entry is enough to wait for.
  const entry = tf.slice(product, [0, 0], [1, 1]);
  entry.dataSync();
  console.log(performance.now() - start);
  tf.dispose([product, entry]);
});
