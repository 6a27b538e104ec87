import { type ActivationConstants, activation } from '../../src/activation.js';
import type { TwoLayerInstance } from '../../src/instance.js';
import { population } from '../../src/problem.js';

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

/** The terms of ‖Θ₁ − Θ₁^lin‖·d/n. Without `width`, the sum of the others bounds the kernel at infinite width. */
export interface ErrorTerms {
  readonly diagonal: number;
  readonly degreeTwo: number;
  readonly slopeAgainstNorm: number;
  readonly normFluctuation: number;
  readonly width: number;
  readonly degreeThree: number;
}

/**
 * T1 = V d/n, T2 = c₂²(2√2 s₂/√n + 2S²/d), T3 = ζ|ζ'| S √(κ s₂/d), T4 = c₂² √(κ s₄/d), T5 = √((ζ² + c₂²)V) κ_K √(ln n/k), T6 = 1.5 ζ'² S s₂/d,
 * with k = m/2 independent units and κ_K = S(1 + √(d/n))², the population value of ‖XXᵀ‖/n. Sharper than the paper; calibrated.
 */
export function errorTerms(instance: TwoLayerInstance): ErrorTerms {
  const { zeta, c2, zetaPrime, slopeVariance } = activation(instance.activation).constants;
  const { largest, second, fourth, kurtosis } = momentsOf(instance);
  const { inputDimension: d, samples: n, width: m } = instance;
  const gramNorm = largest * (1 + Math.sqrt(d / n)) ** 2;
  return {
    diagonal: (slopeVariance * d) / n,
    degreeTwo: c2 ** 2 * ((2 * Math.SQRT2 * second) / Math.sqrt(n) + (2 * largest ** 2) / d),
    slopeAgainstNorm: zeta * Math.abs(zetaPrime) * largest * Math.sqrt((kurtosis * second) / d),
    normFluctuation: c2 ** 2 * Math.sqrt((kurtosis * fourth) / d),
    width: Math.sqrt((zeta ** 2 + c2 ** 2) * slopeVariance) * gramNorm * Math.sqrt(Math.log(n) / (m / 2)),
    degreeThree: (1.5 * zetaPrime ** 2 * largest * second) / d,
  };
}

/** Sum of the terms; `at` infinite width leaves the width term out. */
export function sumOfTerms(terms: ErrorTerms, at: 'finite' | 'infinite' = 'finite'): number {
  const all = Object.values(terms).reduce((sum, term) => sum + term, 0);
  return at === 'finite' ? all : all - terms.width;
}

/** Activations with E[g φ'(g)] = 0 and those without: they are calibrated apart. */
export const oddActivations = ['erf', 'tanh', 'sigmoid'] as const;
export const biasedActivations = ['relu', 'leaky-relu:0.2', 'gelu', 'softplus', 'abs'] as const;

export function constantFor(name: string): 'odd' | 'biased' {
  return (oddActivations as readonly string[]).includes(name) ? 'odd' : 'biased';
}

/** The parts of the first-layer affine kernel that controls replace. */
export interface FirstLayerTheory {
  /** Coefficient of XXᵀ/d: ζ². */
  readonly slope: (constants: ActivationConstants) => number;
  /** Coefficient of 11ᵀ, times d: ν² = c₂² Tr Σ²/d. */
  readonly bias: (constants: ActivationConstants, moments: Moments) => number;
  /** Factor of the kernel itself. */
  readonly scale: number;
}

export const firstLayerTheory: FirstLayerTheory = {
  slope: ({ zeta }) => zeta ** 2,
  bias: ({ c2 }, { second }) => c2 ** 2 * second,
  scale: 1,
};

/** Wrong theories of the first-layer kernel, shared by the claims about it. */
export const wrongTheories = {
  noBias: { id: 'no-bias-term', statement: 'the affine kernel without ν² 11ᵀ', theory: { bias: () => 0 } },
  zeta: {
    id: 'zeta-for-zeta-squared',
    statement: 'ζ XXᵀ/d in place of ζ² XXᵀ/d',
    theory: { slope: ({ zeta }: ActivationConstants) => zeta },
  },
  half: { id: 'half-kernel', statement: '1/m over half of the units', theory: { scale: 0.5 } },
} as const;
