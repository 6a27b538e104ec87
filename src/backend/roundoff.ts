/** Unit roundoff of a subject's arithmetic. */
export interface Roundoff {
  /** Relative rounding of the factors of a product: 0 in float32, 2⁻¹¹ (rounding) or 2⁻¹⁰ (truncating) in TF32. */
  readonly inputs: number;
  /** Unit roundoff of sums: 2⁻²⁴ in float32, 2⁻²³ where it truncates, 2⁻⁵³ in float64. */
  readonly accumulator: number;
}

/** Largest error of φ and φ' as computed, relative to 1 + |z|. */
export interface ActivationError {
  readonly value: number;
  readonly slope: number;
}

export const FLOAT32_ROUNDOFF = 2 ** -24;
