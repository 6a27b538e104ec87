import type { TwoLayerProblem } from '../models/two-layer/problem.js';
import type { ServedProblem, ServedSubject } from '../subject/serve.js';
import type { Subject } from '../subject/subject.js';

const UNIT = { float32: 2 ** -24, float64: 2 ** -53 } as const;

/** A served subject without a process between: what the process subject makes of it, for tests that ask a lot. */
export function inProcess(served: ServedSubject): Subject {
  const unit = UNIT[served.dtype];
  const finite = (data: Float32Array | Float64Array) => {
    if (data.every(Number.isFinite)) return served.dtype === 'float32' ? Float32Array.from(data) : data;
    throw new Error('not finite');
  };
  return {
    name: served.name,
    backend: 'process',
    device: served.dtype,
    roundoff: { inputs: 0, accumulator: unit },
    activationError: async () => ({ value: 16 * unit, slope: 16 * unit }),
    twoLayer: {
      tangentKernel: async (problem, layers) => {
        const n = problem.inputs.rows;
        return { rows: n, columns: n, data: finite(served.tangentKernel!(servedProblem(problem), layers)) };
      },
      predict: async (problem, inputs) => finite(served.predict!(servedProblem(problem), Float64Array.from(inputs.data))),
      train: async (problem, steps, record) => {
        const trained = served.train!(servedProblem(problem), steps, record, Float64Array.from(problem.freshInputs.data));
        return { outputs: trained.outputs.map(finite), freshOutputs: trained.freshOutputs.map(finite) };
      },
    },
  };
}

function servedProblem({ activation, inputs, labels, firstLayer, secondLayer }: TwoLayerProblem): ServedProblem {
  return {
    samples: inputs.rows,
    inputDimension: inputs.columns,
    width: secondLayer.length,
    activation,
    inputs: Float64Array.from(inputs.data),
    labels: Float64Array.from(labels),
    firstLayer: Float64Array.from(firstLayer.data),
    secondLayer: Float64Array.from(secondLayer),
  };
}
