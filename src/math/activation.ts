import erf from '@stdlib/math-base-special-erf';
import { UsageError } from '../support/errors.js';
import { once } from '../support/once.js';
import { gaussianExpectation } from './quadrature.js';

/** Gaussian expectations of an activation, g ~ N(0,1) (hu2020; see `activationConstants`). */
export interface ActivationConstants {
  /** ζ = E φ'(g). */
  readonly zeta: number;
  /** ϑ₁ = E[g φ'(g)]. */
  readonly theta1: number;
  /** ϑ₀ = E φ(g). */
  readonly theta0: number;
  /** ϑ₂ = E[(g³/2 − g) φ'(g)]. */
  readonly theta2: number;
  /** ζ' = E[(g² − 1) φ'(g)], the change of ζ with the norm of the input. */
  readonly zetaPrime: number;
  /** V = E φ'² − ζ². */
  readonly slopeVariance: number;
  /** E φ². */
  readonly secondMoment: number;
}

/** An activation function in float64, with the bounds that certificates and rounding budgets use. */
export interface Activation {
  readonly name: string;
  readonly value: (z: number) => number;
  readonly slope: (z: number) => number;
  /** Slope a on z < 0 of a piecewise linear activation with slope 1 on z > 0; null for a smooth one. */
  readonly negativeSlope: number | null;
  /** sup |φ|. */
  readonly valueBound: number;
  /** sup |φ'|. */
  readonly slopeBound: number;
  /** sup |φ''| of a smooth activation; 0 for a piecewise linear one, away from its kink. */
  readonly curvatureBound: number;
  /** sup |φ‴| likewise. */
  readonly thirdDerivativeBound: number;
  readonly constants: ActivationConstants;
}

/** Names that `activation` takes; `leaky-relu` may carry its slope, as in `leaky-relu:0.2`. */
export const activationNames = ['erf', 'tanh', 'sigmoid', 'softplus', 'gelu', 'relu', 'leaky-relu', 'abs'] as const;

const DEFAULT_LEAKY_SLOPE = 0.01;
const SQRT_PI = Math.sqrt(Math.PI);
const SQRT_2PI = Math.sqrt(2 * Math.PI);
const density = (z: number) => Math.exp((-z * z) / 2) / SQRT_2PI;
const cumulative = (z: number) => (1 + erf(z / Math.SQRT2)) / 2;
/** φ‴ = (x³ − 4x) density(x) of gelu is largest in size at x² = (7 − √33)/2. */
const GELU_TURN = (7 - Math.sqrt(33)) / 2;
const logistic = (z: number) => 1 / (1 + Math.exp(-z));

type SmoothDefinition = Omit<Activation, 'name' | 'negativeSlope' | 'constants'>;

const smooth: Readonly<Record<string, SmoothDefinition>> = {
  erf: {
    value: (z) => erf(z),
    slope: (z) => (2 / SQRT_PI) * Math.exp(-z * z),
    valueBound: 1,
    slopeBound: 2 / SQRT_PI,
    curvatureBound: (4 / SQRT_PI) * Math.SQRT1_2 * Math.exp(-0.5),
    thirdDerivativeBound: 4 / SQRT_PI,
  },
  tanh: {
    value: Math.tanh,
    slope: (z) => 1 - Math.tanh(z) ** 2,
    valueBound: 1,
    slopeBound: 1,
    curvatureBound: 4 / (3 * Math.sqrt(3)),
    thirdDerivativeBound: 2,
  },
  sigmoid: {
    value: logistic,
    slope: (z) => logistic(z) * logistic(-z),
    valueBound: 1,
    slopeBound: 1 / 4,
    curvatureBound: 1 / (6 * Math.sqrt(3)),
    thirdDerivativeBound: 1 / 8,
  },
  softplus: {
    value: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))),
    slope: logistic,
    valueBound: Number.POSITIVE_INFINITY,
    slopeBound: 1,
    curvatureBound: 1 / 4,
    thirdDerivativeBound: 1 / (6 * Math.sqrt(3)),
  },
  gelu: {
    value: (z) => z * cumulative(z),
    slope: (z) => cumulative(z) + z * density(z),
    valueBound: Number.POSITIVE_INFINITY,
    slopeBound: cumulative(Math.SQRT2) + Math.SQRT2 * density(Math.SQRT2),
    curvatureBound: 2 / SQRT_2PI,
    thirdDerivativeBound: (4 - GELU_TURN) * Math.sqrt(GELU_TURN) * density(Math.sqrt(GELU_TURN)),
  },
};

const known = new Map<string, Activation>();

/**
 * The activation of that name: erf, tanh, sigmoid, softplus, gelu, relu, abs, or `leaky-relu:a` with slope a for z < 0
 * (0.01 when none is given). The derivative at a kink is the left one (relu'(0) = 0).
 * @throws UsageError for an unknown name or a slope that is not a number in [−1, 1).
 */
export function activation(name: string): Activation {
  let found = known.get(name);
  if (!found) {
    found = define(name);
    known.set(name, found);
  }
  return found;
}

function define(name: string): Activation {
  const definition = smooth[name];
  if (definition) {
    const constants = once(() => smoothConstants(definition));
    return {
      name,
      negativeSlope: null,
      ...definition,
      // By quadrature, when they are asked for.
      get constants() {
        return constants();
      },
    };
  }
  if (name === 'relu') return piecewiseLinear(name, 0);
  if (name === 'abs') return piecewiseLinear(name, -1);
  const [family, slopeText] = name.split(':');
  const slope = slopeText === undefined ? DEFAULT_LEAKY_SLOPE : Number(slopeText);
  if (family === 'leaky-relu' && slopeText !== '' && slope >= -1 && slope < 1) return piecewiseLinear(name, slope);
  throw new UsageError({
    problem: `unknown activation '${name}'`,
    expected: `one of ${activationNames.join(', ')}; leaky-relu may carry a slope in [-1, 1), as in leaky-relu:0.2`,
  });
}

/** The rule is symmetric: what is left of an odd integrand is rounding, and its expectation is 0. */
const QUADRATURE_ROUNDING = 1e-14;

function smoothConstants({ value, slope }: SmoothDefinition): ActivationConstants {
  const expectation = (integrand: (g: number) => number) => {
    const mean = gaussianExpectation(integrand);
    return Math.abs(mean) < QUADRATURE_ROUNDING ? 0 : mean;
  };
  const zeta = expectation(slope);
  return {
    zeta,
    theta1: expectation((g) => g * slope(g)),
    theta0: expectation(value),
    theta2: expectation((g) => (g ** 3 / 2 - g) * slope(g)),
    zetaPrime: expectation((g) => (g * g - 1) * slope(g)),
    slopeVariance: gaussianExpectation((g) => slope(g) ** 2) - zeta ** 2,
    secondMoment: gaussianExpectation((g) => value(g) ** 2),
  };
}

/** Closed forms for z ↦ z (z ≥ 0), a z (z < 0); quadrature would be wrong in the third digit. */
function piecewiseLinear(name: string, a: number): Activation {
  const theta1 = (1 - a) / SQRT_2PI;
  return {
    name,
    value: (z) => (z > 0 ? z : a * z),
    slope: (z) => (z > 0 ? 1 : a),
    negativeSlope: a,
    valueBound: Number.POSITIVE_INFINITY,
    slopeBound: Math.max(1, Math.abs(a)),
    curvatureBound: 0,
    thirdDerivativeBound: 0,
    constants: {
      zeta: (1 + a) / 2,
      theta1,
      theta0: theta1,
      theta2: 0,
      zetaPrime: 0,
      slopeVariance: (1 - a) ** 2 / 4,
      secondMoment: (1 + a * a) / 2,
    },
  };
}
