import type { Series } from '../../src/claim.js';
import { squaredLength } from '../../src/matrix.js';
import type { PlannedFlow } from '../../src/reference/flow.js';
import { kernelMatrix, type LinearProblem } from './linear.js';
import { alignment } from './silent-alignment.js';

const SHOWN = 40;
/** Below this part of the initial loss nothing is to be seen. */
const LEAST_LOSS = 1e-4;

/** Loss, alignment of the kernel with the labels, and its norm, of a linear network along its flow in float64. */
export function flowSeries(drawn: LinearProblem, { states, losses }: PlannedFlow): Series {
  const end = losses.findIndex((loss) => loss < LEAST_LOSS * losses[0]!);
  const last = end < 0 ? losses.length - 1 : end;
  const shown = [...new Set(Array.from({ length: SHOWN + 1 }, (_, k) => Math.round((k * last) / SHOWN)))];
  const kernels = shown.map((k) => kernelMatrix(states[k]!));
  const norms = kernels.map(({ data }) => Math.sqrt(squaredLength(data)));
  const largest = Math.max(...norms);
  return {
    over: 'time',
    at: shown.map((k) => states[k]!.time),
    scale: 'linear',
    curves: {
      'loss / initial': shown.map((k) => losses[k]! / losses[0]!),
      'alignment of the kernel': kernels.map((kernel) => alignment(kernel, drawn)),
      'norm of the kernel / largest': norms.map((norm) => norm / largest),
    },
  };
}
