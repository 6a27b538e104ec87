import type { MarginLoss } from '../math/margin-loss.js';
import type { StepSizes } from '../models/two-layer/model.js';
import type { TwoLayerProblem } from '../models/two-layer/problem.js';
import { withoutFactors } from '../subject/plain-neurons.js';
import type { ServedProblem, ServedSubject } from '../subject/serve.js';
import type { Subject } from '../subject/subject.js';
import { MissingCapabilityError } from '../support/errors.js';

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
        if (problem.loss !== undefined) return trainedNeurons(served, problem, problem.loss, steps, record, finite);
        const trained = served.train!(servedProblem(problem), steps, record, Float64Array.from(problem.freshInputs.data));
        return { outputs: trained.outputs.map(finite), freshOutputs: trained.freshOutputs.map(finite) };
      },
    },
  };
}

function trainedNeurons(
  served: ServedSubject,
  problem: TwoLayerProblem,
  loss: MarginLoss,
  stepSizes: StepSizes,
  record: readonly number[],
  finite: <T extends Float32Array | Float64Array>(data: T) => Float32Array | Float64Array,
) {
  if (!served.trainNeurons) throw new MissingCapabilityError('train-neurons');
  const { firstLayer, secondLayer, steps, withFactors } = withoutFactors(problem, stepSizes);
  const { activation: _, ...neurons } = servedProblem(problem);
  const plain = { ...neurons, firstLayer: firstLayer.data, secondLayer };
  const trained = served.trainNeurons(plain, loss, steps, record, Float64Array.from(problem.freshInputs.data));
  return {
    outputs: trained.outputs.map(finite),
    freshOutputs: trained.freshOutputs.map(finite),
    ...withFactors(finite(trained.firstLayer), finite(trained.secondLayer)),
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
