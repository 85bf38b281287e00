import type { ServerStep } from '../strategy.js';
import { adaptiveStep, type AdaptiveNumbers } from './adaptive-step.js';

/**
 * FedYogi: v ← v − (1 − β₂) Δ² sign(v − Δ²), which forgets slowly when deltas become small. Reddi et al. 2021, Algorithm 2,
 * arXiv:2003.00295, after Zaheer et al. 2018.
 */
export function fedYogi({ beta2, ...numbers }: AdaptiveNumbers & { readonly beta2: number }): ServerStep {
  return adaptiveStep(numbers, (v, delta) => {
    const square = delta * delta;
    return v - (1 - beta2) * square * Math.sign(v - square);
  });
}
