import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { writeCatalogue } from '../catalogue-file.js';
import type { Catalogue, FilmRecord } from '../film.js';
import { divideByPatient, type CxrHospital } from './cxr-hospitals.js';
import { fullReading, nihBoxReading, nihLabelReading, rsnaReading, unread } from './cxr-readings.js';
import { NIH_CLASSES, readCxrTables, RSNA_CLASS, type CxrFilm } from './cxr-tables.js';

/** The NIH classes in the order of their names, then the RSNA class. */
export const CXR_CLASSES: readonly string[] = [...NIH_CLASSES, RSNA_CLASS];

export interface ImportCxrOptions {
  /** Folder with `manifest.csv`, `boxes.csv` and the films. */
  readonly source: string;
  /** Gets `catalogue.json`, which points to the films where they are. */
  readonly out: string;
  /** One hospital's films, or `held-out`: all films of the val split, each with the full truth. */
  readonly part: CxrHospital | 'held-out';
  /** Classes to keep, in this order; all by default. */
  readonly classes?: readonly string[];
}

export interface CxrImport {
  readonly catalogue: Catalogue;
  readonly films: { readonly train: number; readonly val: number };
  /** Per class: boxes, and films by what their reading says. */
  readonly classes: readonly {
    readonly class: string;
    readonly boxes: { readonly train: number; readonly val: number };
    readonly boxRead: { readonly train: number; readonly val: number };
    readonly imageRead: { readonly train: number; readonly val: number };
  }[];
  /** Rows whose film is not there. */
  readonly refused: readonly { readonly file: string; readonly line: number; readonly reason: string }[];
}

/** What a hospital's own reading says of its training films; held-out films carry the full truth everywhere. */
const TRAINING_READING = {
  'nih-boxes': nihBoxReading,
  'rsna-boxes': rsnaReading,
  'nih-labels': nihLabelReading,
  unlabelled: unread,
} as const;

/**
 * Writes the catalogue of one hospital's share of a folder of public chest films.
 * @throws {FederationError} `DATA_MISSING`, `DATA_INVALID`, `BOX_OUTSIDE_FILM`, naming file and line; `NO_USABLE_FILMS`
 *   when no row of the part has its film
 */
export async function importCxrManifest(options: ImportCxrOptions): Promise<CxrImport> {
  const { source, out, part, classes = CXR_CLASSES } = options;
  const stranger = classes.find((name) => !CXR_CLASSES.includes(name));
  if (stranger !== undefined)
    throw new FederationError(
      'USAGE',
      `The films are read for ${CXR_CLASSES.join(', ')}; not "${stranger}".`,
    );
  const all = await readCxrTables(source);
  for (const film of all) checkBoxes(film, source);
  const hospitals = divideByPatient(all);
  const chosen = all.filter((film) => belongs(film, part, hospitals));
  const found = await Promise.all(chosen.map((film) => exists(join(source, film.file))));
  const refused = chosen
    .filter((_, index) => !found[index])
    .map(({ file, line }) => ({ file, line, reason: `${file} is not in ${source}.` }));
  const films = chosen
    .filter((_, index) => found[index])
    .map((film) => toRecord(film, part, classes, imagePath(source, out, film.file)));
  if (films.length === 0)
    throw new FederationError(
      'NO_USABLE_FILMS',
      `None of the ${chosen.length} films of ${part} is in ${source}.`,
    );
  const catalogue: Catalogue = {
    version: 1,
    source: `public chest films, ${part}`,
    classes: [...classes],
    films,
  };
  await writeCatalogue(out, catalogue);
  return { catalogue, ...countReadings(catalogue), refused };
}

function belongs(
  film: CxrFilm,
  part: ImportCxrOptions['part'],
  hospitals: ReadonlyMap<string, CxrHospital>,
): boolean {
  // Figures from papers carry arrows and letters; held-out films without any reading cannot be scored.
  if (film.set === 'covid' || (film.split === 'val' && film.set !== 'nih')) return false;
  return part === 'held-out' ? film.split === 'val' : hospitals.get(film.patient) === part;
}

function toRecord(
  film: CxrFilm,
  part: ImportCxrOptions['part'],
  classes: readonly string[],
  file: string,
): FilmRecord {
  const read = film.split === 'val' || part === 'held-out' ? fullReading : TRAINING_READING[part];
  const { boxes, readings } = read(film);
  return {
    id: `cxr-${digest(film.file)}`,
    file,
    width: film.width,
    height: film.height,
    patient: `patient-${digest(film.patient)}`,
    split: film.split,
    boxes: boxes.filter((box) => classes.includes(box.class)).map((box) => ({ ...box })),
    readings: Object.fromEntries(Object.entries(readings).filter(([name]) => classes.includes(name))),
  };
}

/** Before anything is chosen, so that the message can name the row of the table. */
function checkBoxes({ file, line, width, height, boxes }: CxrFilm, source: string): void {
  const outside = boxes.find(
    (box) => box.x < -1 || box.y < -1 || box.x + box.width > width + 1 || box.y + box.height > height + 1,
  );
  if (outside === undefined) return;
  const { class: name, x, y, width: w, height: h } = outside;
  throw new FederationError(
    'BOX_OUTSIDE_FILM',
    `${join(source, 'boxes.csv')}: the ${name} box ${x},${y} ${w}×${h} leaves ${file} (manifest.csv, line ${line}) of ${width}×${height} pixels.`,
  );
}

function countReadings({ films, classes }: Catalogue): Pick<CxrImport, 'films' | 'classes'> {
  const bySplit = (count: (film: FilmRecord) => number): { train: number; val: number } => ({
    train: films.filter(({ split }) => split === 'train').reduce((sum, film) => sum + count(film), 0),
    val: films.filter(({ split }) => split === 'val').reduce((sum, film) => sum + count(film), 0),
  });
  const read = (name: string, supervision: 'box' | 'image'): { train: number; val: number } =>
    bySplit((film) => (film.readings[name]?.supervision === supervision ? 1 : 0));
  return {
    films: bySplit(() => 1),
    classes: classes.map((name) => ({
      class: name,
      boxes: bySplit((film) => film.boxes.filter((box) => box.class === name).length),
      boxRead: read(name, 'box'),
      imageRead: read(name, 'image'),
    })),
  };
}

function imagePath(source: string, out: string, file: string): string {
  return relative(resolve(out), resolve(source, file)).split(sep).join('/');
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
