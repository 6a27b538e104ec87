import { type Control, defineClaim } from '../../src/claim/define.js';
import { type Matrix64, symmetric } from '../../src/math/matrix.js';
import {
  activations,
  type TwoLayerInstance,
  type TwoLayerSpace,
  twoLayerInstances,
} from '../../src/models/two-layer/instances.js';
import {
  CERTIFICATE_FAILURE,
  type Certificate,
  firstLayerCertificate,
  secondLayerCertificate,
} from '../../src/theory/certificate.js';
import { byActivation } from '../lib/by-activation.js';
import { symmetricInitialization } from './lib/assumptions.js';
import { certificateBound } from './lib/certificate-bound.js';

interface CertificateTheory {
  /** Factor of the kernel. */
  readonly scale: number;
  /** The activation whose Φ, or E φφ, is used. */
  readonly phiOf: (name: string) => string;
  /** What takes the place of K in Φ. */
  readonly covariance: (gram: Matrix64) => Matrix64;
}

interface Certified {
  readonly layer: 'first' | 'second';
  readonly title: string;
  readonly statement: string;
  readonly formula: string;
  readonly space: TwoLayerSpace;
  readonly certify: (activation: string, gram: Matrix64, width: number, covariance: Matrix64) => Certificate;
  readonly controls: readonly Control<TwoLayerInstance, CertificateTheory>[];
}

function certificateClaim({ layer, title, statement, formula, space, certify, controls }: Certified) {
  return defineClaim<TwoLayerInstance, CertificateTheory>({
    id: `hu2020/${layer}-layer-certificate`,
    title,
    kind: 'bound',
    statement,
    formula,
    source: { paper: 'hu2020', place: `concentration of the ${layer}-layer kernel; Tropp 2015, Theorem 7.7.1` },
    assumptions: [symmetricInitialization],
    needs: ['twoLayer.tangentKernel'],
    instances: byActivation(space.activations, (names) => twoLayerInstances({ ...space, activations: names })),
    numbers: [{ name: 'Θ', scaled: (scale) => ({ scale }), nearMiss: { id: 'kernel-off', factor: 1.5, profile: 'quick' } }],
    theory: { scale: 1, phiOf: (name) => name, covariance: (gram) => gram },
    passRate: { claimed: 1 - CERTIFICATE_FAILURE, broken: 0.7 },
    measure: (instance, { scale, phiOf, covariance }, laboratory) => {
      const of = (gram: Matrix64) => certify(phiOf(instance.activation), gram, instance.width, covariance(gram));
      return certificateBound(instance, layer, scale, of, laboratory);
    },
    controls: [...controls],
  });
}

/** Widths of many times the number of inputs; below m = 10 n the certificate says nothing that the norm of the kernel does not. */
const first: TwoLayerSpace = {
  inputDimension: [10, 20],
  samplesFactor: [1.5, 2.5],
  widthFactor: [20, 80],
  alpha: [0.1, 0.24],
  widthOf: (factor, _dimension, _alpha, samples) => factor * samples,
  activations,
};
const firstWide: TwoLayerSpace = { ...first, widthFactor: [100, 120] };

function correlations(gram: Matrix64): Matrix64 {
  const n = gram.rows;
  const scale = Array.from({ length: n }, (_, i) => Math.sqrt(gram.data[i * n + i]!));
  return symmetric(n, (i, j) => gram.data[i * n + j]! / (scale[i]! * scale[j]!));
}

export const firstLayerCertificateClaim = certificateClaim({
  layer: 'first',
  title: '‖Θ₁ − E Θ₁‖ ≤ t_δ at δ = 10⁻⁹, explicit constants',
  statement: `‖Θ₁ − E Θ₁‖ ≤ t_δ given X, by matrix Bernstein with every constant explicit, δ = ${CERTIFICATE_FAILURE}`,
  formula: String.raw`\begin{gathered} \lVert \Theta_1 - \mathbb E \Theta_1 \rVert \le t_\delta = \frac{R \ell}3 + \sqrt{\Bigl(\frac{R \ell}3\Bigr)^2 + \frac{2 \lVert V \rVert \ell}k}, \quad \ell = \ln \frac{\max(8,\, 8 \operatorname{Tr} V / \lVert V \rVert)}\delta, \quad \delta = 10^{${Math.log10(CERTIFICATE_FAILURE)}} \\ R = \sup \lvert \varphi' \rvert^2\, \frac{\lVert K \rVert}k, \quad V = \sup \lvert \varphi' \rvert^2\, \Phi \circ K^2 - (\mathbb E \Theta_1)^2, \quad K = \frac{XX^{\mathsf T}}d, \quad k = \frac m2 \end{gathered}`,
  space: first,
  certify: firstLayerCertificate,
  controls: [
    {
      id: 'other-activation',
      statement: 'Φ of abs for a network with relu, of erf for softplus and gelu',
      where: twoLayerInstances({ ...firstWide, activations: ['relu', 'softplus', 'gelu'] }),
      theory: { phiOf: (name) => (name === 'relu' ? 'abs' : 'erf') },
    },
    {
      id: 'correlation-for-covariance',
      statement: 'Φ of the correlations of the inputs in place of their covariances',
      where: twoLayerInstances({ ...firstWide, activations: ['erf'], laws: ['gaussian'], spectra: ['two-level'] }),
      theory: { covariance: correlations },
    },
  ],
});

const second: TwoLayerSpace = {
  inputDimension: [6, 12],
  samplesFactor: [1.8, 2.2],
  widthFactor: [600, 1200],
  alpha: [0.2, 0.2],
  widthOf: (factor, dimension) => factor * dimension,
  activations: ['erf', 'tanh', 'sigmoid'],
};
const secondWide: TwoLayerSpace = { ...second, widthFactor: [2400, 3000], inputDimension: [6, 8] };

export const secondLayerCertificateClaim = certificateClaim({
  layer: 'second',
  title: '‖Θ₂ − E Θ₂‖ ≤ t_δ for bounded φ at m ≥ 600 d',
  statement: `‖Θ₂ − E Θ₂‖ ≤ t_δ given X for bounded φ, by matrix Bernstein with every constant explicit, δ = ${CERTIFICATE_FAILURE}, at m ≥ 600 d`,
  formula: String.raw`\begin{gathered} \lVert \Theta_2 - \mathbb E \Theta_2 \rVert \le t_\delta = \frac{R \ell}3 + \sqrt{\Bigl(\frac{R \ell}3\Bigr)^2 + 2 R\, \lVert \mathbb E \Theta_2 \rVert\, \ell}, \quad R = \frac{n \sup \varphi^2}k \\ \ell = \ln \frac{\max(8,\, 8 \operatorname{Tr} \mathbb E \Theta_2 / \lVert \mathbb E \Theta_2 \rVert)}\delta, \quad \delta = 10^{${Math.log10(CERTIFICATE_FAILURE)}}, \quad k = \frac m2, \quad m \ge 600\, d \end{gathered}`,
  space: second,
  certify: secondLayerCertificate,
  controls: [
    {
      id: 'other-activation',
      statement: 'E φφ of erf for a network with sigmoid',
      where: twoLayerInstances({ ...secondWide, activations: ['sigmoid'] }),
      theory: { phiOf: () => 'erf' },
    },
  ],
});
