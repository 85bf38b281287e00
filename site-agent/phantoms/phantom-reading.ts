import type { FilmRecord, Supervision } from '../data/film.js';
import type { Phantom } from './draw-phantom.js';

/**
 * What a reader who reports classes as `supervision` says would have written about the film. A class that is not named is
 * unknown, and its boxes are not told.
 */
export function readPhantom(
  { lesions }: Pick<Phantom, 'lesions'>,
  classes: readonly string[],
  supervision: Readonly<Record<string, Supervision>>,
): Pick<FilmRecord, 'boxes' | 'readings'> {
  const readings: FilmRecord['readings'] = {};
  for (const name of classes) {
    const kind = supervision[name] ?? 'none';
    const present = lesions.some((lesion) => lesion.class === name) ? 1 : 0;
    if (kind === 'box') readings[name] = { supervision: 'box' };
    if (kind === 'image') readings[name] = { supervision: 'image', present };
  }
  return {
    boxes: lesions.filter((lesion) => supervision[lesion.class] === 'box').map((box) => ({ ...box })),
    readings,
  };
}
