import { defineClaim } from '../../src/claim/define.js';
import { capable } from '../../src/models/capability.js';
import { residualsOf } from '../../src/models/checked.js';
import type { StepSizes } from '../../src/models/two-layer/model.js';
import { drawProblem, type TwoLayerProblem } from '../../src/models/two-layer/problem.js';
import { referenceTrajectory } from '../../src/models/two-layer/reference.js';
import { trajectoryRoundoff } from '../../src/models/two-layer/roundoff.js';
import { referenceSubject } from '../../src/subject/reference.js';
import type { Subject } from '../../src/subject/subject.js';
import { identity, trainedInstances as instances, layersOf, trajectoryRatio } from './lib/small.js';

const RECORD = [0, 1, 3, 10];

/** Largest difference over its budget of the outputs of descent, by the subject and, perhaps with other steps, by the reference. */
async function againstReference(
  problem: TwoLayerProblem,
  steps: StepSizes,
  expectedSteps: StepSizes,
  subject: Subject,
): Promise<number> {
  const found = await capable(subject, 'twoLayer', 'train')(problem, steps, RECORD);
  const expected = referenceTrajectory(problem, expectedSteps, RECORD);
  const residuals = residualsOf(expected, problem.labels);
  const from = [residuals[0]!, ...residuals];
  const own = await trajectoryRoundoff(problem, subject, steps, RECORD, from);
  const theirs = await trajectoryRoundoff(problem, referenceSubject, steps, RECORD, from);
  return trajectoryRatio(found, expected, own, theirs);
}

export const trainingEqualsReference = defineClaim({
  id: 'laws/training-equals-reference',
  title: 'gradient descent equals the float64 reference',
  kind: 'identity',
  statement:
    'gradient descent equals the float64 reference within the rounding of the subject, the layers trained with one step size',
  formula: String.raw`\hat f_t = f_t^{\text{float64}} \quad\text{within rounding}, \quad W_{t+1} = W_t - \eta_1 \nabla_W \mathcal L, \quad v_{t+1} = v_t - \eta_2 \nabla_v \mathcal L, \quad \eta_1, \eta_2 \in \{0, \eta\}`,
  source: { paper: 'hu2020', place: 'set-up: full-batch gradient descent' },
  needs: ['twoLayer.train'],
  instances,
  theory: { stepRatio: 1 },
  measure: async (instance, { stepRatio }, { subject }) => {
    const problem = drawProblem(instance);
    const layers = layersOf(instance);
    const first = layers === 'second' ? 0 : instance.relativeStep;
    const second = layers === 'first' ? 0 : instance.relativeStep;
    const worst = await againstReference(
      problem,
      { first, second },
      { first: first * stepRatio, second: second * stepRatio },
      subject,
    );
    return identity(worst, {}, worst);
  },
  controls: [{ id: 'doubled-step', statement: 'a reference that descends with 2η', where: instances, theory: { stepRatio: 2 } }],
});

export const trainingOfBothLayers = defineClaim({
  id: 'laws/training-with-two-rates',
  title: 'gradient descent with two step sizes equals the float64 reference',
  kind: 'identity',
  statement:
    'gradient descent on both layers, each with a step size of its own, equals the float64 reference within the rounding of the subject, on training and on fresh inputs',
  formula: String.raw`\hat f_t = f_t^{\text{float64}} \quad\text{within rounding}, \quad W_{t+1} = W_t - \eta_1 \nabla_W \mathcal L, \quad v_{t+1} = v_t - \eta_2 \nabla_v \mathcal L, \quad \eta_1 \ne \eta_2`,
  source: { paper: 'hu2020', place: 'set-up: full-batch gradient descent' },
  needs: ['twoLayer.train'],
  instances,
  theory: { exchanged: false },
  measure: async (instance, { exchanged }, { subject }) => {
    const problem = drawProblem(instance, 8);
    const steps = { first: instance.relativeStep * instance.inputDimension, second: instance.relativeStep };
    const expected = exchanged ? { first: steps.second, second: steps.first } : steps;
    const worst = await againstReference(problem, steps, expected, subject);
    return identity(worst, {}, worst);
  },
  controls: [
    { id: 'exchanged-rates', statement: 'a reference with η₁ and η₂ exchanged', where: instances, theory: { exchanged: true } },
  ],
});
