import type { TrainingPlan } from '@fedoxnet/shared/study/plan';
import { decodeBox } from '../model/box-codec.js';
import { intersectionOverUnion } from './anchor-matching.js';
import { isLabelledAbsent, isLabelledPresent, type FilmLabels } from './film-labels.js';

/** IoU above which the weaker of two boxes of one class is dropped (oxnet.md §2.4). */
export const PSEUDO_NMS_IOU = 0.5;

/** Boxes a teacher is confident of on one film, strongest first. */
export interface PseudoBoxes {
  /** [n · 4] x1, y1, x2, y2 in model pixels. */
  readonly boxes: Float32Array;
  /** [n] */
  readonly classes: Int32Array;
  /** [n] */
  readonly scores: Float32Array;
}

/** What of the plan decides about the teacher's word. */
export type Hearing = Omit<TrainingPlan['teacher'], 'decay'>;

/**
 * [K] The score above which the teacher's boxes of each class are kept on a film. Where a label says that the class is
 * there, the question is only where, and with `keepStrongest` the teacher's strongest box is an answer whatever its score
 * (after the pseudo ground truth of OICR, Tang et al. 2017, arXiv:1704.00138).
 * @param scores [N · K] the teacher's, after the sigmoid
 */
export function keepScores(
  film: FilmLabels,
  scores: Float32Array,
  { keepScore, keepScoreLabelled = keepScore, keepStrongest }: Hearing,
): Float32Array {
  const classes = film.label.length;
  return Float32Array.from(film.label, (_, c) => {
    if (!isLabelledPresent(film, c)) return keepScore;
    if (keepStrongest === undefined) return keepScoreLabelled;
    return Math.min(keepScoreLabelled, keepStrongest * highest(scores, c, classes));
  });
}

function highest(scores: Float32Array, column: number, columns: number): number {
  let found = 0;
  for (let i = column; i < scores.length; i += columns) found = Math.max(found, scores[i]!);
  return found;
}

/**
 * The teacher's boxes on one film (oxnet.md §2.4 with B3, D7, D9): scores above the plan's threshold, suppressed class by class at
 * IoU 0.5, and only of classes whose boxes the site does not know and whose absence its labels do not state. As
 * suppression only ever lets a stronger box drop a weaker one, cutting at the threshold before it keeps the same boxes.
 * @param anchors [N · 4]
 * @param scores  [N · K] after the sigmoid
 * @param deltas  [N · 4] box code
 * @param size    S, boxes are clipped to the film
 * @param classes [K] 1 for those that are asked about; all when left out
 */
export function pseudoBoxes(
  anchors: Float32Array,
  scores: Float32Array,
  deltas: Float32Array,
  film: FilmLabels,
  { size, hearing, classes: asked }: { size: number; hearing: Hearing; classes?: Uint8Array },
): PseudoBoxes {
  const classes = film.boxKnown.length;
  const allowed = Uint8Array.from({ length: classes }, (_, c) =>
    film.boxKnown[c] || isLabelledAbsent(film, c) || asked?.[c] === 0 ? 0 : 1,
  );
  const keep = keepScores(film, scores, hearing);
  const candidates: number[] = [];
  scores.forEach((score, i) => {
    if (score > keep[i % classes]! && allowed[i % classes]) candidates.push(i);
  });
  candidates.sort((a, b) => scores[b]! - scores[a]! || a - b);

  const decoded = new Float32Array(candidates.length * 4);
  candidates.forEach((i, row) => {
    const anchor = Math.floor(i / classes);
    decodeBox(anchors, anchor, deltas, anchor, size, decoded, row);
  });
  const kept: number[] = [];
  candidates.forEach((i, row) => {
    const [x1, y1, x2, y2] = decoded.subarray(4 * row, 4 * row + 4);
    if (x2! <= x1! || y2! <= y1!) return;
    const suppressed = kept.some(
      (other) =>
        candidates[other]! % classes === i % classes &&
        intersectionOverUnion(decoded, other, decoded, row) > PSEUDO_NMS_IOU,
    );
    if (!suppressed) kept.push(row);
  });
  return {
    boxes: Float32Array.from(kept.flatMap((row) => [...decoded.subarray(4 * row, 4 * row + 4)])),
    classes: Int32Array.from(kept, (row) => candidates[row]! % classes),
    scores: Float32Array.from(kept, (row) => scores[candidates[row]!]!),
  };
}
