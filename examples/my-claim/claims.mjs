// A claim of one's own, in plain JavaScript. From the folder of your project:
//   npx earlytime calibrate mine --claims claims.mjs
//   npx earlytime verify mine --claims claims.mjs
import {
  affineKernelMatrix,
  capable,
  defineClaim,
  drawProblem,
  inputGram,
  spectralNorm,
  symmetricDifference,
  twoLayerInstances,
} from 'earlytime';

const instances = twoLayerInstances({
  inputDimension: [30, 40],
  samplesFactor: [2, 3],
  widthFactor: [4, 6],
  alpha: [0.1, 0.2],
  activations: ['erf'],
  spectra: ['isotropic'],
});

export const nearLinear = defineClaim({
  id: 'mine/near-linear',
  kind: 'bound',
  statement: '‖Θ₁ − slope·XXᵀ/d‖ ≤ C n/√d for erf, slope = 4/(3π)',
  source: { paper: 'mine', place: 'Theorem 1' },
  assumptions: [{ statement: 'm ≥ d', holds: ({ width, inputDimension }) => width >= inputDimension }],
  needs: ['twoLayer.tangentKernel'],
  instances,
  theory: { slope: 4 / (3 * Math.PI) },
  measure: async (instance, { slope }, { subject, constant }) => {
    const problem = drawProblem(instance);
    const kernel = await capable(subject, 'twoLayer', 'tangentKernel')(problem, 'first');
    const linear = affineKernelMatrix({ slope, bias: 0, norm: null }, problem.inputs, inputGram(problem.inputs));
    const observed = spectralNorm(symmetricDifference(kernel, linear)).norm;
    const form = problem.inputs.rows / Math.sqrt(problem.inputs.columns);
    return { observed, bound: constant('C') * form, constant: 'C' };
  },
  controls: [{ id: 'half-slope', statement: 'half of the slope', where: instances, theory: { slope: 2 / (3 * Math.PI) } }],
});
