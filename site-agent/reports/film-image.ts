import { readGrey, type PictureSource } from '../data/decode-film.js';
import type { GreyPlane } from '../data/grey-plane.js';
import { stretchGrey } from '../data/stretch-grey.js';

/** Share of the pixels at either end that may be lost in black or white: a bright letter must not darken the lungs. */
const CLIPPED = 0.0025;

/**
 * A film for people to look at, at any size. The model sees it from its darkest to its brightest value; here the
 * outermost quarter of a percent on either side is cut off.
 * @param scale of the film's own size, for its longer side
 * @throws {FederationError} `FILM_UNREADABLE` as `readGrey`
 */
export async function filmImage(
  source: PictureSource,
  scale: (longerSide: number) => number,
): Promise<GreyPlane> {
  const { width, height, values } = await readGrey(source, (fileWidth, fileHeight) => {
    const factor = scale(Math.max(fileWidth, fileHeight));
    const side = (length: number) => Math.max(1, Math.round(length * factor));
    return { width: side(fileWidth), height: side(fileHeight) };
  });
  clipEnds(values);
  return { width, height, pixels: stretchGrey(values, { left: 0, top: 0, width, height }, width, height) };
}

function clipEnds(values: Uint8Array | Uint16Array): void {
  const [low, high] = greyRange(values);
  values.forEach((value, i) => (values[i] = Math.min(Math.max(value, low), high)));
}

/** The grey values that remain when the outermost quarter of a percent on either side is left out. */
export function greyRange(values: Uint8Array | Uint16Array): readonly [low: number, high: number] {
  const counts = new Uint32Array(values.BYTES_PER_ELEMENT === 1 ? 256 : 65_536);
  for (const value of values) counts[value]!++;
  return [rankedValue(counts, CLIPPED * values.length), rankedValue(counts, (1 - CLIPPED) * values.length)];
}

/** The least value that more than `rank` of the counted ones do not exceed. @param rank below their number */
function rankedValue(counts: Uint32Array, rank: number): number {
  let seen = 0;
  return counts.findIndex((count) => (seen += count) > rank);
}
