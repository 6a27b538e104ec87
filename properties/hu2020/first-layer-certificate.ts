import { defineClaim } from '../../src/claim/define.js';
import { type Matrix64, symmetric } from '../../src/math/matrix.js';
import {
  activations,
  type TwoLayerInstance,
  type TwoLayerSpace,
  twoLayerInstances,
} from '../../src/models/two-layer/instances.js';
import { CERTIFICATE_FAILURE, firstLayerCertificate } from '../../src/theory/certificate.js';
import { symmetricInitialization } from './lib/assumptions.js';
import { certificateBound } from './lib/certificate-bound.js';

/** Widths of many times the number of inputs; below m = 10 n the certificate says nothing that the norm of the kernel does not. */
const space: TwoLayerSpace = {
  inputDimension: [10, 20],
  samplesFactor: [1.5, 2.5],
  widthFactor: [20, 80],
  alpha: [0.1, 0.24],
  widthOf: (factor, _dimension, _alpha, samples) => factor * samples,
  activations,
};
/** Where the radius is below the difference that the wrong theories make. */
const wide: TwoLayerSpace = { ...space, widthFactor: [100, 120] };

interface CertificateTheory {
  /** Factor of the kernel. */
  readonly scale: number;
  /** The activation whose Φ is used. */
  readonly phiOf: (name: string) => string;
  /** What takes the place of K in Φ. */
  readonly covariance: (gram: Matrix64) => Matrix64;
}

function correlations(gram: Matrix64): Matrix64 {
  const n = gram.rows;
  const scale = Array.from({ length: n }, (_, i) => Math.sqrt(gram.data[i * n + i]!));
  return symmetric(n, (i, j) => gram.data[i * n + j]! / (scale[i]! * scale[j]!));
}

export const firstLayerCertificateClaim = defineClaim<TwoLayerInstance, CertificateTheory>({
  id: 'hu2020/first-layer-certificate',
  title: '‖Θ₁ − E Θ₁‖ ≤ t_δ at δ = 10⁻⁹, explicit constants',
  kind: 'bound',
  statement: `‖Θ₁ − E Θ₁‖ ≤ t_δ given X, by matrix Bernstein with every constant explicit, δ = ${CERTIFICATE_FAILURE}`,
  formula: String.raw`\begin{gathered} \lVert \Theta_1 - \mathbb E \Theta_1 \rVert \le t_\delta = \frac{R \ell}3 + \sqrt{\Bigl(\frac{R \ell}3\Bigr)^2 + \frac{2 \lVert V \rVert \ell}k}, \quad \ell = \ln \frac{\max(8,\, 8 \operatorname{Tr} V / \lVert V \rVert)}\delta, \quad \delta = 10^{${Math.log10(CERTIFICATE_FAILURE)}} \\ R = \sup \lvert \varphi' \rvert^2\, \frac{\lVert K \rVert}k, \quad V = \sup \lvert \varphi' \rvert^2\, \Phi \circ K^2 - (\mathbb E \Theta_1)^2, \quad K = \frac{XX^{\mathsf T}}d, \quad k = \frac m2 \end{gathered}`,
  source: { paper: 'hu2020', place: 'concentration of the first-layer kernel; Tropp 2015, Theorem 7.7.1' },
  assumptions: [symmetricInitialization],
  instances: twoLayerInstances(space),
  theory: { scale: 1, phiOf: (name) => name, covariance: (gram) => gram },
  passRate: { claimed: 1 - CERTIFICATE_FAILURE, broken: 0.7 },
  measure: (instance, theory, laboratory) => {
    const certify = (gram: Matrix64) =>
      firstLayerCertificate(theory.phiOf(instance.activation), gram, instance.width, theory.covariance(gram));
    return certificateBound(instance, 'first', theory.scale, certify, laboratory);
  },
  controls: [
    { id: 'half-kernel', statement: '1/m over half of the units', where: twoLayerInstances(wide), theory: { scale: 0.5 } },
    {
      id: 'other-activation',
      statement: 'Φ of abs for a network with relu, of erf for softplus and gelu',
      where: twoLayerInstances({ ...wide, activations: ['relu', 'softplus', 'gelu'] }),
      theory: { phiOf: (name) => (name === 'relu' ? 'abs' : 'erf') },
    },
    {
      id: 'correlation-for-covariance',
      statement: 'Φ of the correlations of the inputs in place of their covariances',
      where: twoLayerInstances({ ...wide, activations: ['erf'], laws: ['gaussian'], spectra: ['two-level'] }),
      theory: { covariance: correlations },
    },
  ],
});
