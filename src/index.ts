import { claims } from '../properties/index.js';
import { papers } from '../properties/papers.js';
import { ship } from './claim/registry.js';

ship(claims, papers);

export type { CalibrationEntry } from './claim/calibration.js';
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
} from './claim/claim.js';
export { spectralNorm } from './linear-algebra/spectral-norm.js';
export { type Activation, activation } from './math/activation.js';
export { inputGram, symmetricDifference } from './math/matrix.js';
export { capable, type Families } from './models/capability.js';
export { checkedTangentKernel, checkedTrajectory } from './models/checked.js';
export { type TwoLayerInstance, type TwoLayerSpace, twoLayerInstances } from './models/two-layer/instances.js';
export { drawProblem, type TwoLayerProblem } from './models/two-layer/problem.js';
export type { ClaimVerdict, Verdicts } from './record/verdicts.js';
export { type CalibrationOptions, calibrateClaim } from './run/calibrate.js';
export { type ClaimOptions, verifyClaim } from './run/verify-claim.js';
export { openProcessSubject, type ProcessSubject } from './subject/process.js';
export { type ServedProblem, type ServedSubject, serve } from './subject/serve.js';
export type { Subject } from './subject/subject.js';
export { InapplicableError, MeasurementError, UsageError } from './support/errors.js';
export { affineKernel, affineKernelMatrix } from './theory/affine.js';
export { claims };
