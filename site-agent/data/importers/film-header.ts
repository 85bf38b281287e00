import { FederationError } from '@fedoxnet/shared/errors';

export interface FilmSize {
  readonly format: 'png' | 'jpeg';
  readonly width: number;
  readonly height: number;
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * Width and height from the beginning of a PNG or JPEG, without decoding it.
 * @returns null when `head` ends before they come
 * @throws {FederationError} `FILM_UNREADABLE` for anything else
 */
export function readFilmHeader(head: Buffer): FilmSize | null {
  if (head.length < 4) return null;
  if (head.subarray(0, 8).equals(PNG.subarray(0, Math.min(8, head.length)))) return readPng(head);
  if (head[0] === 0xff && head[1] === 0xd8) return readJpeg(head);
  throw new FederationError('FILM_UNREADABLE', 'it is neither PNG nor JPEG');
}

function readPng(head: Buffer): FilmSize | null {
  if (head.length < 24) return null;
  if (head.toString('latin1', 12, 16) !== 'IHDR') throw damaged();
  return sized('png', head.readUInt32BE(16), head.readUInt32BE(20));
}

/** Walks the segments up to the frame header: SOF0 … SOF15 without DHT, JPG and DAC, which lie among them. */
function readJpeg(head: Buffer): FilmSize | null {
  let at = 2;
  while (at + 9 < head.length) {
    if (head[at] !== 0xff) throw damaged();
    const marker = head[at + 1]!;
    if (marker === 0xff) {
      at += 1; // fill byte
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return sized('jpeg', head.readUInt16BE(at + 7), head.readUInt16BE(at + 5));
    const isAlone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    const length = isAlone ? 0 : head.readUInt16BE(at + 2);
    if (marker === 0xd9 || marker === 0xda || (!isAlone && length < 2)) throw damaged();
    at += 2 + length;
  }
  return null;
}

function sized(format: FilmSize['format'], width: number, height: number): FilmSize {
  if (width === 0 || height === 0) throw damaged();
  return { format, width, height };
}

const damaged = (): FederationError => new FederationError('FILM_UNREADABLE', 'its header is damaged');
