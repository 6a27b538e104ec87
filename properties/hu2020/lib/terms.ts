import type { ScaledNumber } from '../../../src/claim/define.js';
import type { ProfileName } from '../../../src/claim/profile.js';
import { type ActivationConstants, activation } from '../../../src/math/activation.js';
import { activations, type TwoLayerInstance } from '../../../src/models/two-layer/instances.js';
import type { LayerCoefficients } from '../../../src/models/two-layer/model.js';
import { population } from '../../../src/models/two-layer/problem.js';
import type { AffineKernel } from '../../../src/theory/affine.js';

/** Moments of Σ and of the entries that the bounds use. */
export interface Moments {
  /** S = ‖Σ‖. */
  readonly largest: number;
  /** s₂ = Tr Σ²/d. */
  readonly second: number;
  /** s₄ = Tr Σ⁴/d. */
  readonly fourth: number;
  /** κ = E x̄⁴ − 1. */
  readonly kurtosis: number;
}

/** The moments of the population of an instance. */
export function momentsOf(instance: TwoLayerInstance): Moments {
  const { variances, kurtosis } = population(instance);
  const mean = (power: number) => variances.reduce((sum, variance) => sum + variance ** power, 0) / variances.length;
  return { largest: Math.max(...variances), second: mean(2), fourth: mean(4), kurtosis };
}

/** Terms of ‖Θ − Θ^lin‖·d/n, by what they come from. */
export type ErrorTerms = Readonly<Record<string, number>>;

/** ‖XXᵀ‖/n of the population, κ_K = S(1 + √(d/n))². */
function gramNorm({ largest }: Moments, { inputDimension: d, samples: n }: TwoLayerInstance): number {
  return largest * (1 + Math.sqrt(d / n)) ** 2;
}

/**
 * T1 = V d/n, T2 = ϑ₁²(2√2 s₂/√n + 2S²/d), T3 = ζ|ζ'| S √(κ s₂/d), T4 = ϑ₁² √(κ s₄/d), T5 = √((ζ² + ϑ₁²)V) κ_K √(ln n/k), T6 = 1.5 ζ'² S s₂/d,
 * with k = m/2 independent units; T5 is the one of finite width. Sharper than the paper; calibrated.
 */
export function firstLayerTerms(instance: TwoLayerInstance, width: 'finite' | 'infinite' = 'finite'): ErrorTerms {
  const { zeta, theta1, zetaPrime, slopeVariance } = activation(instance.activation).constants;
  const moments = momentsOf(instance);
  const { largest, second, fourth, kurtosis } = moments;
  const { inputDimension: d, samples: n, width: m } = instance;
  const fluctuation =
    Math.sqrt((zeta ** 2 + theta1 ** 2) * slopeVariance) * gramNorm(moments, instance) * Math.sqrt(Math.log(n) / (m / 2));
  return {
    diagonal: (slopeVariance * d) / n,
    degreeTwo: theta1 ** 2 * ((2 * Math.SQRT2 * second) / Math.sqrt(n) + (2 * largest ** 2) / d),
    slopeAgainstNorm: zeta * Math.abs(zetaPrime) * largest * Math.sqrt((kurtosis * second) / d),
    normFluctuation: theta1 ** 2 * Math.sqrt((kurtosis * fourth) / d),
    degreeThree: (1.5 * zetaPrime ** 2 * largest * second) / d,
    width: width === 'finite' ? fluctuation : 0,
  };
}

/**
 * (Var φ − ζ²) d/n, ½ϑ₁²(2√2 s₂/√n + 2S²/d), ½ϑ₁² √(κ s₄/d), ζ|ζ'| S √(κ s₂/d), ½ζ'² S s₂ (1 + √(d/n))²/d, and of finite width |ϑ₀| d √(Var φ/k) (the feature ϑ₀ against all
 * others) and 2√(ζ²κ_K Var φ d/k) + Var φ d/k (the sample covariance of k units). Sharper than the paper; calibrated.
 */
export function secondLayerTerms(instance: TwoLayerInstance, width: 'finite' | 'infinite' = 'finite'): ErrorTerms {
  const { zeta, theta1, zetaPrime, theta0, secondMoment } = activation(instance.activation).constants;
  const moments = momentsOf(instance);
  const { largest, second, fourth, kurtosis } = moments;
  const { inputDimension: d, samples: n, width: m } = instance;
  const variance = secondMoment - theta0 ** 2;
  const perUnit = (variance * d) / (m / 2);
  const finite = width === 'finite' ? 1 : 0;
  return {
    diagonal: ((variance - zeta ** 2) * d) / n,
    degreeTwo: (theta1 ** 2 / 2) * ((2 * Math.SQRT2 * second) / Math.sqrt(n) + (2 * largest ** 2) / d),
    slopeAgainstNorm: zeta * Math.abs(zetaPrime) * largest * Math.sqrt((kurtosis * second) / d),
    normFluctuation: (theta1 ** 2 / 2) * Math.sqrt((kurtosis * fourth) / d),
    degreeThree: ((zetaPrime ** 2 / 2) * largest * second * (1 + Math.sqrt(d / n)) ** 2) / d,
    meanAgainstWidth: finite * Math.abs(theta0) * Math.sqrt(d * perUnit),
    width: finite * (2 * Math.sqrt(zeta ** 2 * gramNorm(moments, instance) * perUnit) + perUnit),
  };
}

/** w₁ × the terms of the first layer and w₂ × those of the second. */
export function bothLayersTerms(
  instance: TwoLayerInstance,
  { first, second }: LayerCoefficients,
  width: 'finite' | 'infinite' = 'finite',
): ErrorTerms {
  const scaled = (terms: ErrorTerms, layer: string, weight: number) =>
    Object.entries(terms).map(([name, term]) => [`${layer}.${name}`, weight * term] as const);
  return Object.fromEntries([
    ...scaled(firstLayerTerms(instance, width), 'first', first),
    ...scaled(secondLayerTerms(instance, width), 'second', second),
  ]);
}

export function sumOfTerms(terms: ErrorTerms): number {
  return Object.values(terms).reduce((sum, term) => sum + term, 0);
}

/** Activations with E[g φ'(g)] = 0 and those without: they are calibrated apart. */
export const oddActivations = ['erf', 'tanh', 'sigmoid'] as const;
export const biasedActivations = ['relu', 'leaky-relu:0.2', 'gelu', 'softplus', 'abs'] as const;

/** Activations with ζ ≠ 0: all but abs. */
export const slopedActivations = activations.filter((name) => name !== 'abs');

export function constantFor(name: string): 'odd' | 'biased' {
  return (oddActivations as readonly string[]).includes(name) ? 'odd' : 'biased';
}

/** Those with ϑ₀ = E φ(g) = 0, whose second layer needs only m ≳ d^{1+α}, and those whose mean feature asks for m ≳ d^{2+α}. */
export const meanlessActivations = ['erf', 'tanh'] as const;
export const meanActivations = ['relu', 'leaky-relu:0.2', 'gelu', 'softplus', 'sigmoid', 'abs'] as const;

/** How the claims about the second layer are calibrated: ϑ₀ = 0, or not, or a slope so flat that the terms left out of the sum weigh more. */
export function secondLayerConstant(name: string): 'meanless' | 'mean' | 'flat' {
  if ((meanlessActivations as readonly string[]).includes(name)) return 'meanless';
  return name === 'softplus' || name === 'sigmoid' ? 'flat' : 'mean';
}

/** The parts of a kernel claim that controls replace. */
export interface KernelTheory {
  /** What becomes of the affine kernel. */
  readonly affine: (kernel: AffineKernel, constants: ActivationConstants, moments: Moments) => AffineKernel;
  /** Factor of the tangent kernel. */
  readonly scale: number;
}

export const kernelTheory: KernelTheory = { affine: (kernel) => kernel, scale: 1 };

/** The coefficients of an affine kernel, each multiplied by a factor. */
const scaledParts = {
  slope: (factor: number, kernel: AffineKernel) => ({ ...kernel, slope: factor * kernel.slope }),
  bias: (factor: number, kernel: AffineKernel) => ({ ...kernel, bias: factor * kernel.bias }),
  norm: (factor: number, { norm, ...kernel }: AffineKernel) => {
    const root = Math.sqrt(factor);
    return { ...kernel, norm: norm && ([root * norm[0], root * norm[1], root * norm[2]] as const) };
  },
} as const;

/** Coefficients of the affine kernel that a claim names, and the factors of its near misses where it has one. */
export function affineNumbers(
  named: Partial<Record<keyof typeof scaledParts, readonly [name: string, nearMiss?: number, profile?: ProfileName]>>,
): ScaledNumber<{ readonly affine: (kernel: AffineKernel) => AffineKernel }>[] {
  return Object.entries(named).map(([part, [name, nearMiss, profile = 'standard']]) => ({
    name,
    scaled: (factor) => ({ affine: (kernel) => scaledParts[part as keyof typeof scaledParts](factor, kernel) }),
    ...(nearMiss !== undefined && { nearMiss: { id: `${part}-off`, factor: nearMiss, profile } }),
  }));
}

/** The step of the linear model against the network's. */
export function stepNumber(nearMiss?: number): ScaledNumber<{ readonly stepRatio: number }> {
  const scaled = (factor: number) => ({ stepRatio: factor });
  return { name: 'η', scaled, ...(nearMiss !== undefined && { nearMiss: { id: 'step-off', factor: nearMiss } }) };
}

interface WrongTheory {
  readonly id: string;
  readonly statement: string;
  readonly theory: Partial<KernelTheory>;
}

/** Wrong theories shared by the claims about kernels. */
export const wrongTheories = {
  noBias: {
    id: 'no-bias-term',
    statement: 'the affine kernel without its multiple of ν² 11ᵀ',
    theory: { affine: (kernel) => ({ ...kernel, bias: 0 }) },
  },
  zeta: {
    id: 'zeta-for-zeta-squared',
    statement: 'ζ XXᵀ/d in place of ζ² XXᵀ/d',
    theory: { affine: (kernel, { zeta }) => ({ ...kernel, slope: kernel.slope / zeta }) },
  },
  half: { id: 'half-kernel', statement: '1/m over half of the units', theory: { scale: 0.5 } },
  noNormFeature: {
    id: 'no-norm-feature',
    statement: 'ϑ₀ alone in place of the feature ϑ₀ + ϑ₁(‖x‖/√d − 1) + ϑ₂(‖x‖/√d − 1)²',
    theory: { affine: (kernel) => ({ ...kernel, norm: kernel.norm && [kernel.norm[0], 0, 0] }) },
  },
  traceForTraceOfSquare: {
    id: 'trace-for-trace-of-square',
    statement: 'ν² with Tr Σ in place of Tr Σ²',
    theory: { affine: (kernel, _, { second }) => ({ ...kernel, bias: kernel.bias / second }) },
  },
} as const satisfies Readonly<Record<string, WrongTheory>>;
