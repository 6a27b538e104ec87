import { defineClaim } from '../../src/claim/define.js';
import { checkedTrajectory } from '../../src/models/checked.js';
import { type TwoLayerSpace, twoLayerInstances } from '../../src/models/two-layer/instances.js';
import { drawProblem, type TwoLayerProblem } from '../../src/models/two-layer/problem.js';
import { symmetricInitialization } from './lib/assumptions.js';
import { horizon } from './lib/training-gap.js';

const FRESH_SAMPLES = 400;
const LARGEST_COEFFICIENT = 0.06;

const space: TwoLayerSpace = {
  inputDimension: [32, 48],
  samplesFactor: [2, 3],
  widthFactor: [2, 4],
  alpha: [0.1, 0.24],
  activations: ['abs'],
  spectra: ['isotropic'],
  labels: ['linear', 'teacher'],
  relativeStep: [0.1, 0.1],
};

/** The first n inputs to train on, the others held out with their labels. */
function split({ inputs, labels, ...rest }: TwoLayerProblem, n: number): { problem: TwoLayerProblem; heldOut: Float32Array } {
  const d = inputs.columns;
  const part = (from: number, to: number) => ({ rows: to - from, columns: d, data: inputs.data.slice(from * d, to * d) });
  return {
    problem: { ...rest, inputs: part(0, n), labels: labels.slice(0, n), freshInputs: part(n, inputs.rows) },
    heldOut: labels.slice(n),
  };
}

export const zeroSlope = defineClaim({
  id: 'hu2020/scope-zero-slope',
  title: 'ζ = 0: nothing linear is learned by T',
  kind: 'bound',
  statement: `with ζ = 0 (|z|) the network learns nothing linear by T: |⟨f_T, y⟩/⟨y, y⟩| ≤ ${LARGEST_COEFFICIENT} on ${FRESH_SAMPLES} fresh inputs, for centred labels`,
  formula: String.raw`\left\lvert \frac{\langle f_T, y \rangle}{\langle y, y \rangle} \right\rvert \le ${LARGEST_COEFFICIENT} \;\text{ on ${FRESH_SAMPLES} fresh inputs}, \quad \varphi(z) = \lvert z \rvert, \quad \zeta = 0, \quad \mathbb E y = 0`,
  source: { paper: 'hu2020', place: 'theorem on training the first layer, with ζ = 0' },
  assumptions: [symmetricInitialization],
  needs: ['twoLayer.train'],
  instances: twoLayerInstances(space),
  passRate: { claimed: 0.99, broken: 0.7 },
  measure: async (instance, _theory, { subject }) => {
    const whole = drawProblem({ ...instance, samples: instance.samples + FRESH_SAMPLES });
    const { problem, heldOut } = split(whole, instance.samples);
    const steps = { first: instance.relativeStep * instance.inputDimension, second: 0 };
    const { trajectory, roundoff, rounding } = await checkedTrajectory(problem, steps, [horizon(instance)], subject);
    const outputs = trajectory.freshOutputs[0]!;
    const energy = heldOut.reduce((sum, y) => sum + y * y, 0);
    const coefficient = heldOut.reduce((sum, y, i) => sum + y * outputs[i]!, 0) / energy;
    return {
      observed: Math.abs(coefficient),
      bound: LARGEST_COEFFICIENT,
      // Cauchy–Schwarz: |⟨δf, y⟩|/⟨y, y⟩ ≤ rms(δf)/rms(y).
      roundoff: roundoff.freshOutputs[0]! / Math.sqrt(energy / heldOut.length),
      quantities: { coefficient },
      rounding,
    };
  },
  controls: [
    {
      id: 'activation-with-slope',
      statement: 'erf and relu, whose ζ is not 0',
      where: twoLayerInstances({ ...space, activations: ['erf', 'relu'] }),
    },
  ],
});
