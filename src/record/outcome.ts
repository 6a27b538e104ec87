import type { Measurement } from '../claim/claim.js';

/** What became of one case. */
export type Outcome =
  | {
      readonly status: 'measured';
      readonly measurement: Measurement;
      readonly violation: boolean;
      readonly float64: boolean;
      /** The measure asked the subject for nothing: it is about the theory alone. */
      readonly untouched?: boolean;
    }
  /** `limited`: the case asks for what the subject says it does not know. `setAside`: no arithmetic of its kind carries the case. */
  | { readonly status: 'inapplicable'; readonly reason: string; readonly limited?: boolean; readonly setAside?: boolean }
  /**
   * `disagrees`: the subject differs from the float64 reference beyond rounding, which no number of other cases outweighs. `missing`: it lacks a capability.
   */
  | { readonly status: 'unmeasured'; readonly reason: string; readonly disagrees?: boolean; readonly missing?: boolean };
