import fc from 'fast-check';
import { evenly, type Range, seeds } from '../../math/arbitraries.js';

export const dataLaws = ['gaussian', 'rademacher', 'uniform'] as const;
export const spectra = ['isotropic', 'uniform', 'two-level'] as const;
export const labelKinds = ['teacher', 'biased-teacher', 'random', 'linear', 'constant'] as const;

/**
 * Law of x̄: of its independent entries; or `sphere`, Gaussian scaled so that ‖x‖² = d; or `student-t3`, Gaussian with a heavy-tailed common scale, which
 * lies outside every assumption.
 */
export type DataLaw = (typeof dataLaws)[number] | 'sphere' | 'student-t3';
/** Eigenvalues of Σ with Tr Σ = d; `inverse` (λ_k ∝ 1/k) and `spike` (λ₁ = d/4) are outside ‖Σ‖ = O(1). */
export type Spectrum = (typeof spectra)[number] | 'inverse' | 'spike';
/** `norm` is tanh(√(2d)(‖x‖/√d − 1)), `product` the sign of the product of two linear functions. */
export type LabelKind = (typeof labelKinds)[number] | 'norm' | 'product';

/** One case for a two-layer network, as plain JSON: together with its seed it determines every number of the problem. */
export interface TwoLayerInstance {
  /** d. */
  readonly inputDimension: number;
  /** n = ⌈c_n d^{1+α}⌉. */
  readonly samples: number;
  /** m, even. */
  readonly width: number;
  readonly alpha: number;
  readonly activation: string;
  readonly law: DataLaw;
  readonly spectrum: Spectrum;
  /** Inputs are (x + mean·1)/√(1 + mean²); 0 for the centred data of the theorems. */
  readonly mean: number;
  readonly labels: LabelKind;
  /** η/d, the step size relative to the input dimension; of two layers, half the sum of η₁/d and η₂/d. */
  readonly relativeStep: number;
  /** η₁/η₂, where both layers are trained. */
  readonly stepRatio: number;
  /** `symmetric` as in the paper; `independent` draws all m units freely and serves controls. */
  readonly initialization: 'symmetric' | 'independent';
  readonly seed: number;
}

/** The part of the space of instances that a claim or a control draws from. */
export interface TwoLayerSpace {
  readonly inputDimension: Range;
  readonly samplesFactor: Range;
  readonly widthFactor: Range;
  readonly alpha: Range;
  readonly activations: readonly string[];
  /** m as a function of c_m, d, α and n; c_m d^{1+α} unless given. */
  readonly widthOf?: (factor: number, inputDimension: number, alpha: number, samples: number) => number;
  readonly laws?: readonly DataLaw[];
  readonly spectra?: readonly Spectrum[];
  readonly labels?: readonly LabelKind[];
  readonly relativeStep?: Range;
  /** η itself, in place of η/d. */
  readonly step?: Range;
  /** log₂(η₁/η₂); 0 unless given. */
  readonly logStepRatio?: Range;
  readonly mean?: number;
  readonly initialization?: TwoLayerInstance['initialization'];
}

/** All activations of the paper's class, the leaky slope at 0.2. */
export const activations = ['erf', 'tanh', 'relu', 'leaky-relu:0.2', 'gelu', 'softplus', 'sigmoid', 'abs'] as const;

/** n = ⌈c_n d^{1+α}⌉. */
export function samplesFor(factor: number, inputDimension: number, alpha: number): number {
  return Math.ceil(factor * inputDimension ** (1 + alpha));
}

/** Instances of that space; they shrink to narrow, low-dimensional networks on few points. */
export function twoLayerInstances(space: TwoLayerSpace): fc.Arbitrary<TwoLayerInstance> {
  const widthOf = space.widthOf ?? ((factor, d, alpha) => factor * d ** (1 + alpha));
  return fc
    .record({
      inputDimension: fc.integer({ min: space.inputDimension[0], max: space.inputDimension[1] }),
      samplesFactor: evenly(space.samplesFactor),
      widthFactor: evenly(space.widthFactor),
      alpha: evenly(space.alpha),
      activation: fc.constantFrom(...space.activations),
      law: fc.constantFrom<DataLaw>(...(space.laws ?? dataLaws)),
      spectrum: fc.constantFrom<Spectrum>(...(space.spectra ?? spectra)),
      labels: fc.constantFrom<LabelKind>(...(space.labels ?? labelKinds)),
      step: evenly(space.step ?? space.relativeStep ?? [0.05, 0.2]),
      logStepRatio: evenly(space.logStepRatio ?? [0, 0]),
      seed: seeds,
    })
    .map(({ samplesFactor, widthFactor, step, logStepRatio, ...rest }) => {
      const samples = samplesFor(samplesFactor, rest.inputDimension, rest.alpha);
      return {
        ...rest,
        samples,
        width: 2 * Math.ceil(widthOf(widthFactor, rest.inputDimension, rest.alpha, samples) / 2),
        relativeStep: space.step ? step / rest.inputDimension : step,
        stepRatio: 2 ** logStepRatio,
        mean: space.mean ?? 0,
        initialization: space.initialization ?? 'symmetric',
      };
    });
}
