import { dot, type Matrix32, rowNorms, squaredNorm, toFloat64 } from '../math/matrix.js';

/** What the theorem's statements are made of, measured on the data and the start. */
export interface AlignmentConstants {
  readonly n: number;
  readonly h: number;
  /** μ = min over i ≠ j of cos(y_i x_i, y_j x_j). */
  readonly coherence: number;
  /** Pairs i, j with a negative cosine. */
  readonly incoherentPairs: number;
  readonly smallestNorm: number;
  readonly largestNorm: number;
  /** W_max = max ‖w_j(0)‖/ε. */
  readonly largestWeight: number;
  /** ζ₂ = 1 − max(max_{V+} cos(w, x_−), max_{V−} cos(w, x_+)). */
  readonly degeneracy: number;
  /** t₁ = 16 ln n/(min{μ², ζ₂} √μ X_min); NaN where μ ≤ 0. */
  readonly alignmentTime: number;
  /** ln ε at most this: t₁ ≤ T, |f| ≤ ½ up to T, and a direction error below half of the drift that aligns. */
  readonly largestLogScale: number;
  /** ln ε at most this for the bounds on small norms: |f| ≤ ½ up to T. */
  readonly lemmaLogScale: number;
}

/** Inputs x_i with labels ±1, and the start of the neurons: their directions, ln(‖w_j‖/ε) and the signs of v_j. */
interface LabelledStart {
  readonly inputs: Matrix32;
  readonly labels: Float32Array;
  readonly directions: Matrix32;
  readonly logNorms: Float64Array;
  readonly signs: Float32Array;
}

/** Measures a problem. Only T, and the bounds on norms, depend on its ε. */
export function alignmentConstants({ inputs, labels, directions, logNorms, signs }: LabelledStart): AlignmentConstants {
  const { rows: n, columns: d } = inputs;
  const x = toFloat64(inputs.data);
  const norms = rowNorms(inputs);
  let coherence = 1;
  let incoherentPairs = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const cosine = (labels[i]! * labels[j]! * dot(x, i * d, x, j * d, d)) / (norms[i]! * norms[j]!);
      coherence = Math.min(coherence, cosine);
      if (cosine < 0) incoherentPairs++;
    }
  }
  const h = signs.length;
  let worst = -1;
  for (let j = 0; j < h; j++) {
    const opposite = classSum({ inputs, labels }, -signs[j]!);
    const u = toFloat64(directions.data.subarray(j * d, (j + 1) * d));
    worst = Math.max(worst, dot(u, 0, opposite, 0, d) / Math.sqrt(squaredNorm(opposite)));
  }
  const degeneracy = 1 - worst;
  const smallestNorm = Math.min(...norms);
  const largestNorm = Math.max(...norms);
  const largestWeight = Math.exp(Math.max(...logNorms));
  const drift = Math.min(coherence ** 2, degeneracy) * Math.sqrt(coherence) * smallestNorm;
  const alignmentTime = (16 * Math.log(n)) / drift;
  const lemmaLogScale = -Math.log(4 * Math.sqrt(h) * largestNorm * largestWeight ** 2);
  const largestLogScale = Math.min(
    -Math.log(h) / 2 - 4 * n * largestNorm * alignmentTime,
    lemmaLogScale,
    Math.log(drift / (4 * n * Math.sqrt(h) * largestNorm ** 2 * largestWeight ** 2)),
  );
  return {
    n,
    h,
    coherence,
    incoherentPairs,
    smallestNorm,
    largestNorm,
    largestWeight,
    degeneracy,
    alignmentTime,
    largestLogScale,
    lemmaLogScale,
  };
}

/** x_+ or x_−: the sum of the inputs of that label, d. */
export function classSum({ inputs, labels }: Pick<LabelledStart, 'inputs' | 'labels'>, label: number): Float64Array {
  const { rows: n, columns: d, data } = inputs;
  const sum = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    if (labels[i] !== label) continue;
    for (let k = 0; k < d; k++) sum[k] = sum[k]! + data[i * d + k]!;
  }
  return sum;
}

/** T = ln(1/(√h ε))/(4 n X_max), up to which norms stay small. */
export function smallNormsTime({ n, h, largestNorm }: AlignmentConstants, logScale: number): number {
  return -(logScale + Math.log(h) / 2) / (4 * n * largestNorm);
}
