import { intersectionOverUnion, shareInside, type Rectangle } from './box-overlap.js';

/** A box somebody drew. */
export interface TruthBox extends Rectangle {
  /** Of the lesion itself where it is known, in square pixels; else that of the box. */
  readonly area?: number;
  /** Stands for any number of lesions nobody separated: detections in it count neither for nor against. */
  readonly crowd?: boolean;
}

export interface ScoredBox extends Rectangle {
  readonly score: number;
}

/** Sizes that count, in square pixels, both ends included. What lies outside counts neither for nor against. */
export interface AreaRange {
  readonly from: number;
  readonly to: number;
}

/** What became of a detection. */
export const MISS = 0;
export const HIT = 1;
export const IGNORED = 2;

export interface ImageMatching {
  /** True boxes that count: no crowds, and of a size that counts. */
  readonly truths: number;
  /** For each threshold, [detections] MISS, HIT or IGNORED. */
  readonly outcomes: readonly Uint8Array[];
}

/**
 * COCO's greedy matching of one class on one image (cocoapi `COCOeval.evaluateImg`). Detections choose in the order of
 * their scores, each the free true box it overlaps most, if by at least the threshold; of equal overlaps the later box.
 * Only a detection that finds no true box that counts may fall to one that does not, and then it is IGNORED; a crowd
 * takes any number. A detection that matches nothing and has a size that does not count is IGNORED too.
 * @param detections best score first
 * @param ious       thresholds, each matched for itself
 * @param areas      ranges of sizes, each matched for itself
 * @returns one matching for each range
 */
export function matchBoxes(
  truths: readonly TruthBox[],
  detections: readonly ScoredBox[],
  ious: readonly number[],
  areas: readonly AreaRange[],
): ImageMatching[] {
  const overlaps = truths.map((truth) => {
    const overlap = truth.crowd === true ? shareInside : intersectionOverUnion;
    return Float64Array.from(detections, (detection) => overlap(detection, truth));
  });
  return areas.map((area) => {
    const counts = truths.map(
      (truth) => truth.crowd !== true && lies(truth.area ?? truth.width * truth.height, area),
    );
    const candidates: Candidate[] = truths.map((truth, i) => ({
      overlaps: overlaps[i] as Float64Array,
      counts: counts[i] as boolean,
      crowd: truth.crowd === true,
    }));
    // Those that count are looked at first; the order is otherwise kept.
    candidates.sort((a, b) => Number(b.counts) - Number(a.counts));
    const small = Uint8Array.from(detections, (box) => (lies(box.width * box.height, area) ? MISS : IGNORED));
    return {
      truths: counts.filter(Boolean).length,
      outcomes: ious.map((iou) => matchGreedily(candidates, small, iou)),
    };
  });
}

interface Candidate {
  /** [detections] */
  readonly overlaps: Float64Array;
  readonly counts: boolean;
  readonly crowd: boolean;
}

/** @param unmatched what a detection is that matches nothing */
function matchGreedily(
  candidates: readonly Candidate[],
  unmatched: Uint8Array,
  threshold: number,
): Uint8Array {
  const outcomes = unmatched.slice();
  const taken = new Uint8Array(candidates.length);
  for (let detection = 0; detection < outcomes.length; detection++) {
    // As in cocoapi: a threshold of 1 still accepts a perfect overlap computed with rounding.
    let best = Math.min(threshold, 1 - 1e-10);
    let choice = -1;
    let found: Candidate | undefined;
    for (const [index, candidate] of candidates.entries()) {
      if (taken[index] === 1 && !candidate.crowd) continue;
      if (found?.counts === true && !candidate.counts) break;
      const overlap = candidate.overlaps[detection] as number;
      if (overlap < best) continue;
      best = overlap;
      choice = index;
      found = candidate;
    }
    if (found === undefined) continue;
    taken[choice] = 1;
    outcomes[detection] = found.counts ? HIT : IGNORED;
  }
  return outcomes;
}

function lies(area: number, { from, to }: AreaRange): boolean {
  return area >= from && area <= to;
}
