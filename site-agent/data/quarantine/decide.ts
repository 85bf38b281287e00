import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { CATALOGUE_FILE, readCatalogue, writeCatalogue } from '../catalogue-file.js';
import { withStudyDays } from '../door/film-record.js';
import { FilmRegister } from '../door/film-register.js';
import type { Catalogue, FilmRecord } from '../film.js';
import { Quarantine } from './quarantine.js';

/**
 * Puts a film that a person looked at into the catalogue after all. The quarantine lets go of it last: a process killed in
 * between can do it again.
 * @throws {FederationError} `NOT_FOUND` for an id that is not set aside, `FILM_UNREADABLE` for a film without a picture
 */
export async function releaseFilm(data: string, id: string): Promise<FilmRecord> {
  const quarantine = new Quarantine(data);
  const { record } = await quarantine.get(id);
  if (record === null)
    throw new FederationError(
      'FILM_UNREADABLE',
      `The film ${id} could not be decoded: there is nothing to release.`,
    );
  const register = await FilmRegister.open(data);
  const before = await existingCatalogue(data);
  const others = before.films.filter((film) => film.id !== id);
  const split = others.find(({ patient }) => patient === record.patient)?.split ?? record.split;
  await writeFileAtomic(join(data, record.file), await quarantine.readFilm(id), 0o600);
  const films = withStudyDays([...others, { ...record, split }], (film) => register.find(film));
  const classes = [...new Set([...before.classes, ...Object.keys(record.readings)])];
  await writeCatalogue(data, { ...before, classes, films });
  await decide(register, id, 'released');
  await quarantine.remove(id);
  return films.at(-1) as FilmRecord;
}

/** Deletes a film that is set aside; a later import of the same film leaves it out. @throws {FederationError} `NOT_FOUND` */
export async function discardFilm(data: string, id: string): Promise<void> {
  const quarantine = new Quarantine(data);
  await quarantine.get(id);
  await decide(await FilmRegister.open(data), id, 'discarded');
  await quarantine.remove(id);
}

async function decide(register: FilmRegister, id: string, outcome: 'released' | 'discarded'): Promise<void> {
  const entry = register.find(id);
  if (entry !== null) await register.add({ ...entry, outcome });
}

async function existingCatalogue(data: string): Promise<Catalogue> {
  const found = await stat(join(data, CATALOGUE_FILE)).catch(() => null);
  if (found !== null) return readCatalogue(data);
  return { version: 1, source: 'DICOM films', classes: [], films: [] };
}
