import * as tf from '@tensorflow/tfjs-core';
import { openBackend } from '../src/backend/backend.js';

/** Prints products of a 750×750 by a 750×750 matrix per second, on bare tfjs. */
await openBackend('wasm');
const a = tf.randomNormal<tf.Rank.R2>([750, 750]);
const products = 60;
const run = () => tf.tidy(() => tf.matMul(a, a)).dataSync();
run();
const start = performance.now();
for (let k = 0; k < products; k++) run();
process.stdout.write(String((1000 * products) / (performance.now() - start)));
