import type { ClassMatches } from '@fedoxnet/shared/evaluation/match-histogram';
import { histogramOf, scoreBin } from '@fedoxnet/shared/evaluation/score-histogram';
import { HIT, MISS } from './match-boxes.js';
import type { ClassMatching } from './matching.js';

/** Matches as counts by score, without film, box or identifier. */
export function matchCounts(matches: readonly ClassMatching[]): ClassMatches[] {
  return matches.map(({ class: name, films, truths, ious, outcomes, scores }) => {
    const bins = Array.from(scores, scoreBin);
    const withOutcome = (at: number, outcome: number): [number, number][] =>
      histogramOf(bins.filter((_, i) => outcomes[at]?.[i] === outcome));
    return {
      class: name,
      films,
      truths,
      byIou: ious.map((iou, at) => ({
        iou,
        matched: withOutcome(at, HIT),
        unmatched: withOutcome(at, MISS),
      })),
    };
  });
}
