import { type Float32Stack, fused, lossNumbers, type Numbers, numberOf, PANEL, SLACK } from '../../backend/float32.js';
import type { MarginLoss } from '../../math/margin-loss.js';
import { upTo } from '../../support/wasm.js';
import { layerWeights, type StepSizes, type TrainedLayers } from './model.js';

/** X n×d, Wᵀ d×m and v 1×m. */
type Network = 'inputs' | 'firstLayer' | 'secondLayer';

/** The network on the stack, with its sizes. */
function put({ inputs, firstLayer, secondLayer }: Readonly<Record<Network, Numbers>>, stack: Float32Stack) {
  const [n, d] = inputs.shape as [number, number];
  const m = secondLayer.data.length;
  return {
    n,
    d,
    m,
    x: stack.put(inputs.data, (n + SLACK) * d + SLACK),
    w: stack.put(firstLayer.data, d * m + SLACK),
    v: stack.put(secondLayer.data, upTo(PANEL, m)),
  };
}

/** Θ of the trained layers in one kernel: n×n. */
export const fusedTangentKernel = fused<Network, { activation: string; layers: TrainedLayers }>(
  'TwoLayerTangentKernel',
  (given, { activation, layers }, { twoLayerKernel, twoLayerKernelScratch }, stack) => {
    const { n, d, m, x, w, v } = put(given, stack);
    const out = stack.room(n * n);
    const scratch = stack.room(twoLayerKernelScratch(n, d, m));
    const { first, second } = layerWeights[layers];
    twoLayerKernel(x, w, v, n, d, m, ...numberOf(activation), first > 0, second > 0, out, scratch);
    return [{ shape: [n, n], data: stack.view(out, n * n) }];
  },
);

/** f in one kernel: n×1. */
export const fusedOutputs = fused<Network, { activation: string }>(
  'TwoLayerOutputs',
  (given, { activation }, { twoLayerOutputs, twoLayerScratch }, stack) => {
    const { n, d, m, x, w, v } = put(given, stack);
    const out = stack.room(n + SLACK);
    twoLayerOutputs(x, w, v, n, d, m, ...numberOf(activation), out, stack.room(twoLayerScratch(n, d, m)));
    return [{ shape: [n, 1], data: stack.view(out, n) }];
  },
);

/** That many gradient steps in one kernel: Wᵀ and v after them. */
export const fusedDescent = fused<
  Network | 'labels',
  { activation: string; loss: MarginLoss | 'square'; count: number; steps: StepSizes }
>('TwoLayerDescent', (given, { activation, loss, count, steps }, { twoLayerDescent, twoLayerScratch }, stack) => {
  const { n, d, m, x, w, v } = put(given, stack);
  const labels = stack.put(given.labels.data);
  const scratch = stack.room(twoLayerScratch(n, d, m));
  twoLayerDescent(
    count,
    x,
    labels,
    w,
    v,
    n,
    d,
    m,
    ...numberOf(activation),
    lossNumbers[loss],
    steps.first,
    steps.second,
    scratch,
  );
  return [
    { shape: [d, m], data: stack.view(w, d * m) },
    { shape: [1, m], data: stack.view(v, m) },
  ];
});
