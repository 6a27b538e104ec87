import { defineClaim } from '../../src/claim/define.js';
import { capable } from '../../src/models/capability.js';
import { activations, twoLayerInstances } from '../../src/models/two-layer/instances.js';
import { drawProblem } from '../../src/models/two-layer/problem.js';
import { outputRoundoff } from '../../src/models/two-layer/roundoff.js';
import { byActivation } from '../lib/by-activation.js';
import { identity, smallInstances, smallSpace } from './lib/small.js';

export const zeroAtInitialization = defineClaim({
  id: 'laws/zero-at-initialization',
  title: 'f = 0 at step 0 under symmetric initialization',
  kind: 'identity',
  statement: 'f = 0 at step 0 under symmetric initialization',
  formula: String.raw`f_0(x_i) = 0 \quad\text{for}\quad w_{r + m/2} = w_r,\; v_{r + m/2} = -v_r, \quad r = 1, \dots, \tfrac m2`,
  source: { paper: 'hu2020', place: 'set-up' },
  assumptions: [{ statement: 'symmetric initialization', holds: ({ initialization }) => initialization === 'symmetric' }],
  needs: ['twoLayer.predict'],
  instances: byActivation(activations, (names) =>
    twoLayerInstances({ ...smallSpace, initialization: 'symmetric', activations: names }),
  ),
  measure: async (instance, _theory, { subject }) => {
    const problem = drawProblem(instance);
    const outputs = await capable(subject, 'twoLayer', 'predict')(problem, problem.inputs);
    const budget = await outputRoundoff(problem, subject, problem.inputs);
    return identity(budget.reduce((worst, bound, i) => Math.max(worst, Math.abs(outputs[i]!) / bound), 0));
  },
  controls: [{ id: 'unsymmetric-initialization', statement: 'all units drawn independently', where: smallInstances }],
});
