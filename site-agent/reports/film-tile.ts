import sharp from 'sharp';
import type { Rectangle } from '../evaluation/box-overlap.js';
import { boxMarks, type BoxMark } from './box-marks.js';
import { classColourOf } from './class-colours.js';
import { filmImage } from './film-image.js';

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
  const truths = film.truths.map((truth): BoxMark => {
    const colour = classColourOf(truth.class, classes);
    return { box: place(truth), colour, text: truth.class, line: 'solid', chip: 'filled' };
  });
  const found = film.detections.map((detection): BoxMark => {
    const colour = classColourOf(detection.class, classes);
    const text = detectionText(detection);
    return { box: place(detection), colour, text, line: 'dashed', chip: 'outlined' };
  });
  const image = `<image width="${side}" height="${side}" href="${await dataUri(film, Math.round(side))}"/>`;
  return image + boxMarks([...truths, ...found], { width: side, height: side, unit: 1 });
}

/** `Mass .83` */
export function detectionText({
  class: name,
  score,
}: {
  readonly class: string;
  readonly score: number;
}): string {
  return `${name} ${score.toFixed(2).replace(/^0/, '')}`;
}

/** The film, fitted on black, as a JPEG inside the SVG. */
async function dataUri({ image }: SheetFilm, side: number): Promise<string> {
  const { pixels, width, height } =
    typeof image === 'string' ? await filmImage(image, (longer) => side / longer) : image;
  const jpeg = await sharp(pixels, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .resize(side, side, { fit: 'contain', background: '#000' })
    .jpeg({ quality: 92 })
    .toBuffer();
  return `data:image/jpeg;base64,${jpeg.toString('base64')}`;
}
