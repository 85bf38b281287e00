import type { FilmRecord, LesionBox } from '../data/film.js';
import { intersectionOverUnion } from './box-overlap.js';
import type { Detection } from './detection.js';

/** How the detections of one class met the true boxes, over all films whose reading covers the class. */
export interface ClassMatching {
  readonly class: string;
  readonly films: number;
  readonly truths: number;
  readonly byIou: readonly IouMatching[];
}

export interface IouMatching {
  readonly iou: number;
  /** Every detection, best score first; equal scores in the order of the films. */
  readonly detections: readonly { readonly score: number; readonly matched: boolean }[];
}

/**
 * COCO's greedy matching (cocoapi `COCOeval.evaluateImg`), without crowds and area ranges. On each film a class's
 * detections choose in the order of their scores, each the free true box it overlaps most, if by at least the threshold;
 * of equal overlaps the later box. A class is matched only on films on which all its lesions are boxed: elsewhere
 * nobody knows whether a detection is right.
 * @param ious thresholds; the result lists them in this order
 */
export function matchDetections(
  films: readonly FilmRecord[],
  detections: readonly Detection[],
  classes: readonly string[],
  ious: readonly number[],
): ClassMatching[] {
  const found = groupByFilmAndClass(detections);
  return classes.map((name) => {
    const covered = films.filter((film) => film.readings[name]?.supervision === 'box');
    const perFilm = covered.map((film) => ({
      truths: film.boxes.filter((box) => box.class === name),
      detections: found.get(film.id)?.get(name) ?? [],
    }));
    return {
      class: name,
      films: covered.length,
      truths: perFilm.reduce((sum, { truths }) => sum + truths.length, 0),
      byIou: ious.map((iou) => ({
        iou,
        detections: perFilm
          .flatMap((film) => matchFilm(film.truths, film.detections, iou))
          .sort((a, b) => b.score - a.score), // stable
      })),
    };
  });
}

/** One class on one film. @param detections best first */
function matchFilm(
  truths: readonly LesionBox[],
  detections: readonly Detection[],
  threshold: number,
): { score: number; matched: boolean }[] {
  const free = new Set(truths);
  return detections.map((detection) => {
    // As in cocoapi: a threshold of 1 still accepts a perfect overlap computed with rounding.
    let best = Math.min(threshold, 1 - 1e-10);
    let choice: LesionBox | undefined;
    for (const truth of free) {
      const overlap = intersectionOverUnion(detection, truth);
      if (overlap < best) continue;
      best = overlap;
      choice = truth;
    }
    if (choice !== undefined) free.delete(choice);
    return { score: detection.score, matched: choice !== undefined };
  });
}

function groupByFilmAndClass(detections: readonly Detection[]): Map<string, Map<string, Detection[]>> {
  const films = new Map<string, Map<string, Detection[]>>();
  for (const detection of detections) {
    const classes = films.get(detection.film) ?? new Map<string, Detection[]>();
    films.set(detection.film, classes);
    const list = classes.get(detection.class);
    if (list === undefined) classes.set(detection.class, [detection]);
    else list.push(detection);
  }
  for (const classes of films.values())
    for (const list of classes.values()) list.sort((a, b) => b.score - a.score);
  return films;
}
