import sharp from 'sharp';
import { readGrey, type PictureSource } from '../../data/decode-film.js';
import { filmImage, greyRange } from '../../reports/film-image.js';

/** Longer side of what the page gets: more than any screen shows, and memory that a browser has. */
const MAX_SIDE = 3072;
const THUMBNAIL_SIDE = 192;

/** A film in its own depth, for a page that sets the window itself. */
export interface FilmPixels {
  readonly width: number;
  readonly height: number;
  /** Of the file: boxes are in its pixels. */
  readonly fileWidth: number;
  readonly fileHeight: number;
  readonly bits: 8 | 16;
  /** Grey values between which nearly all pixels lie: the window to begin with. */
  readonly low: number;
  readonly high: number;
  /** [height · width], row-major; 16 bits little-endian. */
  readonly bytes: Uint8Array;
}

/** @throws {FederationError} `FILM_UNREADABLE` as `readGrey` */
export async function filmPixels(source: PictureSource): Promise<FilmPixels> {
  const { width, height, fileWidth, fileHeight, values } = await readGrey(source, (fullWidth, fullHeight) => {
    const scale = Math.min(1, MAX_SIDE / Math.max(fullWidth, fullHeight));
    return { width: Math.round(fullWidth * scale), height: Math.round(fullHeight * scale) };
  });
  const [low, high] = greyRange(values);
  // Every machine that Node runs on is little-endian.
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const bits = values.BYTES_PER_ELEMENT === 1 ? 8 : 16;
  return { width, height, fileWidth, fileHeight, bits, low, high, bytes };
}

/** A small PNG for lists. @throws {FederationError} `FILM_UNREADABLE` */
export async function filmThumbnail(source: PictureSource): Promise<Uint8Array> {
  const { width, height, pixels } = await filmImage(source, (longer) => Math.min(1, THUMBNAIL_SIDE / longer));
  const raw = { width, height, channels: 1 } as const;
  return sharp(pixels, { raw }).toColourspace('b-w').png({ compressionLevel: 4 }).toBuffer();
}
