import { toTrainingFilm, type LoadedFilmSet } from '../data/film-set.js';
import type { FilmRecord, Supervision } from '../data/film.js';
import { stretchGrey } from '../data/stretch-grey.js';
import { drawPhantom } from './draw-phantom.js';
import { PHANTOM_CLASSES } from './lesions/lesion-kinds.js';
import { readPhantom } from './phantom-reading.js';
import { SCANNERS } from './scanner.js';

export interface PhantomFilmSetOptions {
  readonly films: number;
  readonly seed: string | number;
  /** Side of the films in pixels. */
  readonly size: number;
  /** Findings that occur; all by default. */
  readonly classes?: readonly string[];
  /** How film `index` was read, for all classes alike; every finding is boxed by default. */
  readonly supervision?: (index: number) => Supervision;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Films of all units in turn, in memory and ready to train on: what a study can learn from before it has seen a
 * patient.
 */
export function phantomFilmSet(options: PhantomFilmSetOptions): LoadedFilmSet {
  const { films, seed, size, classes = PHANTOM_CLASSES, supervision = () => 'box', onProgress } = options;
  const scanners = Object.values(SCANNERS);
  const whole = { left: 0, top: 0, width: size, height: size };
  const records: FilmRecord[] = [];
  const pixels: Uint8Array[] = [];
  for (let index = 0; index < films; index++) {
    const id = `phantom-${index + 1}`;
    const scanner = scanners[index % scanners.length]!;
    const phantom = drawPhantom({ seed: `${seed}/${index}`, size, classes, scanner });
    const said = Object.fromEntries(classes.map((name) => [name, supervision(index)]));
    records.push({
      id,
      file: id,
      width: size,
      height: size,
      patient: id,
      split: 'train',
      ...readPhantom(phantom, classes, said),
    });
    pixels.push(stretchGrey(phantom.pixels, whole, size));
    onProgress?.(index + 1, films);
  }
  return {
    size,
    films: records.map((record) => toTrainingFilm(record, classes, size)),
    records,
    setAside: [],
    pixels(index) {
      const film = pixels[index];
      if (film === undefined) throw new RangeError(`film ${index} of ${films} does not exist`);
      return film;
    },
  };
}
