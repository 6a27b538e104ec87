import { claims } from '../properties/index.js';
import { papers } from '../properties/papers.js';
import { ship } from './claim/registry.js';

ship(claims, papers);

export type { ActivationError, Roundoff } from './backend/roundoff.js';
export type { CalibrationEntry } from './claim/calibration.js';
export type {
  BoundMeasurement,
  Claim,
  ClaimKind,
  EstimateMeasurement,
  Expectation,
  Instance,
  Laboratory,
  Measurement,
  RateMeasurement,
  Series,
  Stratum,
  TheoryNumber,
  Variant,
} from './claim/claim.js';
export {
  type Assumption,
  type BoundCase,
  type BoundDefinition,
  type ClaimDefinition,
  type Control,
  defineClaim,
  type EstimateCase,
  type EstimateDefinition,
  type RateCase,
  type RateDefinition,
  type ScaledNumber,
} from './claim/define.js';
export type { PassRate } from './claim/pass-rate.js';
export type { ProfileName } from './claim/profile.js';
export { type Instances, type Strata, strata } from './claim/strata.js';
export { inputGram } from './linear-algebra/products.js';
export { type SpectralEstimate, spectralNorm } from './linear-algebra/spectral-norm.js';
export { type Activation, type ActivationConstants, activation } from './math/activation.js';
export type { Range } from './math/arbitraries.js';
export type { MarginLoss } from './math/margin-loss.js';
export { type DenseMatrix, type Matrix32, type Matrix64, symmetricDifference } from './math/matrix.js';
export { type Capability, capable, type Families } from './models/capability.js';
export {
  type CheckedKernel,
  type CheckedTrajectory,
  type ComparedSubject,
  checkedTangentKernel,
  checkedTrajectory,
} from './models/checked.js';
export type { FlowModel } from './models/gradient-flow/model.js';
export type { FlowState, GradientFlowProblem } from './models/gradient-flow/problem.js';
export type { Implementation, Trajectory, Vector } from './models/implementation.js';
export type { LayeredModel } from './models/layered/model.js';
export type { LayeredProblem, Window } from './models/layered/problem.js';
export type { NeuronModel } from './models/relu-neurons/model.js';
export type { NeuronProblem, NeuronState, NeuronStep } from './models/relu-neurons/problem.js';
export {
  type DataLaw,
  type LabelKind,
  type Spectrum,
  type TwoLayerInstance,
  type TwoLayerSpace,
  twoLayerInstances,
} from './models/two-layer/instances.js';
export type { LayerCoefficients, StepSizes, TrainedLayers, TwoLayerModel, TwoLayerTrajectory } from './models/two-layer/model.js';
export { drawProblem, type TwoLayerProblem } from './models/two-layer/problem.js';
export type { KernelRoundoff, TrajectoryRoundoff } from './models/two-layer/roundoff.js';
export type { ClaimVerdict, Verdicts } from './record/verdicts.js';
export { type CalibrationOptions, calibrateClaim } from './run/calibrate.js';
export { type ClaimOptions, verifyClaim } from './run/verify-claim.js';
export type { Command, Offers } from './subject/command.js';
export { openProcessSubject, type ProcessSubject } from './subject/process-subject.js';
export { type Layers, type ServedNeurons, type ServedProblem, type ServedSubject, serve } from './subject/serve.js';
export type { Subject } from './subject/subject.js';
export { type Complaint, InapplicableError, MeasurementError, UsageError } from './support/errors.js';
export { type AffineKernel, affineKernel, affineKernelMatrix } from './theory/affine.js';
export { claims };
