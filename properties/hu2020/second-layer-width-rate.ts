import fc from 'fast-check';
import { defineClaim } from '../../src/claim/define.js';
import { seeds } from '../../src/math/arbitraries.js';
import type { TwoLayerInstance } from '../../src/models/two-layer/instances.js';
import { byActivation } from '../lib/by-activation.js';
import { climb, fluctuation } from './lib/ladder.js';
import { wrongTheories } from './lib/terms.js';

const ALPHA = 0.24;
const WIDTH_FACTORS = [4, 8, 16, 32];
const WIDTH_DIMENSION = 32;
const WIDTH_SAMPLES = 147;
type WidthInstance = Pick<TwoLayerInstance, 'activation' | 'seed'>;
const widthLadders = byActivation(['erf', 'tanh', 'relu', 'leaky-relu:0.2', 'abs'], (names) =>
  fc.record({ activation: fc.constantFrom(...names), seed: seeds }),
);

interface WidthTheory {
  readonly scale: number;
}

export const secondLayerWidthRate = defineClaim<WidthInstance, WidthTheory>({
  id: 'hu2020/second-layer-width-rate',
  title: '‖Θ₂ − E Θ₂‖ falls as 1/√m: n/d^{1+α/2} in the stated regime',
  kind: 'rate',
  needs: ['twoLayer.tangentKernel'],
  source: { paper: 'hu2020', place: 'second-layer kernel proposition, the dependence on the width' },
  statement: `‖Θ₂ − E Θ₂‖ falls as 1/√m: slope on ln m at most −0.35 at d = ${WIDTH_DIMENSION}, n = ${WIDTH_SAMPLES}, m = 4…32 d^{1.24}. With m ∝ d^{1+α} this is n/d^{1+α/2}; the paper's n/d^{1+α} would need 1/m`,
  formula: String.raw`\begin{gathered} \operatorname{slope}_{\ln m} \ln \lVert \Theta_2 - \mathbb E \Theta_2 \rVert \le -0.35 \quad\text{for}\quad d = ${WIDTH_DIMENSION},\; n = ${WIDTH_SAMPLES},\; m = 4 d^{1.24}, \dots, 32 d^{1.24} \\ \lVert \Theta_2 - \mathbb E \Theta_2 \rVert \sim \frac1{\sqrt m}: \quad \frac n{d^{1+\alpha/2}} \;\text{ for } m \propto d^{1+\alpha} \end{gathered}`,
  instances: widthLadders,
  theory: { scale: 1 },
  slope: -0.35,
  ladder: WIDTH_FACTORS,
  measure: (instance, { scale }, { subject }) =>
    climb(WIDTH_FACTORS, (factor) => {
      const units = Math.ceil((factor * WIDTH_DIMENSION ** (1 + ALPHA)) / 2);
      const sizes = { inputDimension: WIDTH_DIMENSION, samples: WIDTH_SAMPLES, units };
      return fluctuation(instance, sizes, 'second', scale, subject);
    }),
  controls: [{ ...wrongTheories.half, where: widthLadders, theory: { scale: 0.5 } }],
});
