import { decodeFilm } from '../decode-film.js';
import { fitIntoSquare } from '../letterbox.js';

/** Mean grey does not change with the size at which it is taken; a small one is quick. */
const SIDE = 128;

/**
 * Decodes a film and takes the mean of its grey values, stretched to 0 … 255.
 * @throws {FederationError} `FILM_UNREADABLE`
 */
export async function measureFilm(path: string): Promise<number> {
  const { width, height, pixels } = await decodeFilm(path, SIDE);
  const { left, top, width: columns, height: rows } = fitIntoSquare(width, height, SIDE);
  let sum = 0;
  for (let y = top; y < top + rows; y += 1) {
    for (let x = left; x < left + columns; x += 1) sum += pixels[y * SIDE + x]!;
  }
  return Math.round((sum / (rows * columns)) * 100) / 100;
}
