import { defineClaim } from '../../src/claim/define.js';
import type { Matrix64 } from '../../src/math/matrix.js';
import { type TwoLayerInstance, type TwoLayerSpace, twoLayerInstances } from '../../src/models/two-layer/instances.js';
import { CERTIFICATE_FAILURE, secondLayerCertificate } from '../../src/theory/certificate.js';
import { symmetricInitialization } from './lib/assumptions.js';
import { certificateBound } from './lib/certificate-bound.js';

const space: TwoLayerSpace = {
  inputDimension: [6, 12],
  samplesFactor: [1.8, 2.2],
  widthFactor: [600, 1200],
  alpha: [0.2, 0.2],
  widthOf: (factor, dimension) => factor * dimension,
  activations: ['erf', 'tanh', 'sigmoid'],
};
/** Where the radius is below the difference that the wrong theories make. */
const wide: TwoLayerSpace = { ...space, widthFactor: [2400, 3000], inputDimension: [6, 8] };

interface CertificateTheory {
  readonly scale: number;
  /** The activation whose E φφ is used. */
  readonly phiOf: (name: string) => string;
}

export const secondLayerCertificateClaim = defineClaim<TwoLayerInstance, CertificateTheory>({
  id: 'hu2020/second-layer-certificate',
  title: '‖Θ₂ − E Θ₂‖ ≤ t_δ for bounded φ at m ≥ 600 d',
  kind: 'bound',
  statement: `‖Θ₂ − E Θ₂‖ ≤ t_δ given X for bounded φ, by matrix Bernstein with every constant explicit, δ = ${CERTIFICATE_FAILURE}, at m ≥ 600 d`,
  formula: String.raw`\begin{gathered} \lVert \Theta_2 - \mathbb E \Theta_2 \rVert \le t_\delta = \frac{R \ell}3 + \sqrt{\Bigl(\frac{R \ell}3\Bigr)^2 + 2 R\, \lVert \mathbb E \Theta_2 \rVert\, \ell}, \quad R = \frac{n \sup \varphi^2}k \\ \ell = \ln \frac{\max(8,\, 8 \operatorname{Tr} \mathbb E \Theta_2 / \lVert \mathbb E \Theta_2 \rVert)}\delta, \quad \delta = 10^{${Math.log10(CERTIFICATE_FAILURE)}}, \quad k = \frac m2, \quad m \ge 600\, d \end{gathered}`,
  source: { paper: 'hu2020', place: 'concentration of the second-layer kernel; Tropp 2015, Theorem 7.7.1' },
  assumptions: [symmetricInitialization],
  instances: twoLayerInstances(space),
  theory: { scale: 1, phiOf: (name) => name },
  passRate: { claimed: 1 - CERTIFICATE_FAILURE, broken: 0.7 },
  measure: (instance, theory, laboratory) => {
    const certify = (gram: Matrix64) => secondLayerCertificate(theory.phiOf(instance.activation), gram, instance.width);
    return certificateBound(instance, 'second', theory.scale, certify, laboratory);
  },
  controls: [
    { id: 'half-kernel', statement: '1/m over half of the units', where: twoLayerInstances(wide), theory: { scale: 0.5 } },
    {
      id: 'other-activation',
      statement: 'E φφ of erf for a network with sigmoid',
      where: twoLayerInstances({ ...wide, activations: ['sigmoid'] }),
      theory: { phiOf: () => 'erf' },
    },
  ],
});
