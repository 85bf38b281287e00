import type { Combiner } from '../strategy.js';
import { rankRule } from './rank-rule.js';

/**
 * Coordinate-wise trimmed mean: without the f smallest and the f largest numbers of a coordinate,
 *
 *   Δ[j] = (1 / (n − 2f)) Σ of the others
 *
 * Yin et al. 2018, Definition 2, arXiv:1803.01498, with f = βn. A row on which 2f sites or fewer speak stays as it is:
 * all of them may be hostile or cut away.
 * @param hostile f ≥ 1
 */
export function trimmedMean(hostile: number): Combiner {
  return rankRule({
    needs: 2 * hostile + 1,
    of(sorted) {
      let sum = 0;
      for (let place = hostile; place < sorted.length - hostile; place += 1) sum += sorted[place] as number;
      return sum / (sorted.length - 2 * hostile);
    },
  });
}
