import type { Combiner } from '../strategy.js';
import { rankRule } from './rank-rule.js';

/**
 * Coordinate-wise median: Δ[j] = median {Δ₁[j], …, Δₙ[j]}, of an even number the mean of the two in the middle.
 * Yin et al. 2018, Definition 1, arXiv:1803.01498. Of 2f + 1 numbers f + 1 are honest, so f sites cannot move a coordinate
 * beyond what honest ones said of it. A row on which fewer speak stays as it is: who speaks is a claim as well.
 * @param hostile f ≥ 1
 */
export function coordinateMedian(hostile: number): Combiner {
  return rankRule({
    needs: 2 * hostile + 1,
    of(sorted) {
      const half = sorted.length >> 1;
      const upper = sorted[half] as number;
      return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] as number) + upper) / 2;
    },
  });
}
