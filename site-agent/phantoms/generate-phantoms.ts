import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { FederationError } from '@fedoxnet/shared/errors';
import { writeCatalogue } from '../data/catalogue-file.js';
import type { Catalogue, FilmRecord, Supervision } from '../data/film.js';
import { drawPhantom } from './draw-phantom.js';
import { PHANTOM_CLASSES } from './lesions/lesion-kinds.js';
import { readPhantom } from './phantom-reading.js';
import { SCANNERS, type Scanner, type ScannerName } from './scanner.js';

export interface GeneratePhantomsOptions {
  /** Gets `catalogue.json` and `films/`. */
  readonly out: string;
  readonly films: number;
  /** Two sites need two seeds; the same seed gives the same bytes. */
  readonly seed: string | number;
  /** Side of the films in pixels. */
  readonly size: number;
  /** Findings that occur at this hospital; all by default. */
  readonly classes?: readonly string[];
  /** How often each of them occurs, as in `PhantomOptions`. */
  readonly prevalence?: Readonly<Record<string, number>>;
  /** Begins the films' ids; `phantom` when left out. */
  readonly prefix?: string;
  /** What the training films' reading says of each class; a class that is not named is unknown (`none`). */
  readonly supervision: Readonly<Record<string, Supervision>>;
  readonly scanner: ScannerName | Scanner;
  /** Share of films held out, 0 … 1; the last ones. */
  readonly valFraction: number;
  /** Classes read with boxes on held-out films, whatever the training films say; all by default. */
  readonly scoredClasses?: readonly string[];
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Writes a hospital of synthetic films: 8-bit grey PNGs and, last, the catalogue that lists them.
 * @throws {FederationError} `USAGE` for a class that no phantom can show
 */
export async function generatePhantoms(options: GeneratePhantomsOptions): Promise<Catalogue> {
  const { out, films, seed, size, valFraction, supervision, prevalence, prefix = 'phantom' } = options;
  const classes = options.classes ?? PHANTOM_CLASSES;
  const scored = options.scoredClasses ?? classes;
  for (const name of [...classes, ...Object.keys(supervision), ...scored]) {
    if (!PHANTOM_CLASSES.includes(name))
      throw new FederationError('USAGE', `Phantoms show ${PHANTOM_CLASSES.join(', ')}; not "${name}".`);
  }
  const scanner = typeof options.scanner === 'string' ? SCANNERS[options.scanner] : options.scanner;
  const firstVal = films - Math.round(films * valFraction);
  const valReading = Object.fromEntries(scored.map((name) => [name, 'box' as const]));
  await mkdir(join(out, 'films'), { recursive: true });
  const records: FilmRecord[] = [];
  for (let index = 0; index < films; index++) {
    const id = `${prefix}-${String(index + 1).padStart(5, '0')}`;
    const file = `films/${id}.png`;
    const phantom = drawPhantom({
      seed: `${seed}/${index}`,
      ...{ size, classes, scanner },
      ...(prevalence && { prevalence }),
    });
    await sharp(phantom.pixels, { raw: { width: size, height: size, channels: 1 } })
      .toColourspace('b-w')
      .png({ compressionLevel: 3 })
      .toFile(join(out, file));
    const split = index < firstVal ? 'train' : 'val';
    const said = split === 'train' ? supervision : valReading;
    records.push({
      id,
      file,
      width: size,
      height: size,
      patient: id,
      split,
      ...readPhantom(phantom, classes, said),
    });
    options.onProgress?.(index + 1, films);
  }
  const catalogue: Catalogue = {
    version: 1,
    source: `phantoms, seed ${seed}, ${scanner.name} scanner`,
    classes: [...classes],
    films: records,
  };
  await writeCatalogue(out, catalogue);
  return catalogue;
}
