import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { writeFileAtomic } from '../files/atomic-file.js';
import { readJsonFile } from '../files/json-file.js';
import { catalogue, type Catalogue, type FilmRecord } from './film.js';

export const CATALOGUE_FILE = 'catalogue.json';

/** Label tables round to hundredths and scale by halves: a box may pass its film's border by this many pixels. */
const BORDER_TOLERANCE = 1;

/**
 * Reads and checks a site's list of films.
 * @throws {FederationError} `DATA_MISSING` without a catalogue in `folder`; `DATA_INVALID` or `BOX_OUTSIDE_FILM`
 *   naming the film and its row (1-based) when an entry is wrong.
 */
export async function readCatalogue(folder: string): Promise<Catalogue> {
  const path = join(folder, CATALOGUE_FILE);
  const parsed = await readJsonFile(path, catalogue, 'DATA_INVALID');
  if (parsed === null) throw new FederationError('DATA_MISSING', `${path} does not exist.`);
  checkCatalogue(parsed, path);
  return parsed;
}

/** Checks, then replaces the folder's catalogue as a whole: a reader sees the old list or the new one. */
export async function writeCatalogue(folder: string, content: Catalogue): Promise<void> {
  const path = join(folder, CATALOGUE_FILE);
  checkCatalogue(content, path);
  await writeFileAtomic(path, `${JSON.stringify(content, null, 1)}\n`);
}

/** What the schema cannot say: names are unique, boxes lie in their film, no patient is in two splits. */
export function checkCatalogue(content: Catalogue, path: string): void {
  const classes = new Set(content.classes);
  const ids = new Set<string>();
  const splitOf = new Map<string, FilmRecord['split']>();
  for (const [index, film] of content.films.entries()) {
    const where = `${path}, film ${index + 1} ("${film.id}")`;
    if (ids.has(film.id))
      throw new FederationError('DATA_INVALID', `${where} has the id of an earlier film.`);
    ids.add(film.id);
    if ((splitOf.get(film.patient) ?? film.split) !== film.split)
      throw new FederationError('DATA_INVALID', `${where} has a patient who is in train and val.`);
    splitOf.set(film.patient, film.split);
    checkClasses(film, classes, where);
    checkBoxes(film, where);
  }
}

function checkClasses(film: FilmRecord, classes: ReadonlySet<string>, where: string): void {
  const named = [...film.boxes.map((box) => box.class), ...Object.keys(film.readings)];
  const stranger = named.find((name) => !classes.has(name));
  if (stranger !== undefined)
    throw new FederationError('DATA_INVALID', `${where} names the class "${stranger}", which is not listed.`);
}

function checkBoxes(film: FilmRecord, where: string): void {
  for (const box of film.boxes) {
    const inside =
      box.x >= -BORDER_TOLERANCE &&
      box.y >= -BORDER_TOLERANCE &&
      box.x + box.width <= film.width + BORDER_TOLERANCE &&
      box.y + box.height <= film.height + BORDER_TOLERANCE;
    if (!inside)
      throw new FederationError(
        'BOX_OUTSIDE_FILM',
        `${where}: the ${box.class} box ${box.x},${box.y} ${box.width}×${box.height} leaves the film of ${film.width}×${film.height} pixels.`,
      );
  }
}
