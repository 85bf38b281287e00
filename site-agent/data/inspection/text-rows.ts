import type { GreyPlane } from '../grey-plane.js';

/** Letters of the sizes that matter are strokes no wider than this, in pixels. */
export const STROKE = 6;
/** How much brighter or darker than both sides a stroke is, of 255: burned-in text is drawn at full contrast. */
export const CONTRAST = 40;
/** Strokes of one word or line lie no further apart, in pixels. */
export const GAP = 26;
/** A line of text crosses a row of pixels with at least so many strokes: about six letters. */
export const CROSSINGS = 11;

/** Blocks of a stroke's width in which strokes of one line lie, at the least: a block has room for three strokes. */
const BLOCKS = Math.ceil(CROSSINGS / 3);
/** … and no further apart, in blocks. */
const BLOCK_GAP = Math.floor((GAP + STROKE - 1) / STROKE);

/** By row of pixels, 1 where a line of bright or of dark strokes may cross it. */
export interface TextRows {
  readonly bright: Uint8Array;
  readonly dark: Uint8Array;
}

/**
 * Leaves out the rows that no line of text can cross, by the brightest and darkest pixel of each block of a stroke's width: a
 * stroke has something darker (brighter) by `CONTRAST` in its own block or the next, on both sides. Most rows of a film fall
 * here, at a sixth of the time that looking for strokes takes; none that holds a line does.
 */
export function rowsForText({ width, height, pixels }: GreyPlane): TextRows {
  const rows = { bright: new Uint8Array(height), dark: new Uint8Array(height) };
  const blocks = Math.ceil(width / STROKE);
  // With an empty block on either side.
  const darkest = new Uint8Array(blocks + 2).fill(255);
  const brightest = new Uint8Array(blocks + 2);
  for (let y = 0; y < height; y++) {
    const end = (y + 1) * width;
    for (let block = 1, at = y * width; block <= blocks; block++) {
      const next = Math.min(end, at + STROKE);
      let [low, high] = [255, 0];
      for (; at < next; at++) {
        const value = pixels[at] as number;
        if (value < low) low = value;
        if (value > high) high = value;
      }
      darkest[block] = low;
      brightest[block] = high;
    }
    if (hasChain(brightest, darkest, 1)) rows.bright[y] = 1;
    if (hasChain(darkest, brightest, -1)) rows.dark[y] = 1;
  }
  return rows;
}

/**
 * Whether enough blocks near each other may hold strokes.
 * @param strokes the extreme of each block to the side of the strokes, [blocks + 2]
 * @param ground  the other extreme
 * @param sign    1 for bright strokes, −1 for dark ones
 */
function hasChain(strokes: Uint8Array, ground: Uint8Array, sign: 1 | -1): boolean {
  let [last, count] = [-1 - BLOCK_GAP, 0];
  for (let block = 1; block < strokes.length - 1; block++) {
    const limit = sign * (strokes[block] as number) - CONTRAST;
    const reaches = (other: number): boolean => sign * (ground[other] as number) <= limit;
    if (!reaches(block) && !(reaches(block - 1) && reaches(block + 1))) continue;
    count = block - last > BLOCK_GAP ? 1 : count + 1;
    if (count >= BLOCKS) return true;
    last = block;
  }
  return false;
}
