import { SCORE_BINS, type EvaluationReport } from '@fedoxnet/shared/evaluation/match-histogram';
import { HIT, MISS } from './match-boxes.js';
import type { ClassMatching } from './matching.js';

/** What a site may send of its matches: counts by score, without film, box or identifier. */
export function matchReport(films: number, matches: readonly ClassMatching[]): EvaluationReport {
  return {
    films,
    classes: matches.map(({ class: name, films: covered, truths, ious, outcomes, scores }) => ({
      class: name,
      films: covered,
      truths,
      byIou: ious.map((iou, at) => ({
        iou,
        matched: histogram(scores, outcomes[at] ?? new Uint8Array(), HIT),
        unmatched: histogram(scores, outcomes[at] ?? new Uint8Array(), MISS),
      })),
    })),
  };
}

/** Sparse [bin, count] pairs with rising bins. */
function histogram(scores: Float64Array, outcomes: Uint8Array, outcome: number): [number, number][] {
  const counts = new Map<number, number>();
  for (const [i, score] of scores.entries()) {
    if (outcomes[i] !== outcome) continue;
    const bin = Math.min(SCORE_BINS - 1, Math.floor(score * SCORE_BINS));
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b);
}
