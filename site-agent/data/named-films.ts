import { FederationError } from '@fedoxnet/shared/errors';
import { decodeFilm, FILMS_AT_ONCE } from './decode-film.js';
import type { SetAside } from './film-cache.js';
import { toTrainingFilm, type LoadedFilmSet } from './film-set.js';
import type { FilmRecord } from './film.js';
import { LEAST_SCORE, lookAtChest } from './inspection/chest-look.js';
import { fitIntoSquare } from './letterbox.js';
import { turnSquare, type QuarterTurns } from './quarter-turn.js';

/**
 * Decodes PNG, JPEG and DICOM films that someone named, without a catalogue: nothing is known of them but their pixels, and a
 * film's id is its path. A chest that lies on its side or upside down is turned upright for the model. A film that cannot be
 * used is set aside.
 * @param size S, model pixels
 */
export async function loadNamedFilms(
  paths: readonly string[],
  classes: readonly string[],
  size: number,
): Promise<LoadedFilmSet> {
  const loaded: (NamedFilm | SetAside)[] = [];
  for (let first = 0; first < paths.length; first += FILMS_AT_ONCE) {
    const some = paths.slice(first, first + FILMS_AT_ONCE).map((path) => load(path, size));
    loaded.push(...(await Promise.all(some)));
  }
  const usable = loaded.filter((film) => 'pixels' in film);
  return {
    size,
    films: usable.map(({ record, turns }) => ({
      ...toTrainingFilm(record, classes, size),
      ...(turns !== 0 && { turns }),
    })),
    records: usable.map(({ record }) => record),
    setAside: loaded.filter((film): film is SetAside => 'reason' in film),
    pixels(index) {
      const film = usable[index];
      if (film === undefined) throw new RangeError(`film ${index} of ${usable.length} does not exist`);
      return film.pixels;
    },
  };
}

interface NamedFilm {
  readonly record: FilmRecord;
  readonly turns: QuarterTurns;
  readonly pixels: Uint8Array;
}

async function load(path: string, size: number): Promise<NamedFilm | SetAside> {
  try {
    const { width, height, pixels } = await decodeFilm(path, size);
    const record: FilmRecord = {
      ...{ id: path, file: path, width, height, patient: path, split: 'val' },
      ...{ boxes: [], readings: {} },
    };
    const turns = turnsToUpright(pixels, { width, height }, size);
    return { record, turns, pixels: turnSquare(pixels, size, turns) };
  } catch (error) {
    if (error instanceof FederationError && error.code === 'FILM_UNREADABLE')
      return { id: path, reason: error.message };
    throw error;
  }
}

/** @param pixels [size · size] of the fitted film. @returns 0 for what may be no chest, or is a negative */
function turnsToUpright(
  pixels: Uint8Array,
  film: { readonly width: number; readonly height: number },
  size: number,
): QuarterTurns {
  const { left, top, width, height } = fitIntoSquare(film.width, film.height, size);
  const rows = Array.from({ length: height }, (_, y) => {
    const from = (top + y) * size + left;
    return pixels.subarray(from, from + width);
  });
  const { turns, inverted, score } = lookAtChest({ width, height, pixels: Buffer.concat(rows) });
  return inverted || score < LEAST_SCORE ? 0 : turns;
}
