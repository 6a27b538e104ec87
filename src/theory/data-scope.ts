import { smallerGram } from '../linear-algebra/products.js';
import { spectralNorm } from '../linear-algebra/spectral-norm.js';
import { centred, columnMeans, type Matrix32, matrix64, rowNorms, squaredNorm } from '../math/matrix.js';
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
  const wide = matrix64(n, d, Float64Array.from(inputs.data));
  // Σ_{i≠j} K_ij² = ‖K‖_F² − Σ K_ii².
  const squares = squaredNorm(smallerGram(wide).data) / d ** 2 - squaredNorm(norms);
  const spectralMoment = n > 1 ? (d * squares) / (n * (n - 1)) : scale ** 2;
  const average = columnMeans(wide);
  // What follows is of the centred data with the mean eigenvalue of Σ̂ as the unit: neither a factor nor a shift of the inputs changes it.
  const shape = centred(wide);
  const eigenvalue = squaredNorm(shape.data) / (n * d);
  const gram = smallerGram(shape);
  const lengths = rowNorms(shape).map((norm) => norm ** 2 / (d * eigenvalue));
  const spread = Math.sqrt(mean(lengths.map((length) => (length - 1) ** 2)));
  const moment = n > 1 ? (squaredNorm(gram.data) / (d * eigenvalue) ** 2 - squaredNorm(lengths)) * (d / (n * (n - 1))) : 1;
  const meanSquare = average.reduce((sum, value) => sum + value * value, 0) / eigenvalue;
  const largest = spectralNorm(gram, 1e-3).norm / (n * eigenvalue);

  const warnings: string[] = [];
  const warn = (condition: boolean, text: string) => {
    if (condition) warnings.push(text);
  };
  const shifted = meanSquare > Math.max(MEAN_SHARE, (3 * d) / n);
  warn(
    shifted,
    `inputs are not centred: ‖mean‖² is ${meanSquare.toPrecision(3)} times the mean eigenvalue of Σ: subtract the mean (--center)`,
  );
  const size = shifted ? eigenvalue : scale;
  warn(
    Math.abs(size - 1) > 0.1,
    `inputs have mean ‖x‖²/d = ${size.toPrecision(3)}${shifted ? ' then' : ''}; the theorem takes Tr Σ = d: multiply them by ${(1 / Math.sqrt(size)).toPrecision(3)} (--scale)`,
  );
  const usual = Math.sqrt((2 * Math.max(1, moment)) / d);
  warn(
    spread > NORM_SPREAD * usual,
    `norms are heavy-tailed: ‖x‖² spreads by ${spread.toPrecision(3)} of its mean, a Gaussian of this spectrum by ${usual.toPrecision(3)}: scale each input to ‖x‖² = d`,
  );
  warn(
    largest > LARGEST_EIGENVALUE * (1 + Math.sqrt(d / n)) ** 2,
    `the spectrum has a dominant spike: ‖Σ̂‖ is ${largest.toPrecision(3)} times the mean eigenvalue: whiten (--whiten), or remove the leading components`,
  );
  warn(
    n < d ** (1 + SMALLEST_ALPHA),
    `n = ${n} is small for d = ${d}: the theorem takes n ≥ d^{1+α}, here ${Math.ceil(d ** (1 + SMALLEST_ALPHA))} and more: use more inputs, or reduce d`,
  );
  warn(width < d, `m = ${width} is below d = ${d}: the theorem takes m ≥ d^{1+α}: widen the network, or reduce d`);
  return { spectralMoment, warnings };
}
