import { availableParallelism } from 'node:os';
import sharp from 'sharp';
import { FederationError } from '@fedoxnet/shared/errors';
import { readDicomPlane } from './dicom/dicom-plane.js';
import { fitIntoSquare } from './letterbox.js';
import { stretchGrey } from './stretch-grey.js';

/** A smaller picture is no chest film; a larger one is a mistake or an attack. */
const MIN_SIDE = 32;
const MAX_SIDE = 16_384;
const MAX_PIXELS = 100_000_000;
/** A strip longer than this is no chest film either; fitted into a square it would be a line. */
const MAX_RATIO = 8;

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

/** A picture in a file, or its bytes with a name to speak of it by. */
export type PictureSource = string | { readonly name: string; readonly bytes: Uint8Array };

/** Grey values of a picture scaled to width × height, in the depth of the file. */
export interface GreyValues {
  /** Of the file, before scaling. */
  readonly fileWidth: number;
  readonly fileHeight: number;
  readonly width: number;
  readonly height: number;
  /** [height · width], row-major. */
  readonly values: Uint8Array | Uint16Array;
}

/**
 * Reads a PNG or JPEG film of 8 or 16 bits, grey or colour, with or without transparency, or a DICOM film, and fits it into a square.
 * @throws {FederationError} `FILM_UNREADABLE` when the file cannot be read, is damaged, has an impossible size, or is of
 *   one grey value throughout.
 */
export async function decodeFilm(source: PictureSource, size: number): Promise<DecodedFilm> {
  const grey = await readGrey(source, (width, height) => fitIntoSquare(width, height, size));
  const { fileWidth: width, fileHeight: height } = grey;
  const pixels = stretchGrey(grey.values, fitIntoSquare(width, height, size), size);
  // Stretching gives every film a brightest value of 255, unless there is nothing to stretch.
  if (!pixels.includes(255))
    throw new FederationError('FILM_UNREADABLE', `${nameOf(source)} is empty: all its pixels are alike.`);
  return { width, height, pixels };
}

/**
 * Grey values of a PNG or JPEG, transparent places black, or of a DICOM film as it is meant to be seen.
 * @param fit the size to scale to, for the size of the file
 * @throws {FederationError} `FILM_UNREADABLE` as `decodeFilm`
 */
export async function readGrey(
  source: PictureSource,
  fit: (width: number, height: number) => { readonly width: number; readonly height: number },
): Promise<GreyValues> {
  try {
    return await read(source, fit);
  } catch (cause) {
    if (cause instanceof FederationError) throw cause;
    const reason = (cause as Error).message.split('\n')[0]?.trim();
    const message = `${nameOf(source)} cannot be decoded (${reason}).`;
    throw new FederationError('FILM_UNREADABLE', message, { cause });
  }
}

async function read(source: PictureSource, fit: Parameters<typeof readGrey>[1]): Promise<GreyValues> {
  const name = nameOf(source);
  const input = typeof source === 'string' ? source : source.bytes;
  const plane = await readDicomPlane(input);
  const image =
    plane === null
      ? sharp(input, { failOn: 'error', limitInputPixels: MAX_PIXELS })
      : sharp(plane.pixels, { raw: { width: plane.width, height: plane.height, channels: 1 } });
  const { width: fileWidth, height: fileHeight, format, depth, hasAlpha } = await image.metadata();
  if (plane === null && format !== 'png' && format !== 'jpeg')
    throw new FederationError('FILM_UNREADABLE', `${name} is ${format}, not PNG, JPEG or DICOM.`);
  const [shorter, longer] = [Math.min(fileWidth, fileHeight), Math.max(fileWidth, fileHeight)];
  if (shorter < MIN_SIDE || longer > MAX_SIDE || longer > MAX_RATIO * shorter)
    throw new FederationError(
      'FILM_UNREADABLE',
      `${name} has an impossible size, ${fileWidth}×${fileHeight} pixels.`,
    );
  const { width, height } = fit(fileWidth, fileHeight);
  // A JPEG much larger than what is wanted is decoded at 1/2, 1/4 or 1/8, which leaves out most of the work.
  const scaled = (hasAlpha ? image.flatten({ background: '#000' }) : image).resize(width, height, {
    fit: 'fill',
    kernel: 'linear',
  });
  const size = { fileWidth, fileHeight, width, height };
  // Eight bits stay eight bits: widening them would cost a fifth of the time and add nothing.
  if (depth !== 'ushort') return { ...size, values: await scaled.toColourspace('b-w').raw().toBuffer() };
  const bytes = await scaled.toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer();
  return { ...size, values: new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2) };
}

function nameOf(source: PictureSource): string {
  return typeof source === 'string' ? source : source.name;
}
