import sharp from 'sharp';
import type { Rectangle } from '../evaluation/box-overlap.js';
import { classColour } from './class-colours.js';
import { escapeXml } from './rasterize.js';

/** A film with what is known and what the model found on it, in pixels of the original film. */
export interface SheetFilm {
  /** The image file, or its 8-bit grey pixels. */
  readonly image: string | { readonly pixels: Uint8Array; readonly width: number; readonly height: number };
  readonly width: number;
  readonly height: number;
  /** One line under the film. */
  readonly caption: string;
  readonly truths: readonly (Rectangle & { readonly class: string })[];
  readonly detections: readonly (Rectangle & { readonly class: string; readonly score: number })[];
}

const CHIP_HEIGHT = 15;
const FONT_SIZE = 10.5;
/** Mean advance of DejaVu Sans at 1 px, generous. */
const ADVANCE = 0.6;

interface Chip {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** One film with its boxes, as an SVG group of `side` × `side` units at its own origin. */
export async function filmTile(film: SheetFilm, classes: readonly string[], side: number): Promise<string> {
  const scale = side / Math.max(film.width, film.height);
  const left = (side - film.width * scale) / 2;
  const top = (side - film.height * scale) / 2;
  const place = (box: Rectangle): Rectangle => ({
    x: left + box.x * scale,
    y: top + box.y * scale,
    width: box.width * scale,
    height: box.height * scale,
  });
  const taken: Chip[] = [];
  const truths = film.truths.map((truth) => {
    const box = place(truth);
    return { box, colour: colourOf(truth.class, classes), text: truth.class, solid: true };
  });
  const found = film.detections.map((detection) => {
    const box = place(detection);
    const text = `${detection.class} ${detection.score.toFixed(2).replace(/^0/, '')}`;
    return { box, colour: colourOf(detection.class, classes), text, solid: false };
  });
  const marks = [...found, ...truths];
  return [
    `<image width="${side}" height="${side}" href="${await dataUri(film, Math.round(side))}"/>`,
    ...marks.map(({ box, colour, solid }) => outline(box, colour, solid)),
    ...marks.map(({ box, colour, text, solid }) => chip(box, colour, text, solid, side, taken)),
  ].join('');
}

/** Two strokes, the wider one dark, so that the box shows on white bone and on black air. */
function outline({ x, y, width, height }: Rectangle, colour: string, solid: boolean): string {
  const shape = `x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}" rx="1.5" fill="none"`;
  const dash = solid ? '' : ' stroke-dasharray="6 4"';
  return (
    `<rect ${shape} stroke="#000" stroke-opacity=".55" stroke-width="${solid ? 3.6 : 3.4}"${dash}/>` +
    `<rect ${shape} stroke="${colour}" stroke-width="${solid ? 2 : 1.7}"${dash}/>`
  );
}

/** True boxes are named above their upper left corner in full colour, found ones below their lower left in outline. */
function chip(
  box: Rectangle,
  colour: string,
  text: string,
  solid: boolean,
  side: number,
  taken: Chip[],
): string {
  const width = text.length * FONT_SIZE * ADVANCE + 9;
  const x = Math.min(Math.max(1, box.x - 1), side - width - 1);
  const wanted = solid ? box.y - CHIP_HEIGHT - 1 : box.y + box.height + 2;
  const y = freeHeight({ x, y: Math.min(Math.max(1, wanted), side - CHIP_HEIGHT - 1), width }, side, taken);
  taken.push({ x, y, width });
  const ground = solid
    ? `fill="${colour}"`
    : `fill="#0d1117" fill-opacity=".82" stroke="${colour}" stroke-width=".8"`;
  return (
    `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${width.toFixed(1)}" height="${CHIP_HEIGHT}" rx="3" ${ground}/>` +
    `<text x="${(x + 4).toFixed(1)}" y="${(y + 11.2).toFixed(1)}" font-size="${FONT_SIZE}" ` +
    `fill="${solid ? '#0d1117' : colour}">${escapeXml(text)}</text>`
  );
}

/** The wanted height, or the nearest below or above it at which no other chip lies. */
function freeHeight(wanted: Chip, side: number, taken: readonly Chip[]): number {
  const free = (y: number): boolean =>
    y >= 0 &&
    y <= side - CHIP_HEIGHT &&
    taken.every(
      (other) =>
        wanted.x + wanted.width < other.x ||
        other.x + other.width < wanted.x ||
        Math.abs(other.y - y) >= CHIP_HEIGHT + 1,
    );
  for (let shift = 0; shift < side; shift += 2) {
    if (free(wanted.y + shift)) return wanted.y + shift;
    if (free(wanted.y - shift)) return wanted.y - shift;
  }
  return wanted.y;
}

function colourOf(name: string, classes: readonly string[]): string {
  return classColour(Math.max(0, classes.indexOf(name)));
}

/** The film, fitted on black, as a JPEG inside the SVG. */
async function dataUri({ image }: SheetFilm, side: number): Promise<string> {
  const source =
    typeof image === 'string'
      ? sharp(image)
      : sharp(image.pixels, { raw: { width: image.width, height: image.height, channels: 1 } });
  const jpeg = await source
    .flatten({ background: '#000' })
    .toColourspace('b-w')
    .resize(side, side, { fit: 'contain', background: '#000' })
    .jpeg({ quality: 92 })
    .toBuffer();
  return `data:image/jpeg;base64,${jpeg.toString('base64')}`;
}
