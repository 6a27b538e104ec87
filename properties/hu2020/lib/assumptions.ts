import type { Assumption } from '../../../src/claim/define.js';
import { activation } from '../../../src/math/activation.js';
import type { TwoLayerInstance } from '../../../src/models/two-layer/instances.js';
import { momentsOf } from './terms.js';

/** Fixed readings of "bounded", "small" and "large" in the paper's assumptions. */
const LARGEST_EIGENVALUE = 3.5;
const LARGEST_RELATIVE_STEP = 0.2;
const SMALLEST_DIMENSION = 32;

export const centred: Assumption<Pick<TwoLayerInstance, 'mean'>> = {
  statement: 'inputs are centred: E x = 0',
  holds: ({ mean }) => mean === 0,
};
const lightTails: Assumption<TwoLayerInstance> = {
  statement: 'entries of x̄ are independent and subgaussian',
  holds: ({ law }) => law !== 'student-t3',
};
const boundedSpectrum: Assumption<TwoLayerInstance> = {
  statement: `‖Σ‖ ≤ ${LARGEST_EIGENVALUE} with Tr Σ = d`,
  holds: (instance) => momentsOf(instance).largest <= LARGEST_EIGENVALUE,
};
const alphaRange: Assumption<TwoLayerInstance> = {
  statement: '0 < α < 1/4',
  holds: ({ alpha }) => alpha > 0 && alpha < 0.25,
};
const enoughSamples: Assumption<TwoLayerInstance> = {
  statement: 'n ≥ d^{1+α}',
  holds: ({ samples, inputDimension, alpha }) => samples >= inputDimension ** (1 + alpha),
};
const enoughUnits: Assumption<TwoLayerInstance> = {
  statement: 'm ≥ d^{1+α}',
  holds: ({ width, inputDimension, alpha }) => width >= inputDimension ** (1 + alpha),
};
export const enoughUnitsForSecondLayer: Assumption<TwoLayerInstance> = {
  statement: 'm ≥ d^{1+α} where ϑ₀ = 0, m ≥ d^{2+α} where not',
  holds: ({ width, inputDimension, alpha, activation: name }) =>
    width >= inputDimension ** ((activation(name).constants.theta0 === 0 ? 1 : 2) + alpha),
};
const largeDimension: Assumption<TwoLayerInstance> = {
  statement: `d ≥ ${SMALLEST_DIMENSION}`,
  holds: ({ inputDimension }) => inputDimension >= SMALLEST_DIMENSION,
};
const smallStep: Assumption<TwoLayerInstance> = {
  statement: `η₁ ≤ ${LARGEST_RELATIVE_STEP} d`,
  holds: ({ relativeStep }) => relativeStep <= LARGEST_RELATIVE_STEP,
};
const smallSecondStep: Assumption<TwoLayerInstance> = {
  statement: `η ≤ ${LARGEST_RELATIVE_STEP} d where ϑ₀ = 0, η ≤ 1 where not`,
  holds: ({ relativeStep, inputDimension: d, activation: name }) =>
    relativeStep <= LARGEST_RELATIVE_STEP && (activation(name).constants.theta0 === 0 || relativeStep * d <= 1),
};
/** Units come in pairs, so that k = m/2 of them are independent and f = 0 at step 0. */
export const symmetricInitialization: Assumption<TwoLayerInstance> = {
  statement: 'symmetric initialization',
  holds: ({ initialization }) => initialization === 'symmetric',
};

/** Assumptions about the data alone. */
export const dataAssumptions = [centred, lightTails, boundedSpectrum, alphaRange, enoughSamples];
/** Of the first-layer kernel at infinite width, whose error is read as an order only for d ≥ 32. */
export const infiniteWidthAssumptions = [...dataAssumptions, largeDimension];
export const kernelAssumptions = [...infiniteWidthAssumptions, enoughUnits];
export const trainingAssumptions = [...dataAssumptions, enoughUnits, smallStep, symmetricInitialization];
export const secondLayerTrainingAssumptions = [...dataAssumptions, smallSecondStep, symmetricInitialization];
