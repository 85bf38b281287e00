import { availableParallelism } from 'node:os';
import sharp from 'sharp';
import { FederationError } from '@fedoxnet/shared/errors';
import { fitIntoSquare } from './letterbox.js';
import { stretchGrey } from './stretch-grey.js';

/** A smaller picture is no chest film; a larger one is a mistake or an attack. */
const MIN_SIDE = 32;
const MAX_SIDE = 16_384;
const MAX_PIXELS = 100_000_000;

/** libuv has four threads, and each film keeps one busy. */
export const FILMS_AT_ONCE = Math.min(4, availableParallelism());
// Films are decoded side by side, so one thread each is the fastest where they fill the machine. Nothing is read twice.
sharp.concurrency(Math.ceil(availableParallelism() / FILMS_AT_ONCE));
sharp.cache(false);

export interface DecodedFilm {
  /** Of the file, before fitting. */
  readonly width: number;
  readonly height: number;
  /** Grey 0 … 255, row-major, [S · S], darkest value of the film at 0 and brightest at 255. */
  readonly pixels: Uint8Array;
}

/**
 * Reads a PNG or JPEG film of 8 or 16 bits, grey or colour, with or without transparency, and fits it into a square.
 * @throws {FederationError} `FILM_UNREADABLE` when the file cannot be read, is damaged, or has an impossible size.
 */
export async function decodeFilm(path: string, size: number): Promise<DecodedFilm> {
  try {
    return await decode(path, size);
  } catch (cause) {
    if (cause instanceof FederationError) throw cause;
    const reason = (cause as Error).message.split('\n')[0]?.trim();
    throw new FederationError('FILM_UNREADABLE', `${path} cannot be decoded (${reason}).`, { cause });
  }
}

async function decode(path: string, size: number): Promise<DecodedFilm> {
  const image = sharp(path, { failOn: 'error', limitInputPixels: MAX_PIXELS });
  const { width, height, format, depth, hasAlpha } = await image.metadata();
  if (format !== 'png' && format !== 'jpeg')
    throw new FederationError('FILM_UNREADABLE', `${path} is ${format}, not PNG or JPEG.`);
  if (Math.min(width, height) < MIN_SIDE || Math.max(width, height) > MAX_SIDE)
    throw new FederationError(
      'FILM_UNREADABLE',
      `${path} has an impossible size, ${width}×${height} pixels.`,
    );
  const fitted = fitIntoSquare(width, height, size);
  // A JPEG much larger than the square is decoded at 1/2, 1/4 or 1/8, which leaves out most of the work.
  const scaled = (hasAlpha ? image.flatten({ background: '#000' }) : image).resize(
    fitted.width,
    fitted.height,
    { fit: 'fill', kernel: 'linear' },
  );
  // Eight bits stay eight bits: widening them would cost a fifth of the time and add nothing.
  if (depth !== 'ushort') {
    const grey = await scaled.toColourspace('b-w').raw().toBuffer();
    return { width, height, pixels: stretchGrey(grey, fitted, size) };
  }
  const bytes = await scaled.toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer();
  const grey = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  return { width, height, pixels: stretchGrey(grey, fitted, size) };
}
