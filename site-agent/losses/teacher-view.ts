import { intersectionOverUnion } from './anchor-matching.js';
import type { TeacherView } from './detection-targets.js';
import type { FilmLabels } from './film-labels.js';
import { pseudoBoxes, type Hearing, type PseudoBoxes } from './pseudo-boxes.js';

/** What one network says of one film. */
export interface Voice {
  /** [N · K] after the sigmoid. */
  readonly scores: Float32Array;
  /** [N · 4] box code. */
  readonly deltas: Float32Array;
}

/** The mean teacher, and the round's global model where the plan asks it as well. */
export interface Voices {
  readonly mean: Voice;
  readonly global: Voice | null;
}

/**
 * Puts together what the student is told of a film (oxnet.md §7.2 items 5 and 6).
 * - Of a class that the site's labels leave unknown on the film, the plan's `unknown` teacher speaks; of the others, which
 *   the site's own films teach, always the mean teacher.
 * - With `agreement`, a box stays only where the other network sees the class too, at the plan's IoU or more: the kept
 *   boxes of both are compared. What the other does not see is disputed.
 * @param anchors [N · 4]
 * @param size    S, boxes are clipped to the film
 */
export function teacherView(
  anchors: Float32Array,
  film: FilmLabels,
  { mean, global }: Voices,
  { size, hearing }: { size: number; hearing: Hearing },
): TeacherView {
  const heard = ({ scores, deltas }: Voice, classes?: Uint8Array): PseudoBoxes =>
    pseudoBoxes(anchors, scores, deltas, film, { size, hearing, ...(classes && { classes }) });
  if (global === null) return { scores: mean.scores, kept: heard(mean) };
  const ofGlobal = film.labelKnown.map((known) => (hearing.unknown === 'global' && !known ? 1 : 0));
  const ofMean = ofGlobal.map((speaks) => 1 - speaks);
  const kept = strongestFirst([heard(mean, ofMean), heard(global, ofGlobal)]);
  const scores = columns(mean.scores, global.scores, ofGlobal);
  if (hearing.agreement === undefined) return { scores, kept };
  const others = strongestFirst([heard(global, ofMean), heard(mean, ofGlobal)]);
  return { scores, ...confirmed(kept, others, hearing.agreement.iou) };
}

/** [N · K] column c of `b` where `fromB[c]`, else of `a`. */
function columns(a: Float32Array, b: Float32Array, fromB: Uint8Array): Float32Array {
  return a.map((score, i) => (fromB[i % fromB.length] ? b[i]! : score));
}

/** Boxes that another list holds too, and those that it does not. */
function confirmed(
  boxes: PseudoBoxes,
  others: PseudoBoxes,
  iou: number,
): { kept: PseudoBoxes; disputed: PseudoBoxes } {
  const agrees = Array.from(boxes.classes, (c, row) =>
    others.classes.some(
      (other, i) => other === c && intersectionOverUnion(boxes.boxes, row, others.boxes, i) >= iou,
    ),
  );
  const where = (wanted: boolean): PseudoBoxes =>
    rowsOf(
      boxes,
      [...agrees.keys()].filter((row) => agrees[row] === wanted),
    );
  return { kept: where(true), disputed: where(false) };
}

/** Equal scores keep the order of the lists. */
function strongestFirst(lists: readonly PseudoBoxes[]): PseudoBoxes {
  const all: PseudoBoxes = {
    boxes: Float32Array.from(lists.flatMap(({ boxes }) => [...boxes])),
    classes: Int32Array.from(lists.flatMap(({ classes }) => [...classes])),
    scores: Float32Array.from(lists.flatMap(({ scores }) => [...scores])),
  };
  return rowsOf(
    all,
    [...all.scores.keys()].sort((a, b) => all.scores[b]! - all.scores[a]! || a - b),
  );
}

function rowsOf({ boxes, classes, scores }: PseudoBoxes, rows: readonly number[]): PseudoBoxes {
  return {
    boxes: Float32Array.from(rows.flatMap((row) => [...boxes.subarray(4 * row, 4 * row + 4)])),
    classes: Int32Array.from(rows, (row) => classes[row]!),
    scores: Float32Array.from(rows, (row) => scores[row]!),
  };
}
