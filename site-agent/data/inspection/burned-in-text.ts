import type { GreyPlane } from '../grey-plane.js';
import { halved } from './area-mean.js';
import { CONTRAST, CROSSINGS, GAP, rowsForText, STROKE } from './text-rows.js';

/** A line of text crosses at least so many rows, one below the other. */
const ROWS = 5;
/** Markers such as PORTABLE have up to 25 strokes; a name with a date or a number has more. */
const LONG_LINE = 30;

/**
 * Whether a film carries more print than one word of a marker: a long line, or two lines. Large letters are looked for on
 * the film at half its size.
 * @param plane of about 1000 pixels on its longer side
 */
export function hasBurnedInText(plane: GreyPlane): boolean {
  return [plane, halved(plane)].some((film) => {
    const lines = findTextLines(film);
    return lines.length > 1 || lines.some(({ strokes }) => strokes >= LONG_LINE);
  });
}

/** Where a line of text seems to be, in pixels, and how many strokes cross it: about two per letter. */
export interface TextLine {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly strokes: number;
}

/**
 * Looks for lines of printed text: rows of pixels that many narrow, sharp strokes cross at short distances, one row below
 * the other. Side markers of a letter, wires and ribs cross a row a few times at most.
 * @param plane of about 1000 pixels on its longer side; smaller text than 7 pixels is not seen
 */
export function findTextLines(plane: GreyPlane): TextLine[] {
  const lines: TextLine[] = [];
  const rows = rowsForText(plane);
  for (const line of [...linesOf(plane, 1, rows.bright), ...linesOf(plane, -1, rows.dark)]) {
    // Letters with a dark rim are seen once as bright strokes and once by what lies between them.
    const twin = lines.findIndex((other) => overlap(other, line));
    const known = lines[twin];
    if (known === undefined) lines.push(line);
    else if (line.strokes > known.strokes) lines[twin] = line;
  }
  return lines;
}

/**
 * @param sign 1 for bright strokes, −1 for dark ones
 * @param rows [height] 0 where no line can be
 */
function linesOf(plane: GreyPlane, sign: 1 | -1, rows: Uint8Array): TextLine[] {
  const reader = new StrokeReader(plane, sign);
  const finished: TextLine[] = [];
  let open: TextLine[] = [];
  for (let y = 0; y <= plane.height; y++) {
    const chains = rows[y] === 1 ? reader.chains(y) : NONE; // one row more ends what is open
    if (chains.length === 0 && open.length === 0) continue;
    const grown = chains.map((chain) => {
      const above = open.find((line) => line.left < chain.right && chain.left < line.right);
      return above === undefined ? { ...chain, top: y, bottom: y } : joined(above, chain, y);
    });
    const ended = open.filter(
      (line) => !grown.some((next) => next.top === line.top && next.left <= line.left),
    );
    finished.push(...ended.filter((line) => line.bottom - line.top + 1 >= ROWS));
    open = grown;
  }
  return finished;
}

function joined(line: TextLine, chain: Chain, y: number): TextLine {
  return {
    left: Math.min(line.left, chain.left),
    right: Math.max(line.right, chain.right),
    top: line.top,
    bottom: y,
    strokes: Math.max(line.strokes, chain.strokes),
  };
}

function overlap(a: TextLine, b: TextLine): boolean {
  return a.left <= b.right && b.left <= a.right && a.top <= b.bottom + ROWS && b.top <= a.bottom + ROWS;
}

const NONE: readonly Chain[] = [];
type Chain = Pick<TextLine, 'left' | 'right' | 'strokes'>;

/** Finds the stretches of a row that at least `CROSSINGS` strokes cross; keeps its buffers from row to row. */
class StrokeReader {
  private readonly row: Uint8Array;
  /** [width] the least of a pixel and the five to its right. */
  private readonly least: Uint8Array;

  /** @param sign 1 for bright strokes, −1 for dark ones */
  constructor(
    private readonly plane: GreyPlane,
    private readonly sign: 1 | -1,
  ) {
    this.row = new Uint8Array(plane.width);
    this.least = new Uint8Array(plane.width);
  }

  chains(y: number): Chain[] {
    const { row, least } = this;
    const width = row.length;
    this.load(y);
    const chains: Chain[] = [];
    let [left, right, strokes] = [0, -Infinity, 0];
    let inside = false;
    for (let x = STROKE; x < width - STROKE; x++) {
      const limit = (row[x] as number) - CONTRAST;
      // Brighter than some pixel on either side within a stroke's width.
      const stroke = (least[x - STROKE] as number) <= limit && (least[x + 1] as number) <= limit;
      if (stroke) {
        if (!inside) {
          if (x - right > GAP) {
            if (strokes >= CROSSINGS) chains.push({ left, right, strokes });
            left = x;
            strokes = 0;
          }
          strokes++;
        }
        right = x;
      }
      inside = stroke;
    }
    if (strokes >= CROSSINGS) chains.push({ left, right, strokes });
    return chains;
  }

  private load(y: number): void {
    const { row, least, sign } = this;
    const { width, pixels } = this.plane;
    for (let x = 0, at = y * width; x < width; x++, at++) {
      const value = pixels[at] as number;
      row[x] = sign === 1 ? value : 255 - value;
    }
    for (let x = 0; x < width - 1; x++) least[x] = Math.min(row[x] as number, row[x + 1] as number);
    for (let x = 0; x < width - STROKE; x++)
      least[x] = Math.min(least[x] as number, least[x + 2] as number, least[x + 4] as number);
  }
}
