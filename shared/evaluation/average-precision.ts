import { interpolatedPrecision } from './interpolated-precision.js';
import { SCORE_BINS, type ScoreHistogram } from './score-histogram.js';

/**
 * COCO's interpolated average precision at one IoU, from counts by score bin. Detections of one bin are ties: they enter
 * the curve together, so the result does not depend on an order within the bin, and never exceeds that of single detections.
 * @param matched   detections that matched a true box, by score bin
 * @param unmatched all other detections, by score bin
 * @param truths    true boxes, found or not
 * @returns 0 … 1, or null when there is no true box to find
 */
export function averagePrecision(
  matched: ScoreHistogram,
  unmatched: ScoreHistogram,
  truths: number,
): number | null {
  const hits = countsFromTop(matched);
  const misses = countsFromTop(unmatched);
  return interpolatedPrecision(
    hits,
    hits.map((found, bin) => found + (misses[bin] as number)),
    truths,
  );
}

/** [BINS] detections in the i highest bins; a bin may be listed several times. */
function countsFromTop(histogram: ScoreHistogram): Float64Array {
  const counts = new Float64Array(SCORE_BINS);
  for (const [bin, count] of histogram) {
    const fromTop = SCORE_BINS - 1 - bin;
    counts[fromTop] = (counts[fromTop] as number) + count;
  }
  for (let i = 1; i < SCORE_BINS; i++) counts[i] = (counts[i] as number) + (counts[i - 1] as number);
  return counts;
}
