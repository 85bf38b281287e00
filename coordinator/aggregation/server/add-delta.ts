import type { ServerStep } from '../strategy.js';

/** FedAvg's own step, w ← w + Δ: McMahan et al. 2017, arXiv:1602.05629. */
export const addDelta: ServerStep = {
  state: [],
  initial: [],
  apply(weights, { deltas, silent, rowOf }) {
    for (let at = 0; at < weights.length; at += 1) {
      if (silent[rowOf(at)] === 1) continue;
      weights[at] = (weights[at] as number) + (deltas[at] as number);
    }
  },
};
