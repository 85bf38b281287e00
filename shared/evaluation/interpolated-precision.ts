const STEPS = 100;

/**
 * Recall 0, .01, …, 1, where COCO samples a precision–recall curve, as the doubles that `numpy.linspace(0, 1, 101)` gives.
 * cocoapi compares recalls with these in floating point, so .35 is here 35 · 0.01 = .35000000000000003, which 7 of 20 does
 * not reach. The figures agree with other people's tools only when the same rounding decides.
 */
export const SAMPLED_RECALLS: Float64Array = Float64Array.from({ length: STEPS + 1 }, (_, step) =>
  step === STEPS ? 1 : step * 0.01,
);

/**
 * COCO's average precision, (1/101) Σ_r max_{r' ≥ r} precision(r') over the sampled recalls.
 * Lin et al. 2014, arXiv:1405.0312; cocoapi `COCOeval.accumulate`.
 * @param hits   [n] true boxes found at the i-th score threshold, thresholds falling; never falls itself
 * @param marks  [n] detections counted at that threshold, hits and false alarms; never below `hits`
 * @param truths true boxes, found or not
 * @returns 0 … 1, or null when there is no true box to find
 */
export function interpolatedPrecision(
  hits: ArrayLike<number>,
  marks: ArrayLike<number>,
  truths: number,
): number | null {
  if (truths === 0) return null;
  // From the right, so that `best` is the highest precision at this recall or beyond.
  let sum = 0;
  let best = 0;
  let at = hits.length - 1;
  for (let step = STEPS; step >= 0; step--) {
    const recall = SAMPLED_RECALLS[step] as number;
    for (; at >= 0 && (hits[at] as number) / truths >= recall; at--) {
      const found = hits[at] as number;
      if (found > 0) best = Math.max(best, found / (marks[at] as number));
    }
    sum += best; // a recall that is never reached counts as precision 0
  }
  return sum / (STEPS + 1);
}
