import { rankRule } from './rank-rule.js';

/**
 * Coordinate-wise median: Δ[j] = median {Δ₁[j], …, Δₙ[j]}, of an even number the mean of the two in the middle.
 * Yin et al. 2018, Definition 1, arXiv:1803.01498. Fewer than half of the sites cannot move a coordinate beyond what
 * honest ones said of it.
 */
export const coordinateMedian = rankRule({
  needs: 1,
  of(sorted) {
    const half = sorted.length >> 1;
    const upper = sorted[half] as number;
    return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
  },
});
