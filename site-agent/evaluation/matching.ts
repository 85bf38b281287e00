import type { FilmRecord } from '../data/film.js';
import type { Detection } from './detection.js';
import { rankDetections, type Ranking } from './ranking.js';

/** How the detections of one class met the true boxes, over all films whose reading covers the class. */
export interface ClassMatching extends Ranking {
  readonly class: string;
  readonly films: number;
  /** Thresholds of `outcomes`. */
  readonly ious: readonly number[];
}

/**
 * Matches class by class (`match-boxes.ts`). A class is matched only on films on which all its lesions are boxed:
 * elsewhere nobody knows whether a detection is right.
 */
export function matchDetections(
  films: readonly FilmRecord[],
  detections: readonly Detection[],
  classes: readonly string[],
  ious: readonly number[],
): ClassMatching[] {
  const found = new Map<string, Detection[]>();
  for (const detection of detections) {
    const list = found.get(detection.film);
    if (list === undefined) found.set(detection.film, [detection]);
    else list.push(detection);
  }
  return classes.map((name) => {
    const covered = films.filter((film) => film.readings[name]?.supervision === 'box');
    const images = covered.map((film) => ({
      truths: film.boxes.filter((box) => box.class === name),
      detections: (found.get(film.id) ?? []).filter((detection) => detection.class === name),
    }));
    const [ranking] = rankDetections(images, { ious }) as [Ranking];
    return { class: name, films: covered.length, ious, ...ranking };
  });
}
