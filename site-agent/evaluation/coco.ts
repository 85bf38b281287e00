import type { FilmRecord } from '../data/film.js';
import type { Detection } from './detection.js';

/** One entry of a COCO results file; `bbox` is x, y, width, height. */
export interface CocoResult {
  readonly image_id: number;
  readonly category_id: number;
  readonly bbox: readonly [number, number, number, number];
  readonly score: number;
}

/** A COCO annotation file (cocodataset.org, "Data format"), as far as detection tools read it. */
export interface CocoTruth {
  readonly images: readonly {
    readonly id: number;
    readonly file_name: string;
    readonly width: number;
    readonly height: number;
  }[];
  readonly categories: readonly { readonly id: number; readonly name: string }[];
  readonly annotations: readonly {
    readonly id: number;
    readonly image_id: number;
    readonly category_id: number;
    readonly bbox: readonly [number, number, number, number];
    readonly area: number;
    readonly iscrowd: 0;
  }[];
}

/** Ids are 1-based positions: of the film in `films`, of the class in `classes`. */
export function cocoResults(
  films: readonly FilmRecord[],
  classes: readonly string[],
  detections: readonly Detection[],
): CocoResult[] {
  const imageIds = new Map(films.map((film, index) => [film.id, index + 1]));
  return detections.flatMap((detection) => {
    const image = imageIds.get(detection.film);
    const category = classes.indexOf(detection.class) + 1;
    if (image === undefined || category === 0) return [];
    const { x, y, width, height, score } = detection;
    return [{ image_id: image, category_id: category, bbox: [x, y, width, height], score }];
  });
}

/** The true boxes of the films with the ids of `cocoResults`. Which films are read for a class COCO cannot say. */
export function cocoTruth(films: readonly FilmRecord[], classes: readonly string[]): CocoTruth {
  const boxes = films.flatMap((film, index) => film.boxes.map((box) => ({ ...box, image: index + 1 })));
  return {
    images: films.map((film, index) => ({
      id: index + 1,
      file_name: film.file,
      width: film.width,
      height: film.height,
    })),
    categories: classes.map((name, index) => ({ id: index + 1, name })),
    annotations: boxes
      .filter((box) => classes.includes(box.class))
      .map((box, index) => ({
        id: index + 1,
        image_id: box.image,
        category_id: classes.indexOf(box.class) + 1,
        bbox: [box.x, box.y, box.width, box.height],
        area: box.width * box.height,
        iscrowd: 0,
      })),
  };
}
