import type { ActivationError, Roundoff } from '../backend/roundoff.js';

/** The arithmetic of an implementation, on which every budget of rounding rests. */
export interface Arithmetic {
  readonly roundoff: Roundoff;
  /** Largest errors of φ and φ' relative to 1 + |z|, as it computes them. */
  activationError(activation: string): Promise<ActivationError>;
}

/** Something that computes models: who it is, and how accurately it does. */
export interface Implementation extends Arithmetic {
  readonly name: string;
  readonly backend: string;
  readonly device: string;
}

export type Vector = Float32Array | Float64Array;

/** Outputs on the training inputs and on fresh ones at each recorded step. */
export interface Trajectory<T> {
  /** One column of n outputs per recorded step. */
  readonly outputs: readonly T[];
  readonly freshOutputs: readonly T[];
}
