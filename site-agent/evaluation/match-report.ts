import { SCORE_BINS, type EvaluationReport } from '@fedoxnet/shared/evaluation/match-histogram';
import type { ClassMatching, IouMatching } from './matching.js';

/** What a site may send of its matches: counts by score, without film, box or identifier. */
export function matchReport(films: number, matches: readonly ClassMatching[]): EvaluationReport {
  return {
    films,
    classes: matches.map(({ class: name, films: covered, truths, byIou }) => ({
      class: name,
      films: covered,
      truths,
      byIou: byIou.map(({ iou, detections }) => ({
        iou,
        matched: histogram(detections, true),
        unmatched: histogram(detections, false),
      })),
    })),
  };
}

/** Sparse [bin, count] pairs with rising bins. */
function histogram(detections: IouMatching['detections'], matched: boolean): [number, number][] {
  const counts = new Map<number, number>();
  for (const detection of detections) {
    if (detection.matched !== matched) continue;
    const bin = Math.min(SCORE_BINS - 1, Math.floor(detection.score * SCORE_BINS));
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b);
}
