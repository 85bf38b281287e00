import { createHash } from 'node:crypto';
import sharp from 'sharp';
import type { FilmRecord } from '../film.js';
import type { GreyPlane } from '../grey-plane.js';
import { greyPng } from '../grey-png.js';
import { inspectFilm } from '../inspection/inspect-film.js';
import type { Finding } from '../quarantine/findings.js';
import { readAcquisition } from './acquisition.js';
import { parseDicomFile } from './data-set.js';
import { DicomRefusal } from './dicom-refusal.js';
import { readIdentity, type FilmIdentity } from './film-identity.js';
import { readPixelFormat } from './pixel-format.js';
import { renderFilm } from './render-film.js';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A film as the site will keep it, and what the site has to know to keep it apart from others. */
export interface PreparedFilm {
  readonly identity: FilmIdentity;
  readonly view: NonNullable<FilmRecord['view']> | null;
  readonly original: Size;
  readonly stored: Size;
  /** 8-bit grey, nothing but pixels. */
  readonly png: Uint8Array;
  /** SHA-256 of the stored pixels and their size, hexadecimal: equal for films that look the same. */
  readonly digest: string;
  /** 0 … 255 after stretching the darkest value to 0 and the brightest to 255. */
  readonly meanGrey: number;
  readonly findings: readonly Finding[];
}

/** A film without a picture; its identity where the header could be read. */
export interface UnreadableFilm {
  readonly identity: FilmIdentity | null;
  readonly unreadable: string;
}

/**
 * Reads, decodes, shows, scales and inspects one film.
 * @param side of the film as it is kept: a larger one is scaled down to it
 */
export async function prepareFilm(bytes: Uint8Array, side: number): Promise<PreparedFilm | UnreadableFilm> {
  let identity: FilmIdentity | null = null;
  try {
    const { dataSet, syntax } = parseDicomFile(bytes);
    identity = readIdentity(dataSet);
    const { view, findings } = readAcquisition(dataSet);
    const full = await renderFilm(dataSet, syntax, readPixelFormat(dataSet));
    const stored = await scaledDown(full, side);
    return {
      identity,
      view,
      original: { width: full.width, height: full.height },
      stored: { width: stored.width, height: stored.height },
      png: greyPng(stored),
      digest: digestOf(stored),
      meanGrey: stretchedMean(stored.pixels),
      findings: [...findings, ...inspectFilm(stored)],
    };
  } catch (error) {
    if (error instanceof DicomRefusal) return { identity, unreadable: error.message };
    throw error;
  }
}

/** Fits the longer side into `side` pixels; a smaller film stays as it is. */
export async function scaledDown(plane: GreyPlane, side: number): Promise<GreyPlane> {
  const scale = side / Math.max(plane.width, plane.height);
  if (scale >= 1) return plane;
  const width = Math.max(1, Math.round(plane.width * scale));
  const height = Math.max(1, Math.round(plane.height * scale));
  const raw = { width: plane.width, height: plane.height, channels: 1 } as const;
  const pixels = await sharp(plane.pixels, { raw, limitInputPixels: false })
    .toColourspace('b-w')
    .resize(width, height, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer();
  return { width, height, pixels };
}

function digestOf({ width, height, pixels }: GreyPlane): string {
  return createHash('sha256').update(`${width}×${height}\n`).update(pixels).digest('hex');
}

function stretchedMean(pixels: Uint8Array): number {
  let low = 255;
  let high = 0;
  let sum = 0;
  // By number: a loop over the values themselves takes more than twice as long.
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i] as number;
    if (value < low) low = value;
    if (value > high) high = value;
    sum += value;
  }
  if (high === low) return 0;
  return Math.round(((sum / pixels.length - low) / (high - low)) * 25_500) / 100;
}
