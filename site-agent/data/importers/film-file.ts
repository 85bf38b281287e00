import { FederationError } from '@fedoxnet/shared/errors';
import { isDicom, parseDicomFile } from '../dicom/data-set.js';
import { readFilmHeader } from './film-header.js';
import type { FilmSource } from './film-source.js';

/** Where the header of nearly every film ends; longer ones carry colour profiles or thumbnails before the frame. */
const HEAD_BYTES = 4096;
const LONG_HEAD_BYTES = 1024 * 1024;
const MAX_DICOM_BYTES = 256 * 1024 * 1024;

export interface FilmFileHeader {
  /** Of a copy, with its dot. */
  readonly ending: '.png' | '.jpg' | '.dcm';
  readonly width: number;
  readonly height: number;
}

/**
 * The size of a film, read from the beginning of its file; no pixel is decoded.
 * @throws {FederationError} `FILM_UNREADABLE` with the reason alone as its message
 */
export async function readFilmFile(source: FilmSource, name: string): Promise<FilmFileHeader> {
  try {
    return await readHeader(source, name);
  } catch (cause) {
    if (cause instanceof FederationError) throw cause;
    throw new FederationError('FILM_UNREADABLE', (cause as Error).message, { cause });
  }
}

async function readHeader(source: FilmSource, name: string): Promise<FilmFileHeader> {
  for (const bytes of [HEAD_BYTES, LONG_HEAD_BYTES]) {
    const head = await source.head(name, bytes);
    if (isDicom(head)) return readDicomSize(source, name);
    const size = readFilmHeader(head);
    if (size !== null)
      return { ending: size.format === 'png' ? '.png' : '.jpg', width: size.width, height: size.height };
    if (head.length < bytes) break;
  }
  throw new FederationError('FILM_UNREADABLE', 'it is cut off in its header');
}

async function readDicomSize(source: FilmSource, name: string): Promise<FilmFileHeader> {
  const { dataSet } = parseDicomFile(await source.head(name, MAX_DICOM_BYTES));
  const [height, width] = [dataSet.uint16('x00280010'), dataSet.uint16('x00280011')];
  if (height === null || width === null || height === 0 || width === 0)
    throw new FederationError('FILM_UNREADABLE', 'its header gives no size');
  return { ending: '.dcm', width, height };
}
