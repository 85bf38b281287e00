import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { CATALOGUE_FILE } from '../../data/catalogue-file.js';
import { SUPERVISIONS, type Catalogue, type FilmRecord, type Supervision } from '../../data/film.js';
import { readingMasks } from '../../data/supervision.js';
import type { FilmFilter, FilmLine } from '../messages.js';
import { readLargeCatalogue } from './large-catalogue.js';
import type { BoxesOfFilms } from './seen-boxes.js';

interface Indexed {
  readonly catalogue: Catalogue;
  readonly byId: ReadonlyMap<string, FilmRecord>;
}

/** The site's catalogue as the page asks for it; read again when its file has changed. */
export class FilmIndex {
  private read: { readonly stamp: string; readonly content: Promise<Indexed> } | null = null;

  constructor(readonly data: string) {}

  /** @throws {FederationError} as `readCatalogue` */
  async catalogue(): Promise<Catalogue> {
    return (await this.current()).catalogue;
  }

  /** @throws {FederationError} `NOT_FOUND` */
  async film(id: string): Promise<FilmRecord> {
    const found = (await this.current()).byId.get(id);
    if (found === undefined) throw new FederationError('NOT_FOUND', `The catalogue has no film ${id}.`);
    return found;
  }

  /**
   * A page of the films that fit, in the catalogue's order, and how many fit.
   * @param seen what the model found on the films that it was asked about
   */
  async list(
    filter: FilmFilter,
    seen: BoxesOfFilms,
    { from, count }: { readonly from: number; readonly count: number } = { from: 0, count: Infinity },
  ): Promise<{ readonly fitting: number; readonly films: FilmLine[] }> {
    const { catalogue } = await this.current();
    const { minScore } = filter;
    const fitting = catalogue.films.filter(
      (film) =>
        fits(film, filter) && (minScore === undefined || (bestOf(film, filter, seen) ?? -1) >= minScore),
    );
    const page = fitting.slice(from, from + count);
    return {
      fitting: fitting.length,
      films: page.map((film) => lineOf(film, catalogue.classes, filter, seen)),
    };
  }

  private async current(): Promise<Indexed> {
    const found = await stat(join(this.data, CATALOGUE_FILE)).catch(() => null);
    const stamp = `${found?.mtimeMs} ${found?.size} ${found?.ino}`;
    if (this.read?.stamp !== stamp) this.read = { stamp, content: this.load() };
    const { content } = this.read;
    content.catch(() => (this.read = null)); // tried again when it is asked for again
    return content;
  }

  private async load(): Promise<Indexed> {
    const catalogue = await readLargeCatalogue(this.data);
    return { catalogue, byId: new Map(catalogue.films.map((film) => [film.id, film])) };
  }
}

/** What a film's reading says of a class, or of any class when none is named. */
export function supervisionOf(film: FilmRecord, name?: string): Supervision {
  const readings = name === undefined ? Object.values(film.readings) : [film.readings[name]];
  const kinds = readings.map((reading) => reading?.supervision ?? 'none');
  return SUPERVISIONS.find((kind) => kinds.includes(kind)) ?? 'none';
}

function fits(film: FilmRecord, { split, class: name, supervision, finding, text }: FilmFilter): boolean {
  if (split !== undefined && film.split !== split) return false;
  if (supervision !== undefined && supervisionOf(film, name) !== supervision) return false;
  if (text !== undefined && !film.id.toLowerCase().includes(text.toLowerCase())) return false;
  if (finding === undefined) return true;
  const classes = name === undefined ? Object.keys(film.readings) : [name];
  const { label, labelKnown } = readingMasks(film, classes);
  const isPresent = label.some((present, k) => present === 1 && labelKnown[k] === 1);
  return finding === 'present' ? isPresent : labelKnown.includes(1) && !isPresent;
}

function lineOf(
  film: FilmRecord,
  classes: readonly string[],
  filter: FilmFilter,
  seen: BoxesOfFilms,
): FilmLine {
  const { label, labelKnown } = readingMasks(film, classes);
  return {
    id: film.id,
    split: film.split,
    supervision: supervisionOf(film, filter.class),
    present: classes.filter((_, k) => labelKnown[k] === 1 && label[k] === 1),
    boxes: film.boxes.length,
    best: bestOf(film, filter, seen),
  };
}

/** The model's highest score of the class, or of any; null where it was not asked. */
function bestOf(film: FilmRecord, { class: name }: FilmFilter, seen: BoxesOfFilms): number | null {
  const found = seen.of(film)?.filter((box) => name === undefined || box.class === name);
  return found === undefined ? null : Math.max(0, ...found.map(({ score }) => score));
}
