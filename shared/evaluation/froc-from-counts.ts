import { meanOfKnown } from './mean-of-known.js';
import { SCORE_BINS, type ScoreHistogram } from './score-histogram.js';

/** False positives per film at which sensitivity is read (LUNA16: Setio et al. 2017, arXiv:1612.08012). */
export const FROC_RATES = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8] as const;

/** Overlap from which a box counts as the lesion, as OXnet's most lenient AP. */
export const FROC_IOU = 0.4;

/** How many lesions are found at the price of how many false marks. */
export interface BinnedFroc {
  /** Sensitivity at each of FROC_RATES; null when there is no lesion to find. */
  readonly sensitivities: readonly number[] | null;
  /** Over the rates. */
  readonly mean: number | null;
}

/**
 * Free-response receiver operating characteristic from counts by score bin, read as from single detections
 * (site-agent/evaluation/froc.ts): the best sensitivity of all thresholds with at most so many false positives per film.
 * Only the bounds of bins are thresholds here, so no sensitivity exceeds that of the single detections.
 * @param matched   detections that matched a true box, by score bin
 * @param unmatched all other detections, by score bin
 * @param truths    true boxes, found or not
 * @param films     that were read for the class, with or without lesions
 */
export function frocFromCounts(
  matched: ScoreHistogram,
  unmatched: ScoreHistogram,
  truths: number,
  films: number,
): BinnedFroc {
  if (truths === 0 || films === 0) return { sensitivities: null, mean: null };
  const hitsIn = new Map(matched);
  const missesIn = new Map(unmatched);
  const sensitivities = FROC_RATES.map((rate) => {
    let [hits, misses] = [0, 0];
    for (let bin = SCORE_BINS - 1; bin >= 0; bin--) {
      misses += missesIn.get(bin) ?? 0;
      if (misses / films > rate) break;
      hits += hitsIn.get(bin) ?? 0;
    }
    return hits / truths;
  });
  return { sensitivities, mean: meanOfKnown(sensitivities) };
}
