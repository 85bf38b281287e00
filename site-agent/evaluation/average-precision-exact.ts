import type { IouMatching } from './matching.js';

const RECALL_STEPS = 100;

/**
 * COCO's interpolated average precision over single detections, (1/101) Σ_{r ∈ {0, .01, …, 1}} max_{r' ≥ r} precision(r').
 * Lin et al. 2014, arXiv:1405.0312; cocoapi `COCOeval.accumulate`. The consortium's figure comes from histograms
 * (shared/evaluation/average-precision.ts) and differs from this one only where scores share a bin.
 * Recall is compared in whole numbers, hits · 100 ≥ step · truths, so that no rounding moves a step.
 * @param detections best score first
 * @param truths     true boxes, found or not
 * @returns 0 … 1, or null when there is no true box to find
 */
export function averagePrecisionExact(detections: IouMatching['detections'], truths: number): number | null {
  if (truths === 0) return null;
  const hitsAt: number[] = [];
  const envelope: number[] = [];
  let hits = 0;
  for (const [index, { matched }] of detections.entries()) {
    if (matched) hits++;
    hitsAt.push(hits);
    envelope.push(hits / (index + 1));
  }
  for (let i = envelope.length - 2; i >= 0; i--)
    envelope[i] = Math.max(envelope[i] as number, envelope[i + 1] as number);
  let sum = 0;
  let at = 0;
  for (let step = 0; step <= RECALL_STEPS; step++) {
    while (at < hitsAt.length && (hitsAt[at] as number) * RECALL_STEPS < step * truths) at++;
    sum += envelope[at] ?? 0; // a recall that is never reached counts as precision 0
  }
  return sum / (RECALL_STEPS + 1);
}
