import { open, readFile } from 'node:fs/promises';
import { FederationError } from '@fedoxnet/shared/errors';
import { decodeFilm, FILMS_AT_ONCE, type PictureSource } from './decode-film.js';
import { prepareFilm } from './dicom/prepare-film.js';
import type { SetAside } from './film-cache.js';
import { toTrainingFilm, type LoadedFilmSet } from './film-set.js';
import type { FilmRecord } from './film.js';

/** Films that someone named, without a catalogue: nothing is known of them but their pixels. */
export interface NamedFilmSet extends LoadedFilmSet {
  /** Of each film, in the order of `records`: what its pixels are read from. */
  readonly pictures: readonly PictureSource[];
}

/** DICOM files begin with 128 bytes of anything, then this. */
const DICOM_MARK = 'DICM';
const DICOM_MARK_AT = 128;
/** Larger than any film: DICOM pixels are kept as they are. */
const WHOLE = 65_535;

/**
 * Decodes PNG, JPEG and DICOM films by their paths; a film's id is its path. One that cannot be used is set aside.
 * @param size S, model pixels
 */
export async function loadNamedFilms(
  paths: readonly string[],
  classes: readonly string[],
  size: number,
): Promise<NamedFilmSet> {
  const loaded: (NamedFilm | SetAside)[] = [];
  for (let first = 0; first < paths.length; first += FILMS_AT_ONCE) {
    const some = paths.slice(first, first + FILMS_AT_ONCE).map((path) => load(path, size));
    loaded.push(...(await Promise.all(some)));
  }
  const usable = loaded.filter((film) => 'pixels' in film);
  return {
    size,
    films: usable.map(({ record }) => toTrainingFilm(record, classes, size)),
    records: usable.map(({ record }) => record),
    pictures: usable.map(({ picture }) => picture),
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
  readonly picture: PictureSource;
  readonly pixels: Uint8Array;
}

async function load(path: string, size: number): Promise<NamedFilm | SetAside> {
  try {
    const picture = (await isDicom(path)) ? await dicomPicture(path) : path;
    const { width, height, pixels } = await decodeFilm(picture, size);
    const record: FilmRecord = {
      ...{ id: path, file: path, width, height, patient: path, split: 'val' },
      ...{ boxes: [], readings: {} },
    };
    return { record, picture, pixels };
  } catch (error) {
    if (error instanceof FederationError && error.code === 'FILM_UNREADABLE')
      return { id: path, reason: error.message };
    throw error;
  }
}

async function isDicom(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'r');
    try {
      const { buffer } = await file.read(
        Buffer.alloc(DICOM_MARK.length),
        0,
        DICOM_MARK.length,
        DICOM_MARK_AT,
      );
      return buffer.toString('latin1') === DICOM_MARK;
    } finally {
      await file.close();
    }
  } catch (cause) {
    const message = `${path} cannot be read (${(cause as Error).message}).`;
    throw new FederationError('FILM_UNREADABLE', message, { cause });
  }
}

async function dicomPicture(path: string): Promise<PictureSource> {
  const film = await prepareFilm(await readFile(path), WHOLE);
  if ('unreadable' in film) {
    throw new FederationError('FILM_UNREADABLE', `${path} cannot be decoded (${film.unreadable}).`);
  }
  return { name: path, bytes: film.png };
}
