import { interpolatedPrecision } from '@fedoxnet/shared/evaluation/interpolated-precision';
import { HIT, IGNORED, matchBoxes, type AreaRange, type ScoredBox, type TruthBox } from './match-boxes.js';

/** One class on one image. */
export interface ImageBoxes {
  readonly truths: readonly TruthBox[];
  /** In any order; equal scores keep it. */
  readonly detections: readonly ScoredBox[];
}

/** The detections of one class on many images, best first, and what became of each. n = detections. */
export interface Ranking {
  /** True boxes that count. */
  readonly truths: number;
  /** [n] falling; equal scores in the order of the images. */
  readonly scores: Float64Array;
  /** [n] 0 for the best detection of its image, 1 for the next, … */
  readonly places: Uint32Array;
  /** For each threshold, [n] MISS, HIT or IGNORED. */
  readonly outcomes: readonly Uint8Array[];
}

/** COCO's "all": every box that is not absurd. */
export const ALL_AREAS: AreaRange = { from: 0, to: 1e10 };

export interface RankingOptions {
  readonly ious: readonly number[];
  /** At most so many detections of the class count on an image, the best ones. */
  readonly perImage?: number;
  readonly areas?: readonly AreaRange[];
}

/** Matches image by image and ranks all detections of the class. @returns one ranking for each range of areas */
export function rankDetections(
  images: readonly ImageBoxes[],
  { ious, perImage = Infinity, areas = [ALL_AREAS] }: RankingOptions,
): Ranking[] {
  const perArea: Ranking[][] = areas.map(() => []);
  for (const { truths, detections } of images) {
    const best = [...detections].sort((a, b) => b.score - a.score).slice(0, perImage); // stable
    const scores = Float64Array.from(best, ({ score }) => score);
    const places = Uint32Array.from(best.keys());
    for (const [area, matching] of matchBoxes(truths, best, ious, areas).entries())
      perArea[area]?.push({ ...matching, scores, places });
  }
  return perArea.map((rankings) => mergeRankings(rankings, ious.length));
}

/**
 * Ranks the detections of several images, or of several classes, together.
 * @param thresholds how many were matched, the same in each ranking
 */
export function mergeRankings(rankings: readonly Ranking[], thresholds: number): Ranking {
  const count = rankings.reduce((sum, { scores }) => sum + scores.length, 0);
  const scores = new Float64Array(count);
  const places = new Uint32Array(count);
  const outcomes = Array.from({ length: thresholds }, () => new Uint8Array(count));
  let end = 0;
  for (const ranking of rankings) {
    scores.set(ranking.scores, end);
    places.set(ranking.places, end);
    for (const [iou, all] of outcomes.entries()) all.set(ranking.outcomes[iou] ?? [], end);
    end += ranking.scores.length;
  }
  // Best first; equal scores keep their order.
  const order = Uint32Array.from(scores.keys()).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number) || a - b,
  );
  return {
    truths: rankings.reduce((sum, { truths }) => sum + truths, 0),
    scores: inOrder(scores, order),
    places: inOrder(places, order),
    outcomes: outcomes.map((all) => inOrder(all, order)),
  };
}

function inOrder<A extends Uint8Array | Uint32Array | Float64Array>(values: A, order: Uint32Array): A {
  const ordered = values.slice() as A;
  for (let i = 0; i < order.length; i++) ordered[i] = values[order[i] as number] as number;
  return ordered;
}

/**
 * COCO's average precision over single detections. The consortium's figure comes from counts by score bin
 * (shared/evaluation/average-precision.ts) and differs from this one only where scores share a bin.
 * @param iou position of the threshold among those that were matched
 * @returns 0 … 1, or null when there is no true box to find
 */
export function averagePrecisionOf({ outcomes, truths }: Ranking, iou: number): number | null {
  const at = outcomes[iou] ?? new Uint8Array();
  const hits = new Uint32Array(at.length);
  const marks = new Uint32Array(at.length);
  let found = 0;
  let counted = 0;
  for (let i = 0; i < at.length; i++) {
    if (at[i] === HIT) found++;
    if (at[i] !== IGNORED) counted++;
    hits[i] = found;
    marks[i] = counted;
  }
  return interpolatedPrecision(hits, marks, truths);
}

/**
 * COCO's recall with at most so many detections of the class per image, whatever their scores.
 * @returns 0 … 1, or null when there is no true box to find
 */
export function recallOf(
  { outcomes, places, truths }: Ranking,
  iou: number,
  perImage: number,
): number | null {
  if (truths === 0) return null;
  const at = outcomes[iou] ?? new Uint8Array();
  let found = 0;
  for (let i = 0; i < at.length; i++) if (at[i] === HIT && (places[i] as number) < perImage) found++;
  return found / truths;
}
