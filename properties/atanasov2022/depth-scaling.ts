import type { Laboratory } from '../../src/claim/claim.js';
import { defineClaim } from '../../src/claim/define.js';
import { slopeOf } from '../../src/math/statistics.js';
import {
  drawLinearProblem,
  type LinearInstance,
  type LinearProblem,
  linearInstances,
} from '../../src/models/gradient-flow/instances.js';
import type { FlowState } from '../../src/models/gradient-flow/problem.js';
import { integrate } from '../../src/models/gradient-flow/reference.js';
import { checkedFlow } from '../../src/models/gradient-flow/roundoff.js';
import { InapplicableError } from '../../src/support/errors.js';
import { byDepth, lawTime, learned, learnedAt, linearPlan } from '../lib/linear-networks.js';
import { ALIGNED, alignmentCrossing } from './lib/alignment-crossing.js';

interface DepthTheory {
  readonly exponent: (depth: number) => number;
}

const ladders: Readonly<Record<number, readonly number[]>> = {
  2: [0.04, 0.02, 0.01, 0.005],
  3: [0.04, 0.02, 0.01, 0.005],
  4: [0.12, 0.08, 0.05, 0.03],
};
const laddersOf = (depths: readonly number[]) => linearInstances({ depths, shapes: ['thin'] });

/** lim lawTime(c) + L/((L − 2) c^{1 − 2/L}) as c → 0: what the scalar law takes beyond the power of σ. */
const lawOffset: Readonly<Record<number, number>> = { 3: -Math.PI / (2 * Math.sqrt(3)), 4: 0 };

/**
 * A time that scales with σ: at which the loss has halved; the same less what the scalar law takes from c → 0 to ½ but for its power of σ, a constant
 * that pulls the first slope towards 0 (to −.98 for L = 3); at which the kernel is aligned.
 */
type ScaledTime = 'halfLoss' | 'withoutOffset' | 'aligned';

/** Slopes on ln σ of the logarithms of those times. */
async function slopesOnScale<N extends ScaledTime>(
  instance: LinearInstance,
  names: readonly N[],
  bound: number,
  { subject }: Pick<Laboratory, 'subject'>,
): Promise<{ readonly slopes: Readonly<Record<N, number>>; readonly rounding: number }> {
  const { depth } = instance;
  const points = new Map(names.map((name) => [name, [] as { size: number; value: number }[]]));
  let rounding = 0;
  for (const relativeSigma of ladders[depth]!) {
    // The same draws at every rung, rescaled.
    const at = { ...instance, relativeSigma };
    const drawn = drawLinearProblem(at);
    const planned = integrate(drawn.problem, { ...linearPlan(at, 1, [0.5]), tolerance: 1e-4 });
    const halved = planned.events[0]!;
    const crossing = names.some((name) => name === 'aligned') ? alignmentBefore(halved, planned.states, drawn, at) : null;
    const flow = await checkedFlow(drawn.problem, planned, [...(crossing?.record ?? []), halved], subject);
    const timeUntil = (states: readonly FlowState[], lawTimeThen: number) => {
      const state = states.at(-1)!;
      const late = lawTime(learned(state, drawn) / at.scale, depth) - lawTimeThen;
      return Math.log(state.time - late / (depth * at.scale ** (2 - 2 / depth)));
    };
    const times: Readonly<Record<ScaledTime, (states: readonly FlowState[]) => number>> = {
      halfLoss: (states) => timeUntil(states, lawTime(learnedAt(0.5), depth)),
      withoutOffset: (states) => timeUntil(states, lawOffset[depth] ?? 0),
      aligned: (states) => Math.log(crossing!.timeOf(states)),
    };
    for (const [name, list] of points) {
      const measured = flow.carried(times[name], bound);
      rounding = Math.max(rounding, measured.rounding);
      list.push({ size: relativeSigma, value: Math.exp(measured.observed) });
    }
  }
  const slopes = Object.fromEntries([...points].map(([name, list]) => [name, slopeOf(list)])) as Record<N, number>;
  return { slopes, rounding };
}

/** @throws InapplicableError where the kernel is aligned only after that step, or never. */
function alignmentBefore(step: number, states: readonly FlowState[], drawn: LinearProblem, instance: LinearInstance) {
  const crossing = alignmentCrossing(states, drawn, instance, ALIGNED);
  if (crossing && crossing.record.at(-1)! <= step) return crossing;
  throw new InapplicableError('the kernel is not aligned before the loss has halved');
}

export const depthScaling = defineClaim<LinearInstance, DepthTheory>({
  id: 'atanasov2022/depth-scaling',
  title: 'half-loss time ~ σ^{2−L} for L = 3, 4',
  kind: 'bound',
  statement:
    'the time at which the loss has halved scales as σ^{2−L} for L = 3, 4: slope of ln t on ln σ within 0.05 of 2 − L over σ̃ = 0.04, 0.02, 0.01, 0.005 (L = 3) and 0.12, 0.08, 0.05, 0.03 (L = 4)',
  formula: String.raw`\left\lvert \operatorname{slope}_{\ln \sigma} \ln t_{1/2} - (2 - L) \right\rvert \le 0.05 \quad\text{over}\quad \tilde\sigma = \begin{cases} 0.04, 0.02, 0.01, 0.005 & L = 3 \\ 0.12, 0.08, 0.05, 0.03 & L = 4 \end{cases}`,
  source: { paper: 'atanasov2022', place: 'deep linear networks: dependence on the scale of initialization' },
  lawTestedBy: ['atanasov2022/depth-scaling-law'],
  needs: ['flow.integrate'],
  instances: laddersOf([3, 4]),
  theory: { exponent: (depth) => 2 - depth },
  numbers: [
    {
      name: '2 − L',
      scaled: (factor) => ({ exponent: (depth) => factor * (2 - depth) }),
      nearMiss: { id: 'exponent-off', factor: 1.06 },
    },
  ],
  passRate: { claimed: 0.99, broken: 0.7 },
  measure: async (instance, { exponent }, laboratory) => {
    const { slopes, rounding } = await slopesOnScale(instance, ['halfLoss'], 0.05, laboratory);
    const slope = slopes.halfLoss;
    return {
      observed: Math.abs(slope - exponent(instance.depth)),
      bound: 0.05,
      roundoff: 1e-3,
      quantities: { slope },
      rounding,
    };
  },
  controls: [
    { id: 'two-layers', statement: 'L = 2 with the exponent of L = 3', where: laddersOf([2]), theory: { exponent: () => -1 } },
    {
      id: 'next-exponent',
      statement: '1 − L in place of 2 − L',
      where: laddersOf([3, 4]),
      theory: { exponent: (depth) => 1 - depth },
    },
  ],
});

/** What the ladders' finite σ leaves. */
const TOLERANCE = 0.01;

export const depthScalingLaw = defineClaim<LinearInstance, DepthTheory, Awaited<ReturnType<typeof slopesOnScale<ScaledTime>>>>({
  id: 'atanasov2022/depth-scaling-law',
  title: 'alignment and half-loss times both scale as σ^{2−L}, to a per cent',
  kind: 'estimate',
  statement: `for L = 3, 4 the times at which the kernel is aligned (frac 0.9) and at which the loss has halved both scale as σ^{2−L}, the latter but for the constant that the scalar law adds: the slopes of their logarithms on ln σ are 2 − L within ${TOLERANCE} in the mean, for each depth`,
  formula: String.raw`\frac{\mathrm d \ln t_{1/2}}{\mathrm d \ln \sigma} = \frac{\mathrm d \ln t_{0.9}}{\mathrm d \ln \sigma} = 2 - L, \quad \frac{A(t_{0.9}) - A_0}{A_{\max} - A_0} = 0.9, \quad L = 3, 4`,
  source: { paper: 'atanasov2022', place: 'deep linear networks: dependence on the scale of initialization' },
  needs: ['flow.integrate'],
  instances: byDepth({ depths: [3, 4], shapes: ['thin'] }),
  theory: { exponent: (depth) => 2 - depth },
  observe: (instance, laboratory) => slopesOnScale(instance, ['halfLoss', 'withoutOffset', 'aligned'], TOLERANCE, laboratory),
  measure: async ({ depth }, { exponent }, _, { slopes, rounding }) => {
    const number = (estimate: number) => ({ estimate, predicted: exponent(depth), tolerance: TOLERANCE });
    return {
      numbers: { 'half loss': number(slopes.withoutOffset), alignment: number(slopes.aligned) },
      quantities: { slopeWithOffset: slopes.halfLoss },
      rounding,
    };
  },
  controls: [
    {
      id: 'slope-off-by-a-twentieth',
      statement: 'slopes of 1.05 (2 − L)',
      where: () => true,
      theory: { exponent: (depth) => 1.05 * (2 - depth) },
    },
  ],
});
