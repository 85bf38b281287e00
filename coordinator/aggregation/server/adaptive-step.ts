import type { ServerStep } from '../strategy.js';

export interface AdaptiveNumbers {
  readonly learningRate: number;
  readonly beta1: number;
  readonly tau: number;
}

/**
 * What FedAdagrad, FedYogi and FedAdam share: Reddi et al. 2021, Algorithm 2, arXiv:2003.00295,
 *
 *   m ← β₁ m + (1 − β₁) Δ,   v ← by the optimiser,   w ← w + η m / (√v + τ),   m₀ = 0,  v₀ = τ²
 *
 * without a bias correction, as there.
 * @param second the next v from the last and Δ
 */
export function adaptiveStep(
  { learningRate, beta1, tau }: AdaptiveNumbers,
  second: (v: number, delta: number) => number,
): ServerStep {
  return {
    state: ['first', 'second'],
    initial: [0, tau ** 2],
    apply(weights, { deltas, silent, rowOf }, [firsts, seconds]) {
      const m = firsts as Float32Array;
      const v = seconds as Float32Array;
      for (let at = 0; at < weights.length; at += 1) {
        if (silent[rowOf(at)] === 1) continue;
        const delta = deltas[at] as number;
        // Rounded to what is stored, so that it does not matter whether the state was read back.
        m[at] = beta1 * (m[at] as number) + (1 - beta1) * delta;
        v[at] = second(v[at] as number, delta);
        const step = (m[at] as number) / (Math.sqrt(v[at] as number) + tau);
        weights[at] = (weights[at] as number) + learningRate * step;
      }
    },
  };
}
