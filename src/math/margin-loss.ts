/** ℓ(z) = e^{−z}, or 2 ln(1 + e^{−z}): both have ℓ'(0) = −1. */
export const marginLosses = ['exponential', 'logistic'] as const;
export type MarginLoss = (typeof marginLosses)[number];

/** −ℓ'(z), the weight of an input of margin z. */
export function lossWeight(loss: MarginLoss, margin: number): number {
  return loss === 'exponential' ? Math.exp(-margin) : 2 / (1 + Math.exp(margin));
}

/** ℓ(z). */
export function lossValue(loss: MarginLoss, margin: number): number {
  if (loss === 'exponential') return Math.exp(-margin);
  return 2 * (Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin))));
}
