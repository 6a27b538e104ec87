export { claims } from '../properties/index.js';
export { type Activation, activation } from './activation.js';
export { type CalibrationOptions, calibrateClaim } from './calibrate.js';
export type { CalibrationEntry } from './calibration.js';
export {
  type Assumption,
  type BoundDefinition,
  type BoundMeasurement,
  type Claim,
  type Control,
  defineClaim,
  type Instance,
  type Laboratory,
  type RateDefinition,
  type RateMeasurement,
} from './claim.js';
export { InapplicableError, MeasurementError, UsageError } from './errors.js';
export { type TwoLayerInstance, type TwoLayerSpace, twoLayerInstances } from './instance.js';
export { affineKernel, affineKernelMatrix } from './kernel/affine.js';
export { spectralNorm } from './kernel/spectral-norm.js';
export { inputKernel, symmetricDifference } from './matrix.js';
export { materialise, type Problem } from './problem.js';
export type { ClaimVerdict, Verdicts } from './report/schema.js';
export { checkedTangentKernel, checkedTrajectory } from './roundoff/check.js';
export { openProcessSubject, type ProcessSubject } from './subject/process.js';
export { type ServedProblem, type ServedSubject, serve } from './subject/serve.js';
export type { Subject } from './subject/subject.js';
export { type ClaimOptions, verifyClaim } from './verify-claim.js';
