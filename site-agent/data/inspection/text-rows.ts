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
 * here, at a fraction of the time that looking for strokes takes; none that holds a line does.
 */
export function rowsForText({ width, height, pixels }: GreyPlane): TextRows {
  const rows = { bright: new Uint8Array(height), dark: new Uint8Array(height) };
  const blocks = Math.ceil(width / STROKE);
  const film = new BlockExtremes(blocks);
  const negative = new BlockExtremes(blocks); // in which dark strokes are bright
  for (let y = 0; y < height; y++) {
    film.read(pixels, y * width, width);
    negative.readNegative(film);
    if (hasChain(film)) rows.bright[y] = 1;
    if (hasChain(negative)) rows.dark[y] = 1;
  }
  return rows;
}

/** `STROKE`, as the pixels of a block are written out below. */
const BLOCK = 6 satisfies typeof STROKE;

/** The least and the greatest value of each block of a row, with an empty block on either side. */
class BlockExtremes {
  readonly darkest: Uint8Array;
  readonly brightest: Uint8Array;

  constructor(readonly blocks: number) {
    this.darkest = new Uint8Array(blocks + 2).fill(255);
    this.brightest = new Uint8Array(blocks + 2);
  }

  /**
   * Written without branches, because grain makes every branch a guess: with `s = (a − b) & ((a − b) >> 31)`, which is a − b
   * where a < b and else 0, b + s is the lesser of two and a − s the greater.
   */
  read(pixels: Uint8Array, from: number, width: number): void {
    const { darkest, brightest, blocks } = this;
    const whole = Math.floor(width / BLOCK);
    let at = from;
    for (let block = 1; block <= whole; block++, at += BLOCK) {
      const [a, b] = [pixels[at] as number, pixels[at + 1] as number];
      const [c, d] = [pixels[at + 2] as number, pixels[at + 3] as number];
      const [e, f] = [pixels[at + 4] as number, pixels[at + 5] as number];
      const [ab, cd, ef] = [negativePart(a - b), negativePart(c - d), negativePart(e - f)];
      darkest[block] = lesser(lesser(b + ab, d + cd), f + ef);
      brightest[block] = greater(greater(a - ab, c - cd), e - ef);
    }
    if (whole === blocks) return;
    let [low, high] = [255, 0];
    for (; at < from + width; at++) {
      low = lesser(low, pixels[at] as number);
      high = greater(high, pixels[at] as number);
    }
    darkest[blocks] = low;
    brightest[blocks] = high;
  }

  /** Those of the same row with black and white exchanged. */
  readNegative({ darkest, brightest, blocks }: BlockExtremes): void {
    for (let block = 1; block <= blocks; block++) {
      this.darkest[block] = 255 - (brightest[block] as number);
      this.brightest[block] = 255 - (darkest[block] as number);
    }
  }
}

function negativePart(difference: number): number {
  return difference & (difference >> 31);
}

function lesser(a: number, b: number): number {
  return b + negativePart(a - b);
}

function greater(a: number, b: number): number {
  return a - negativePart(a - b);
}

/** Whether enough blocks near each other may hold bright strokes. */
function hasChain({ darkest, brightest, blocks }: BlockExtremes): boolean {
  let [last, count] = [-1 - BLOCK_GAP, 0];
  for (let block = 1; block <= blocks; block++) {
    const limit = (brightest[block] as number) - CONTRAST;
    const isBeside = (darkest[block - 1] as number) <= limit && (darkest[block + 1] as number) <= limit;
    if ((darkest[block] as number) > limit && !isBeside) continue;
    count = block - last > BLOCK_GAP ? 1 : count + 1;
    if (count >= BLOCKS) return true;
    last = block;
  }
  return false;
}
