import type { ServerStep } from '../strategy.js';

/**
 * Prototypes follow slowly: with Δ the mean of the sites' features minus the prototype,
 *
 *   P ← P + (1 − β) Δ,   that is  P ← β P + (1 − β) mean
 *
 * and one that no site had filled yet is replaced at once (oxnet.md §7.2, item 2; FedProto, Tan et al. 2022, arXiv:2105.00243).
 * @param decay β in [0, 1]
 * @param known [K] 1 where the class has a prototype
 */
export function prototypeAverage(decay: number, known: Uint8Array): ServerStep {
  return {
    state: [],
    initial: [],
    apply(weights, { deltas, silent, rowOf }) {
      for (let at = 0; at < weights.length; at += 1) {
        const row = rowOf(at);
        if (silent[row] === 1) continue;
        const share = known[row] === 1 ? 1 - decay : 1;
        weights[at] = (weights[at] as number) + share * (deltas[at] as number);
      }
    },
  };
}
