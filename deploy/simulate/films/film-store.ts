import { mkdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { canonicalJson } from '@fedoxnet/shared/study/canonical-json';
import { digestOf } from '@fedoxnet/shared/weights/digest';
import { readCatalogue, writeCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import type { CxrHospital } from '@fedoxnet/site-agent/data/importers/cxr-hospitals';
import { importCxrManifest } from '@fedoxnet/site-agent/data/importers/cxr-manifest';
import type { Drawing, Job } from '../workers/jobs.js';
import type { WorkerPool } from '../workers/worker-pool.js';

/** A folder with `catalogue.json`, and where its decoded films lie. */
export interface FilmFolder {
  readonly folder: string;
  readonly cache: string;
  readonly train: number;
  readonly val: number;
}

/** Raised when phantoms are drawn otherwise: earlier ones are then drawn anew. */
const VERSION = 1;

/** Films of all hospitals, each set made once and found again by what decides it. */
export class FilmStore {
  readonly #root: string;
  readonly #pool: WorkerPool;
  readonly #made = new Map<string, Promise<FilmFolder>>();

  constructor(root: string, pool: WorkerPool) {
    this.#root = root;
    this.#pool = pool;
  }

  /** Phantoms, drawn when they are not there yet. */
  phantoms(drawing: Drawing): Promise<FilmFolder> {
    const key = this.#keyOf(drawing);
    return this.#once(key, async () => {
      const folder = join(this.#root, key);
      const drawn = await readCatalogue(folder).then(
        ({ films }) => films.length === drawing.films,
        () => false, // it is written last: without it the films may be half of what they should be
      );
      const { size, classes } = drawing;
      return await this.#load(folder, folder, drawn ? null : drawing, size, classes);
    });
  }

  /** A catalogue of somebody else, which is only read. */
  folder(path: string, size: number, classes: readonly string[]): Promise<FilmFolder> {
    const folder = resolve(path);
    const key = this.#keyOf({ folder, size, classes });
    return this.#once(key, () => this.#load(folder, join(this.#root, key), null, size, classes));
  }

  /** What one hospital has of public films, which stay where they are. */
  divided(path: string, part: CxrHospital, size: number, classes: readonly string[]): Promise<FilmFolder> {
    const source = resolve(path);
    const key = this.#keyOf({ source, part, size, classes });
    return this.#once(key, async () => {
      const folder = join(this.#root, key);
      await mkdir(folder, { recursive: true });
      await importCxrManifest({ source, out: folder, part, classes });
      return await this.#load(folder, folder, null, size, classes);
    });
  }

  /** The training films of several hospitals in one place, with all that is known of them. */
  pooled(
    parts: readonly (FilmFolder & { readonly site: string })[],
    size: number,
    classes: readonly string[],
  ): Promise<FilmFolder> {
    const key = this.#keyOf({ pooled: parts.map(({ site, folder }) => [site, folder]), size, classes });
    return this.#once(key, async () => {
      const folder = join(this.#root, key);
      await mkdir(folder, { recursive: true });
      const catalogues = await Promise.all(parts.map(({ folder: from }) => readCatalogue(from)));
      const films = parts.flatMap(({ site, folder: from }, index) =>
        catalogues[index]!.films.filter(({ split }) => split === 'train').map((film) => ({
          ...film,
          id: `${site}/${film.id}`,
          patient: `${site}/${film.patient}`,
          file: relative(folder, join(from, film.file)),
        })),
      );
      await writeCatalogue(folder, {
        version: 1,
        source: 'training films of several hospitals',
        classes: [...new Set(catalogues.flatMap((catalogue) => catalogue.classes))],
        films,
      });
      return await this.#load(folder, folder, null, size, classes);
    });
  }

  #keyOf(decisive: unknown): string {
    return digestOf(canonicalJson([VERSION, decisive])).slice(0, 16);
  }

  #once(key: string, make: () => Promise<FilmFolder>): Promise<FilmFolder> {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#made.set(key, made);
    return made;
  }

  async #load(
    folder: string,
    cacheIn: string,
    drawing: Drawing | null,
    size: number,
    classes: readonly string[],
  ): Promise<FilmFolder> {
    const cache = join(cacheIn, 'decoded');
    const job: Job = { kind: 'films', folder, cache, drawing, size, classes };
    const { train, val } = await this.#pool.run<'films'>(job);
    return { folder, cache, train, val };
  }
}
