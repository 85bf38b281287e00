import type { Rectangle } from '../evaluation/box-overlap.js';
import { escapeXml } from './rasterize.js';

/** A box with its name, in units of the picture. */
export interface BoxMark {
  readonly box: Rectangle;
  readonly colour: string;
  readonly text: string;
  /** `solid`: drawn through; `dashed`: as what a model found beside what a reader marked. */
  readonly line: 'solid' | 'dashed';
  /** Whether the name stands above the box on full colour, or outlined; the latter below the box when `dashed`. */
  readonly chip: 'filled' | 'outlined';
}

/** The picture that marks must stay within. `unit`: pixels of the picture to one of a 400-pixel tile. */
export interface MarkFrame {
  readonly width: number;
  readonly height: number;
  readonly unit: number;
}

const CHIP_HEIGHT = 15;
const FONT_SIZE = 10.5;
/** Mean advance of DejaVu Sans at 1 px, a little generous. */
const ADVANCE = 0.57;

interface Chip {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/**
 * All boxes, the first on top, then all names, so that no box runs over a name. The first names stand where they want
 * to be, later ones give way.
 */
export function boxMarks(marks: readonly BoxMark[], frame: MarkFrame): string {
  const taken: Chip[] = [];
  return [
    ...marks.map((mark) => outline(mark, frame)).reverse(),
    ...marks.map((mark) => chip(mark, frame, taken)),
  ].join('');
}

/** Two strokes, the wider one dark, so that the box shows on white bone and on black air. */
function outline({ box, colour, line }: BoxMark, { unit }: MarkFrame): string {
  const { x, y, width, height } = box;
  const size = `width="${width.toFixed(1)}" height="${height.toFixed(1)}"`;
  const shape = `x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${size} rx="${1.5 * unit}" fill="none"`;
  const solid = line === 'solid';
  const dash = solid ? '' : ` stroke-dasharray="${6 * unit} ${4 * unit}"`;
  return (
    `<rect ${shape} stroke="#000" stroke-opacity=".55" stroke-width="${(solid ? 3.6 : 3.4) * unit}"${dash}/>` +
    `<rect ${shape} stroke="${colour}" stroke-width="${(solid ? 2 : 1.7) * unit}"${dash}/>`
  );
}

function chip({ box, colour, text, line, chip }: BoxMark, frame: MarkFrame, taken: Chip[]): string {
  const { unit } = frame;
  const [height, fontSize] = [CHIP_HEIGHT * unit, FONT_SIZE * unit];
  const width = text.length * fontSize * ADVANCE + 9 * unit;
  const x = Math.min(Math.max(unit, box.x - unit), frame.width - width - unit);
  const wanted = line === 'solid' ? box.y - height - unit : box.y + box.height + 2 * unit;
  const within = Math.min(Math.max(unit, wanted), frame.height - height - unit);
  const y = freeHeight({ x, y: within, width }, frame, taken);
  taken.push({ x, y, width });
  const filled = chip === 'filled';
  const ground = filled
    ? `fill="${colour}"`
    : `fill="#0d1117" fill-opacity=".82" stroke="${colour}" stroke-width="${0.8 * unit}"`;
  return (
    `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${width.toFixed(1)}" height="${height}" rx="${3 * unit}" ${ground}/>` +
    `<text x="${(x + 4 * unit).toFixed(1)}" y="${(y + 11.2 * unit).toFixed(1)}" font-size="${fontSize}" ` +
    `fill="${filled ? '#0d1117' : colour}">${escapeXml(text)}</text>`
  );
}

/** The wanted height, or the nearest below or above it at which no other name lies. */
function freeHeight(wanted: Chip, { height, unit }: MarkFrame, taken: readonly Chip[]): number {
  const chipHeight = CHIP_HEIGHT * unit;
  const free = (y: number): boolean =>
    y >= 0 &&
    y <= height - chipHeight &&
    taken.every(
      (other) =>
        wanted.x + wanted.width < other.x ||
        other.x + other.width < wanted.x ||
        Math.abs(other.y - y) >= chipHeight + unit,
    );
  for (let shift = 0; shift < height; shift += 2 * unit) {
    if (free(wanted.y + shift)) return wanted.y + shift;
    if (free(wanted.y - shift)) return wanted.y - shift;
  }
  return wanted.y;
}
