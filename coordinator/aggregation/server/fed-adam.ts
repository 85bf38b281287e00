import type { ServerStep } from '../strategy.js';
import { adaptiveStep, type AdaptiveNumbers } from './adaptive-step.js';

/** FedAdam: v ← β₂ v + (1 − β₂) Δ². Reddi et al. 2021, Algorithm 2, arXiv:2003.00295. */
export function fedAdam({ beta2, ...numbers }: AdaptiveNumbers & { readonly beta2: number }): ServerStep {
  return adaptiveStep(numbers, (v, delta) => beta2 * v + (1 - beta2) * delta * delta);
}
