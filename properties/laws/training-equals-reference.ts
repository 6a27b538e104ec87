import { defineClaim, IDENTITY_PASS_RATE } from '../../src/claim.js';
import { twoLayerInstances } from '../../src/instance.js';
import { materialise } from '../../src/problem.js';
import { referenceTrajectory } from '../../src/reference/two-layer.js';
import { rootMeanSquareDifference } from '../../src/roundoff/check.js';
import { trajectoryRoundoff } from '../../src/roundoff/trajectory.js';
import { referenceSubject } from '../../src/subject/reference.js';
import { capable } from '../../src/subject/subject.js';
import { identity, layersOf, smallSpace, trajectoryRatio } from './small.js';

const RECORD = [0, 1, 3, 10];
const instances = twoLayerInstances({ ...smallSpace, inputDimension: [4, 10], widthFactor: [4, 8], initialization: 'symmetric' });

export const trainingEqualsReference = defineClaim({
  id: 'laws/training-equals-reference',
  kind: 'identity',
  statement: 'gradient descent equals the float64 reference within the rounding of the subject, on training and fresh inputs',
  source: { paper: 'hu2020', place: 'set-up: full-batch gradient descent' },
  assumptions: [],
  instances,
  theory: { stepRatio: 1 },
  passRate: IDENTITY_PASS_RATE,
  measure: async (instance, { stepRatio }, { subject }) => {
    const problem = materialise(instance, 8);
    const layers = layersOf(instance);
    const first = layers === 'second' ? 0 : instance.relativeStep * instance.inputDimension;
    const second = layers === 'first' ? 0 : instance.relativeStep;
    const found = await capable(subject, 'train')(problem, { first, second }, RECORD);
    const expected = referenceTrajectory(problem, { first: first * stepRatio, second: second * stepRatio }, RECORD);
    const residual = Math.max(
      rootMeanSquareDifference(problem.labels, new Float32Array(problem.labels.length)),
      ...expected.outputs.map((outputs) => rootMeanSquareDifference(outputs, problem.labels)),
    );
    const own = await trajectoryRoundoff(problem, subject, { first, second }, RECORD, residual);
    const theirs = await trajectoryRoundoff(problem, referenceSubject, { first, second }, RECORD, residual);
    const worst = trajectoryRatio(found, expected, own, theirs);
    return identity(worst, {}, worst);
  },
  controls: [{ id: 'doubled-step', statement: 'a reference that descends with 2η', where: instances, theory: { stepRatio: 2 } }],
});
