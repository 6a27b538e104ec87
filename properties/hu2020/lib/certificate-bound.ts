import type { Laboratory } from '../../../src/claim/claim.js';
import type { BoundCase } from '../../../src/claim/define.js';
import { normAgainst } from '../../../src/linear-algebra/spectral-norm.js';
import { type Matrix64, symmetricDifference } from '../../../src/math/matrix.js';
import { checkedTangentKernel } from '../../../src/models/checked.js';
import type { TwoLayerInstance } from '../../../src/models/two-layer/instances.js';
import { drawProblem } from '../../../src/models/two-layer/problem.js';
import { InapplicableError, MeasurementError } from '../../../src/support/errors.js';
import type { Certificate } from '../../../src/theory/certificate.js';

/** What has no value where the kernel at infinite width cannot be computed, as for inputs of twice the usual length: such a case is not judged. */
function computable<T>(of: () => T): T {
  try {
    return of();
  } catch (cause) {
    if (cause instanceof MeasurementError) throw new InapplicableError(cause.message);
    throw cause;
  }
}

/** ‖scale·Θ − E Θ‖·d/n of one trained layer against the radius of its certificate, which K = XXᵀ/d determines. */
export async function certificateBound(
  instance: TwoLayerInstance,
  layer: 'first' | 'second',
  scale: number,
  certify: (gram: Matrix64) => Certificate,
  { subject }: Laboratory,
): Promise<BoundCase> {
  const { kernel, gram, roundoff, rounding } = await checkedTangentKernel(drawProblem(instance), layer, subject);
  const { radius, radiusAt, expectation, numericalError } = computable(() => certify(gram));
  const { norm: budget } = await roundoff();
  const norm = normAgainst(symmetricDifference(kernel, expectation, scale), radius, budget);
  const unit = instance.inputDimension / gram.rows;
  return {
    observed: norm.observed * unit,
    bound: radius * unit,
    roundoff: budget * unit,
    quantities: {
      smallestEigenvalue: norm.smallest * unit,
      largestEigenvalue: norm.largest * unit,
      numericalError: numericalError * unit,
      /** Reported, not asserted: at m = n the certificate says little. */
      boundAtWidthOfSamples: radiusAt(gram.rows) * unit,
    },
    rounding,
  };
}
