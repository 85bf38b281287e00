import type { ServerStep } from '../strategy.js';
import { adaptiveStep, type AdaptiveNumbers } from './adaptive-step.js';

/** FedAdagrad: v ← v + Δ². Reddi et al. 2021, Algorithm 2, arXiv:2003.00295. */
export function fedAdagrad(numbers: AdaptiveNumbers): ServerStep {
  return adaptiveStep(numbers, (v, delta) => v + delta * delta);
}
