import sharp from 'sharp';
import type { PictureSource } from '../data/decode-film.js';
import type { Detection } from '../evaluation/detection.js';
import { boxMarks, type BoxMark } from './box-marks.js';
import { classColourOf } from './class-colours.js';
import { filmImage } from './film-image.js';
import { detectionText } from './film-tile.js';
import { escapeXml, FONT_FAMILY, rasterize } from './rasterize.js';

/** Longer side of an overlay, pixels: a film in between keeps its own size. */
const LEAST_SIDE = 768;
const MOST_SIDE = 2048;
/** Longer side at which the marks are as large as on a sheet of films. */
const SHEET_SIDE = 400;

export interface FilmOverlayOptions {
  readonly source: PictureSource;
  /** Of the film, in its own pixels. */
  readonly width: number;
  readonly height: number;
  /** In the film's own pixels, best first. */
  readonly detections: readonly Detection[];
  /** In the order of the study, so that a class has one colour in all pictures. */
  readonly classes: readonly string[];
  /** Which film, beneath it. */
  readonly title: string;
  /** Which model, beneath the title. */
  readonly note: string;
}

/**
 * One film with what a model found on it, each lesion framed and named with its score; beneath it which film and model.
 * The film lies in the picture unscaled when its longer side has 768 to 2,048 pixels.
 * @returns the bytes of a PNG file
 */
export async function filmOverlay(options: FilmOverlayOptions): Promise<Buffer> {
  const { source, detections, classes } = options;
  const film = await filmImage(source, displayScale);
  const scale = film.width / options.width;
  // A large film is looked at closer: its marks grow, but slower than it does.
  const unit = Math.sqrt(Math.max(film.width, film.height) / SHEET_SIDE);
  const marks = detections.map((detection): BoxMark => {
    const { x, y, width, height } = detection;
    return {
      box: { x: x * scale, y: y * scale, width: width * scale, height: height * scale },
      colour: classColourOf(detection.class, classes),
      ...{ text: detectionText(detection), line: 'solid', chip: 'outlined' },
    };
  });
  const drawn = boxMarks(marks, { width: film.width, height: film.height, unit });
  const strip = caption(options, film.width, unit);
  const picture = { width: film.width, height: film.height + strip.height };
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${picture.width}" height="${picture.height}" font-family="${FONT_FAMILY}">` +
    `${drawn}<g transform="translate(0 ${film.height})">${strip.svg}</g></svg>`;
  return sharp(film.pixels, { raw: { width: film.width, height: film.height, channels: 1 } })
    .toColourspace('srgb')
    .extend({ bottom: strip.height, background: '#0d1117' })
    .composite([{ input: rasterize(svg) }])
    .removeAlpha()
    .png({ compressionLevel: 6 })
    .toBuffer();
}

function displayScale(longer: number): number {
  return Math.min(Math.max(longer, LEAST_SIDE), MOST_SIDE) / longer;
}

/** Film and model on two lines, shortened to the width. */
function caption(
  { title, note }: FilmOverlayOptions,
  width: number,
  unit: number,
): { svg: string; height: number } {
  const size = 11 * unit;
  const fitting = (text: string, advance: number) => {
    const most = Math.floor((width - 16 * unit) / (advance * size));
    return escapeXml(text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`);
  };
  const line = (y: number, fill: string, weight: string, text: string) =>
    `<text x="${8 * unit}" y="${y * unit}" font-size="${size}" font-weight="${weight}" fill="${fill}">${text}</text>`;
  return {
    svg:
      line(18, '#f0f4f8', 'bold', fitting(title, 0.68)) + line(34, '#9aa7b4', 'normal', fitting(note, 0.58)),
    height: Math.round(43 * unit),
  };
}
