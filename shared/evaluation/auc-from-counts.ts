import type { ScoreHistogram } from './score-histogram.js';

/**
 * Area under the receiver operating characteristic from counts by score bin: the share of pairs of a positive and a negative
 * in which the positive lies in the higher bin, a shared bin counting one half,
 *
 *   AUC = Σ_b p_b (Σ_{a<b} n_a + n_b / 2) / (P N)
 *
 * which is the Mann–Whitney statistic of the bins (Hanley and McNeil 1982, Radiology 143:29–36). Single scores can differ
 * from it by at most Σ_b p_b n_b / (2 P N), the ties that the bins make.
 * @returns 0 … 1, or null when one side is empty
 */
export function aucFromCounts(positive: ScoreHistogram, negative: ScoreHistogram): number | null {
  const negatives = [...negative].sort(([a], [b]) => a - b);
  const total = (counts: ScoreHistogram): number => counts.reduce((sum, [, count]) => sum + count, 0);
  const pairs = total(positive) * total(negative);
  if (pairs === 0) return null;
  let above = 0;
  let below = 0; // negatives in lower bins than the positive at hand
  let next = 0;
  for (const [bin, count] of [...positive].sort(([a], [b]) => a - b)) {
    for (; next < negatives.length && negatives[next]![0] < bin; next++) below += negatives[next]![1];
    const tied = negatives[next]?.[0] === bin ? negatives[next]![1] : 0;
    above += count * (below + tied / 2);
  }
  return above / pairs;
}
