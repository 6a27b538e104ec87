import { smallerGram } from '../linear-algebra/products.js';
import { spectralNorm } from '../linear-algebra/spectral-norm.js';
import { type Matrix32, type Matrix64, matrix64, rowNorms, squaredNorm } from '../math/matrix.js';
import { mean } from '../math/statistics.js';

/** What a user's data say about the assumptions of hu2020. */
export interface DataScope {
  /** Unbiased estimate of Tr Σ²/d: d times the mean of K_ij² over i ≠ j. */
  readonly spectralMoment: number;
  readonly warnings: readonly string[];
}

/** Readings of the assumptions: see `warningsOf`. */
const LARGEST_EIGENVALUE = 3.5;
const NORM_SPREAD = 3;
const SMALLEST_ALPHA = 0.1;
const MEAN_SHARE = 0.5;

/** Compares data X (n×d) with the assumptions: scale, centring, tails of the norms, spectrum, n and m against d. Nothing larger than n×d or the smaller of n×n and d×d is formed. */
export function examineData(inputs: Matrix32, width: number): DataScope {
  const [n, d] = [inputs.rows, inputs.columns];
  const norms = rowNorms(inputs).map((norm) => norm ** 2 / d);
  const scale = mean(norms);
  // Σ_{i≠j} K_ij² = ‖K‖_F² − Σ K_ii².
  const squares = squaredNorm(smallerGram(matrix64(n, d, Float64Array.from(inputs.data))).data) / d ** 2 - squaredNorm(norms);
  const spectralMoment = n > 1 ? (d * squares) / (n * (n - 1)) : scale ** 2;
  const spread = Math.sqrt(mean(norms.map((norm) => (norm - scale) ** 2)));
  const average = columnMeans(inputs);
  const meanSquare = average.reduce((sum, value) => sum + value * value, 0);
  const largest = spectralNorm(smallerGram(centred(inputs, average)), 1e-3).norm / n;

  const warnings: string[] = [];
  const warn = (condition: boolean, text: string) => {
    if (condition) warnings.push(text);
  };
  warn(
    Math.abs(scale - 1) > 0.1,
    `inputs have mean ‖x‖²/d = ${scale.toPrecision(3)}; the theorem takes Tr Σ = d: multiply them by ${(1 / Math.sqrt(scale)).toPrecision(3)}`,
  );
  warn(
    meanSquare > Math.max(MEAN_SHARE, (3 * d) / n) * scale,
    `inputs are not centred: ‖mean‖² = ${meanSquare.toPrecision(3)} is not small against the eigenvalues of Σ: subtract the mean`,
  );
  warn(
    spread > NORM_SPREAD * Math.sqrt((2 * Math.max(1, spectralMoment)) / d) * scale,
    `norms are heavy-tailed: ‖x‖²/d spreads by ${spread.toPrecision(3)}, a Gaussian of this spectrum by ${Math.sqrt((2 * spectralMoment) / d).toPrecision(3)}: scale each input to ‖x‖² = d`,
  );
  warn(
    largest > LARGEST_EIGENVALUE * (1 + Math.sqrt(d / n)) ** 2 * scale,
    `the spectrum has a dominant spike: ‖Σ̂‖ = ${largest.toPrecision(3)} with Tr Σ̂ = ${(scale * d).toPrecision(3)}: whiten, or remove the leading components`,
  );
  warn(
    n < d ** (1 + SMALLEST_ALPHA),
    `n = ${n} is small for d = ${d}: the theorem takes n ≥ d^{1+α}, here ${Math.ceil(d ** (1 + SMALLEST_ALPHA))} and more: use more inputs, or reduce d`,
  );
  warn(width < d, `m = ${width} is below d = ${d}: the theorem takes m ≥ d^{1+α}: widen the network, or reduce d`);
  return { spectralMoment, warnings };
}

function columnMeans({ rows, columns, data }: Matrix32): Float64Array {
  const sums = new Float64Array(columns);
  for (let k = 0; k < data.length; k++) sums[k % columns] = sums[k % columns]! + data[k]! / rows;
  return sums;
}

/** X − 1·meanᵀ, n×d. */
function centred({ rows, columns, data }: Matrix32, average: Float64Array): Matrix64 {
  return matrix64(
    rows,
    columns,
    Float64Array.from(data, (entry, k) => entry - average[k % columns]!),
  );
}
