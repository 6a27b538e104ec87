import type { Claim } from '../src/claim.js';
import { concentration } from './hu2020/concentration.js';
import { firstLayerCertificateClaim } from './hu2020/first-layer-certificate.js';
import { firstLayerKernel } from './hu2020/first-layer-kernel.js';
import { firstLayerKernelBias } from './hu2020/first-layer-kernel-bias.js';
import { firstLayerKernelInfiniteWidth } from './hu2020/first-layer-kernel-infinite-width.js';
import { firstLayerKernelRate, firstLayerKernelRateDiagonal } from './hu2020/first-layer-kernel-rate.js';
import { firstLayerTraining } from './hu2020/first-layer-training.js';

/** Every claim, in reading order. A new claim is one file in a folder of its paper and one line here. */
export const claims: readonly Claim[] = [
  concentration,
  firstLayerKernel,
  firstLayerKernelBias,
  firstLayerKernelInfiniteWidth,
  firstLayerKernelRate,
  firstLayerKernelRateDiagonal,
  firstLayerCertificateClaim,
  firstLayerTraining,
];
