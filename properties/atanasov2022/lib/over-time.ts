import type { Series } from '../../../src/claim/claim.js';
import { evenIndices } from '../../../src/math/even-indices.js';
import { squaredNorm } from '../../../src/math/matrix.js';
import type { LinearProblem } from '../../../src/models/gradient-flow/instances.js';
import type { PlannedFlow } from '../../../src/models/gradient-flow/reference.js';
import { alignment, kernelMatrix } from '../../lib/linear-networks.js';

const SHOWN = 40;
/** Below this part of the initial loss nothing is to be seen. */
const LEAST_LOSS = 1e-4;

/** A network at some times of its flow. */
interface Course {
  readonly times: readonly number[];
  readonly losses: readonly number[];
  /** Of its kernel with the labels. */
  readonly alignments: readonly number[];
  readonly norms: readonly number[];
}

/** Loss, alignment of the kernel with the labels, and its norm. */
export function alignmentSeries({ times, losses, alignments, norms }: Course): Series {
  const largest = Math.max(...norms);
  return {
    over: 'time',
    at: times,
    scale: 'linear',
    curves: {
      'loss / initial': losses.map((loss) => loss / losses[0]!),
      'alignment of the kernel': alignments,
      'norm of the kernel / largest': norms.map((norm) => norm / largest),
    },
  };
}

/** Those of a linear network along its flow in float64. */
export function flowSeries(drawn: LinearProblem, { states, losses }: PlannedFlow): Series {
  const end = losses.findIndex((loss) => loss < LEAST_LOSS * losses[0]!);
  const last = end < 0 ? losses.length - 1 : end;
  const shown = evenIndices(last, SHOWN);
  const kernels = shown.map((k) => kernelMatrix(states[k]!));
  return alignmentSeries({
    times: shown.map((k) => states[k]!.time),
    losses: shown.map((k) => losses[k]!),
    alignments: kernels.map((kernel) => alignment(kernel, drawn)),
    norms: kernels.map(({ data }) => Math.sqrt(squaredNorm(data))),
  });
}
