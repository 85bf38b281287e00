import type { LabelNames } from '@fedoxnet/shared/study/label-names';
import { readCatalogue } from './catalogue-file.js';
import { decodeFilms, type FilmCacheOptions, type SetAside } from './film-cache.js';
import type { FilmRecord } from './film.js';
import { fitIntoSquare, toModel } from './letterbox.js';
import { inStudyNames } from './study-names.js';
import { readingMasks } from './supervision.js';
import type { FilmSet, TrainingFilm } from './training-film.js';

export interface FilmSetOptions {
  /** Holds `catalogue.json`. */
  readonly catalogueFolder: string;
  readonly split: FilmRecord['split'];
  /** Of the plan, in its order: the class index everywhere. */
  readonly classes: readonly string[];
  /** Of the plan: what the catalogue may call them. */
  readonly labels?: LabelNames | undefined;
  /** S, model pixels. */
  readonly size: number;
  readonly cacheFolder: string;
  readonly onProgress?: FilmCacheOptions['onProgress'];
}

/** The films of a split, and those that could not be used. */
export interface LoadedFilmSet extends FilmSet {
  readonly setAside: readonly SetAside[];
  /** The catalogue's entries of `films` in the study's names, in the same order. */
  readonly records: readonly FilmRecord[];
}

/** A film set whose pixels lie on the disk. */
export interface StoredFilmSet extends LoadedFilmSet {
  /** Ends the reading of pixels. */
  close(): void;
}

/**
 * Loads one split of a site's films, decoded or from the cache. A film that cannot be decoded is set aside with its
 * reason and never stops the others.
 * @throws {FederationError} as `readCatalogue`
 */
export async function loadFilmSet(options: FilmSetOptions): Promise<StoredFilmSet> {
  const { catalogueFolder, split, classes, size, cacheFolder, onProgress } = options;
  const { films } = inStudyNames(await readCatalogue(catalogueFolder), options);
  const decoded = await decodeFilms({
    catalogueFolder,
    films: films.filter((film) => film.split === split),
    size,
    cacheFolder,
    ...(onProgress && { onProgress }),
  });
  return {
    size,
    films: decoded.usable.map((film) => toTrainingFilm(film, classes, size)),
    records: decoded.usable,
    setAside: decoded.setAside,
    pixels: (index) => decoded.pixels(index),
    close: () => decoded.close(),
  };
}

/** Boxes of classes that the film was not read for exhaustively are left out: they cannot say what is background. */
export function toTrainingFilm(film: FilmRecord, classes: readonly string[], size: number): TrainingFilm {
  const masks = readingMasks(film, classes);
  const letterbox = fitIntoSquare(film.width, film.height, size);
  const known = film.boxes.filter((box) => masks.boxKnown[classes.indexOf(box.class)] === 1);
  return {
    id: film.id,
    ...masks,
    boxes: Float32Array.from(known.flatMap((box) => toModel(clipped(box, film), letterbox))),
    boxClasses: Int32Array.from(known, (box) => classes.indexOf(box.class)),
    letterbox,
    width: film.width,
    height: film.height,
  };
}

/** Label tables round: a box may pass the border by a pixel (`catalogue-file.ts`). */
function clipped(box: FilmRecord['boxes'][number], film: FilmRecord): typeof box {
  const x = Math.max(0, box.x);
  const y = Math.max(0, box.y);
  const width = Math.min(film.width, box.x + box.width) - x;
  const height = Math.min(film.height, box.y + box.height) - y;
  return { ...box, x, y, width, height };
}
