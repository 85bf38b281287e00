import { toTrainingFilm } from '../data/film-set.js';
import type { FilmRecord } from '../data/film.js';
import { stretchGrey } from '../data/stretch-grey.js';
import type { FilmSet, TrainingFilm } from '../data/training-film.js';
import { drawPhantom } from './draw-phantom.js';
import { PHANTOM_CLASSES } from './lesions/lesion-kinds.js';
import { SCANNERS } from './scanner.js';

export interface PhantomFilmSetOptions {
  readonly films: number;
  readonly seed: string | number;
  /** Side of the films in pixels. */
  readonly size: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Films of all units in turn, with every finding boxed, in memory and ready to train on: what a study can learn from
 * before it has seen a patient. Classes are `PHANTOM_CLASSES`.
 */
export function phantomFilmSet({ films, seed, size, onProgress }: PhantomFilmSetOptions): FilmSet {
  const scanners = Object.values(SCANNERS);
  const readings = Object.fromEntries(PHANTOM_CLASSES.map((name) => [name, { supervision: 'box' as const }]));
  const whole = { left: 0, top: 0, width: size, height: size };
  const drawn: TrainingFilm[] = [];
  const pixels: Uint8Array[] = [];
  for (let index = 0; index < films; index++) {
    const id = `phantom-${index + 1}`;
    const scanner = scanners[index % scanners.length]!;
    const phantom = drawPhantom({ seed: `${seed}/${index}`, size, classes: PHANTOM_CLASSES, scanner });
    const record: FilmRecord = {
      id,
      file: id,
      width: size,
      height: size,
      patient: id,
      split: 'train',
      boxes: phantom.lesions.map((lesion) => ({ ...lesion })),
      readings,
    };
    drawn.push(toTrainingFilm(record, PHANTOM_CLASSES, size));
    pixels.push(stretchGrey(phantom.pixels, 1, whole, size));
    onProgress?.(index + 1, films);
  }
  return {
    size,
    films: drawn,
    pixels(index) {
      const film = pixels[index];
      if (film === undefined) throw new RangeError(`film ${index} of ${films} does not exist`);
      return film;
    },
  };
}
