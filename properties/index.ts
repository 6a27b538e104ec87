import type { Claim } from '../src/claim/claim.js';
import { depthScaling, depthScalingLaw } from './atanasov2022/depth-scaling.js';
import { kernelPath, kernelRegression, kernelStructure, multiOutput } from './atanasov2022/kernels.js';
import { digitsPaper } from './atanasov2022/mnist-paper-size.js';
import { digitsWhitened, fashionWhitened } from './atanasov2022/real-data.js';
import { reluManySamples, reluUnwhitened, reluWhitened } from './atanasov2022/relu.js';
import { alignmentPrecedesLearning } from './atanasov2022/silent-alignment.js';
import { alignmentTimeScale, scalarLaw, timeScales } from './atanasov2022/time-scales.js';
import { earlyRate, earlySpike, whiteningMatters } from './atanasov2022/whitening.js';
import { firstLayerCertificateClaim, secondLayerCertificateClaim } from './hu2020/certificate.js';
import { concentration } from './hu2020/concentration.js';
import { convolutionalKernel, convolutionalKernelRate } from './hu2020/convolutional-kernel.js';
import { convolutionalTraining } from './hu2020/convolutional-training.js';
import { deepConvolutionalResidual, deepConvolutionalTraining } from './hu2020/deep-convolutional-training.js';
import { deepKernel } from './hu2020/deep-kernel.js';
import { deepKernelFinite } from './hu2020/deep-kernel-finite.js';
import { deepTraining } from './hu2020/deep-training.js';
import { escapeBothLayers, escapeFirstLayer } from './hu2020/escape.js';
import { bothLayersKernel, firstLayerKernel, secondLayerKernel } from './hu2020/kernel.js';
import { firstLayerKernelBias } from './hu2020/kernel-bias.js';
import { firstLayerKernelInfiniteWidth, secondLayerKernelInfiniteWidth } from './hu2020/kernel-infinite-width.js';
import {
  bothLayersKernelRate,
  bothLayersKernelRatePaper,
  firstLayerKernelRate,
  firstLayerKernelRateDiagonal,
  secondLayerKernelRate,
  secondLayerKernelRatePaper,
} from './hu2020/kernel-rate.js';
import {
  bothLayersKernelRegression,
  convolutionalKernelRegression,
  deepKernelRegression,
  firstLayerKernelRegression,
  secondLayerKernelRegression,
} from './hu2020/kernel-regression.js';
import { normFeature, normFeatureNeeded } from './hu2020/norm-feature.js';
import { optimalLinearModel } from './hu2020/optimal-linear-model.js';
import { realData, realDataFashion } from './hu2020/real-data.js';
import { scopeEdges } from './hu2020/scope-edges.js';
import { scopeLargeStep } from './hu2020/scope-large-step.js';
import { zeroSlope } from './hu2020/scope-zero-slope.js';
import { secondLayerWidthRate } from './hu2020/second-layer-width-rate.js';
import { sharpDegreeTwo, sharpDiagonal, sharpNorm, sharpWidth } from './hu2020/sharp-terms.js';
import { syntheticExperiment } from './hu2020/synthetic-experiment.js';
import { bothLayersTraining, firstLayerTraining, firstLayerTrainingAdversarial, secondLayerTraining } from './hu2020/training.js';
import { bothLayersTrainingKernel, firstLayerTrainingKernel } from './hu2020/training-kernel.js';
import { firstLayerTrainingRate, firstLayerTrainingRateFresh } from './hu2020/training-rate.js';
import { batchIndependent, deterministic } from './laws/deterministic.js';
import {
  flowConserves,
  flowEqualsReference,
  flowKernelEqualsJacobian,
  flowKernelEqualsReference,
  flowSigmoid,
  flowStepsHalved,
} from './laws/flow.js';
import { inputsPermute } from './laws/inputs-permute.js';
import { kernelEqualsJacobianGram } from './laws/kernel-equals-jacobian-gram.js';
import { kernelEqualsReference } from './laws/kernel-equals-reference.js';
import { kernelProduct } from './laws/kernel-product.js';
import { kernelSymmetricPositive } from './laws/kernel-symmetric-positive.js';
import { layeredKernelEqualsReference, layeredTrainingEqualsReference } from './laws/layered.js';
import { layersAdd } from './laws/layers-add.js';
import { linearAlgebra } from './laws/linear-algebra.js';
import { linearModelClosedForm } from './laws/linear-model-closed-form.js';
import { neuronsBalance, neuronsDead, neuronsEqualReference, neuronsPermute, neuronsSwap } from './laws/neurons.js';
import { neuronsEqualTraining, neuronsHalveSteps } from './laws/neurons-trained.js';
import { oneStep, oneStepOrder } from './laws/one-step.js';
import { predictEqualsReference } from './laws/predict-equals-reference.js';
import { rotationInvariance } from './laws/rotation-invariance.js';
import { trainingEqualsReference, trainingOfBothLayers } from './laws/training-equals-reference.js';
import { flowTwoWays, kernelTwoWays, neuronsTwoWays, trainingTwoWays } from './laws/two-ways.js';
import { zeroAtInitialization } from './laws/zero-at-initialization.js';
import { alignmentPrecedesLoss, alignmentTime, flippedLabel, monotoneActivation, staysAligned } from './min2024/alignment.js';
import { alignmentLaw } from './min2024/alignment-law.js';
import { coherenceDependence } from './min2024/coherence-dependence.js';
import { firstLayerOnly } from './min2024/first-layer-only.js';
import { growsAligned, growthLaw, lossLaw } from './min2024/growth-and-loss.js';
import { lowRankSharp } from './min2024/low-rank-sharp.js';
import { mnist, mnistPaper } from './min2024/mnist.js';
import { lossRate, lowRank, smallNorms } from './min2024/norms-and-loss.js';

/** Every claim, in reading order. A new claim is one file in a folder of its paper and one line here. */
export const claims: readonly Claim[] = [
  zeroAtInitialization,
  deterministic,
  batchIndependent,
  predictEqualsReference,
  kernelSymmetricPositive,
  kernelEqualsJacobianGram,
  kernelEqualsReference,
  kernelProduct,
  layersAdd,
  inputsPermute,
  rotationInvariance,
  oneStep,
  oneStepOrder,
  trainingEqualsReference,
  trainingOfBothLayers,
  linearModelClosedForm,
  linearAlgebra,
  kernelTwoWays,
  trainingTwoWays,
  flowTwoWays,
  neuronsTwoWays,
  layeredKernelEqualsReference,
  layeredTrainingEqualsReference,
  flowEqualsReference,
  flowStepsHalved,
  flowConserves,
  flowSigmoid,
  flowKernelEqualsJacobian,
  flowKernelEqualsReference,
  neuronsEqualReference,
  neuronsPermute,
  neuronsSwap,
  neuronsDead,
  neuronsBalance,
  neuronsEqualTraining,
  neuronsHalveSteps,
  concentration,
  firstLayerKernel,
  firstLayerKernelRegression,
  firstLayerKernelBias,
  firstLayerKernelInfiniteWidth,
  firstLayerKernelRate,
  firstLayerKernelRateDiagonal,
  firstLayerCertificateClaim,
  firstLayerTraining,
  firstLayerTrainingAdversarial,
  firstLayerTrainingKernel,
  firstLayerTrainingRate,
  firstLayerTrainingRateFresh,
  sharpDiagonal,
  sharpNorm,
  sharpDegreeTwo,
  sharpWidth,
  secondLayerKernel,
  secondLayerKernelRegression,
  secondLayerKernelInfiniteWidth,
  secondLayerKernelRate,
  secondLayerKernelRatePaper,
  secondLayerWidthRate,
  secondLayerCertificateClaim,
  secondLayerTraining,
  bothLayersKernel,
  bothLayersKernelRegression,
  bothLayersKernelRate,
  bothLayersKernelRatePaper,
  bothLayersTraining,
  bothLayersTrainingKernel,
  optimalLinearModel,
  normFeature,
  normFeatureNeeded,
  escapeFirstLayer,
  escapeBothLayers,
  deepKernel,
  deepKernelRegression,
  deepKernelFinite,
  convolutionalKernel,
  convolutionalKernelRegression,
  convolutionalKernelRate,
  deepTraining,
  convolutionalTraining,
  deepConvolutionalTraining,
  deepConvolutionalResidual,
  syntheticExperiment,
  realData,
  realDataFashion,
  ...scopeEdges,
  scopeLargeStep,
  zeroSlope,
  alignmentPrecedesLearning,
  timeScales,
  alignmentTimeScale,
  scalarLaw,
  depthScaling,
  depthScalingLaw,
  kernelStructure,
  kernelPath,
  kernelRegression,
  multiOutput,
  reluWhitened,
  earlySpike,
  earlyRate,
  whiteningMatters,
  reluManySamples,
  reluUnwhitened,
  digitsWhitened,
  fashionWhitened,
  digitsPaper,
  alignmentTime,
  staysAligned,
  monotoneActivation,
  smallNorms,
  alignmentPrecedesLoss,
  coherenceDependence,
  alignmentLaw,
  growthLaw,
  growsAligned,
  lossLaw,
  lossRate,
  lowRank,
  lowRankSharp,
  firstLayerOnly,
  mnist,
  mnistPaper,
  flippedLabel,
];
