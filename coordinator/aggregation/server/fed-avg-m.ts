import type { ServerPlan } from '@fedoxnet/shared/study/aggregation-plan';
import type { ServerStep } from '../strategy.js';

/**
 * FedAvgM, momentum at the server:
 *
 *   v ← β v + Δ,   w ← w + η v,   v₀ = 0
 *
 * Hsu et al. 2019, §4.3, arXiv:1909.06335 (there with Δ of the other sign).
 */
export function fedAvgM({
  learningRate,
  momentum,
}: Pick<Extract<ServerPlan, { optimizer: 'fedavgm' }>, 'learningRate' | 'momentum'>): ServerStep {
  return {
    state: ['momentum'],
    initial: [0],
    apply(weights, { deltas, silent, rowOf }, [velocity]) {
      const v = velocity as Float32Array;
      for (let at = 0; at < weights.length; at += 1) {
        if (silent[rowOf(at)] === 1) continue;
        // Rounded to what is stored, so that it does not matter whether the state was read back.
        v[at] = momentum * (v[at] as number) + (deltas[at] as number);
        weights[at] = (weights[at] as number) + learningRate * (v[at] as number);
      }
    },
  };
}
