import fc from 'fast-check';
import { defineClaim } from '../claim/define.js';
import { strata } from '../claim/strata.js';

const seeds = fc.record({ seed: fc.integer() });
const common = {
  source: { paper: 'paper', place: 'Theorem 1' },
  assumptions: [{ statement: 'the seed is a number', holds: () => true }],
  instances: seeds,
  controls: [
    { id: 'wrong', statement: 'a wrong theory', where: seeds },
    { id: 'far-off', statement: 'a theory that is far off', where: seeds },
  ],
};

/** Claims of no paper, one of each kind, for tests of what becomes of outcomes; they are never measured themselves. */
export const toyClaims = {
  bound: defineClaim({
    ...common,
    id: 'paper/bound',
    kind: 'bound',
    title: 'a bound',
    statement: 'observed ≤ 1 for every seed & more',
    formula: String.raw`x \le 1`,
    measure: async () => ({ observed: 0.5, bound: 1 }),
  }),
  rate: defineClaim({
    ...common,
    id: 'paper/rate',
    kind: 'rate',
    title: 'a rate',
    statement: 'slope at most −.24',
    formula: String.raw`\operatorname{slope} \le -0.24`,
    slope: -0.24,
    ladder: [16, 32, 64, 96],
    measure: async () => ({ points: [] }),
  }),
  stratified: defineClaim({
    ...common,
    id: 'paper/stratified',
    kind: 'bound',
    title: 'a bound by strata',
    statement: 'observed ≤ 1 for every kind',
    instances: strata('kind', ['one', 'two', 'three'], () => seeds),
    measure: async () => ({ observed: 0.5, bound: 1 }),
  }),
  estimate: defineClaim({
    ...common,
    id: 'paper/estimate',
    kind: 'estimate',
    title: 'an estimate',
    statement: 'a number is 2',
    measure: async () => ({ numbers: { two: { estimate: 2, predicted: 2, tolerance: 0.05 } } }),
  }),
  identity: defineClaim({
    ...common,
    id: 'laws/toy',
    kind: 'identity',
    title: 'an identity',
    statement: 'nothing differs',
    formula: 'x = x',
    measure: async () => ({ observed: 0, bound: 1 }),
  }),
};
