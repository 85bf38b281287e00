import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { writeFileAtomic } from '../files/atomic-file.js';
import { decodeFilm } from './decode-film.js';
import type { FilmRecord } from './film.js';

/** Raised when decoding changes, so that old caches are not read. */
const FORMAT = 1;
/** Films decoded at once: enough to keep two cores and the disk busy. */
const PARALLEL = 4;

/** A film that cannot be used, and why: one sentence for the person who can mend it. */
export interface SetAside {
  readonly id: string;
  readonly reason: string;
}

/** The films of a list, decoded to S × S bytes; those that could not be are in `setAside`. */
export interface DecodedFilms {
  readonly usable: readonly FilmRecord[];
  readonly setAside: readonly SetAside[];
  /** [usable · S · S], in the order of `usable`. */
  readonly pixels: Uint8Array;
}

export interface FilmCacheOptions {
  /** Image paths are relative to this folder. */
  readonly catalogueFolder: string;
  readonly films: readonly FilmRecord[];
  readonly size: number;
  /** Where decoded films are kept; each list of films and size has its own file. */
  readonly cacheFolder: string;
  /** Called after each film that had to be decoded. */
  readonly onProgress?: (done: number, total: number) => void;
}

const cacheIndex = z.array(z.object({ id: z.string(), reason: z.string() }));

/**
 * Decodes each film once. The cache's name holds a digest of the list and of every image's length and time of change,
 * so a replaced image or an edited list is decoded anew. Layout: 4 bytes little-endian length of a JSON list of
 * films set aside, that list, then the pixels.
 */
export async function decodeFilms(options: FilmCacheOptions): Promise<DecodedFilms> {
  const path = join(options.cacheFolder, `films-${options.size}-${await listDigest(options)}.bin`);
  const cached = await readCache(path, options);
  if (cached !== null) return cached;
  const decoded = await decodeAll(options);
  const index = Buffer.from(JSON.stringify(decoded.setAside));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(index.length);
  await writeFileAtomic(path, Buffer.concat([length, index, decoded.pixels]), 0o600);
  return decoded;
}

async function readCache(path: string, { films, size }: FilmCacheOptions): Promise<DecodedFilms | null> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch {
    return null;
  }
  try {
    const start = 4 + bytes.readUInt32LE(0);
    const setAside = cacheIndex.parse(JSON.parse(bytes.toString('utf8', 4, start)));
    const usable = without(films, setAside);
    const pixels = new Uint8Array(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
    return pixels.length === usable.length * size * size ? { usable, setAside, pixels } : null;
  } catch {
    return null; // a damaged cache is made again, like a missing one
  }
}

async function decodeAll(options: FilmCacheOptions): Promise<DecodedFilms> {
  const { films, size, catalogueFolder, onProgress } = options;
  const area = size * size;
  const pixels = new Uint8Array(films.length * area);
  const reasons = new Map<number, string>();
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < films.length; index = next++) {
      const film = films[index] as FilmRecord;
      const reason = await decodeInto(
        film,
        catalogueFolder,
        size,
        pixels.subarray(index * area, (index + 1) * area),
      );
      if (reason !== null) reasons.set(index, reason);
      onProgress?.(++done, films.length);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  const setAside = films.flatMap((film, index) => {
    const reason = reasons.get(index);
    return reason === undefined ? [] : [{ id: film.id, reason }];
  });
  return { usable: without(films, setAside), setAside, pixels: dropped(pixels, area, reasons) };
}

/** @returns null, or why the film cannot be used. */
async function decodeInto(
  film: FilmRecord,
  folder: string,
  size: number,
  target: Uint8Array,
): Promise<string | null> {
  try {
    const decoded = await decodeFilm(resolve(folder, film.file), size);
    if (decoded.width !== film.width || decoded.height !== film.height)
      return `${film.file} is ${decoded.width}×${decoded.height} pixels, the catalogue says ${film.width}×${film.height}.`;
    target.set(decoded.pixels);
    return null;
  } catch (error) {
    if (error instanceof FederationError && error.code === 'FILM_UNREADABLE') return error.message;
    throw error;
  }
}

function without(films: readonly FilmRecord[], setAside: readonly SetAside[]): FilmRecord[] {
  const ids = new Set(setAside.map((film) => film.id));
  return films.filter((film) => !ids.has(film.id));
}

function dropped(pixels: Uint8Array, area: number, gone: ReadonlyMap<number, string>): Uint8Array {
  if (gone.size === 0) return pixels;
  const kept = new Uint8Array(pixels.length - gone.size * area);
  let to = 0;
  for (let from = 0; from * area < pixels.length; from++) {
    if (!gone.has(from)) kept.set(pixels.subarray(from * area, (from + 1) * area), to++ * area);
  }
  return kept;
}

async function listDigest({ films, catalogueFolder }: FilmCacheOptions): Promise<string> {
  const stamps = await Promise.all(
    films.map(async ({ id, file, width, height }) => {
      const found = await stat(resolve(catalogueFolder, file)).catch(() => null);
      return [id, file, width, height, found?.size ?? null, found?.mtimeMs ?? null];
    }),
  );
  return createHash('sha256')
    .update(JSON.stringify([FORMAT, stamps]))
    .digest('hex')
    .slice(0, 20);
}
