import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { filmCacheLimit, keepWithinLimit } from './cache-limit.js';
import { decodeFilm, FILMS_AT_ONCE } from './decode-film.js';
import type { FilmRecord } from './film.js';
import { SegmentWriter } from './plane-segment.js';
import { PlaneStore } from './plane-store.js';

/** Raised when decoding changes, so that films decoded before are not read. */
const DECODE_VERSION = 2;
/** What is lost at most when the process is killed, and what the limit removes at once. */
const SEGMENT_BYTES = 256 * 1024 * 1024;
const SEGMENT_PLANES = 4096;

/** A film that cannot be used, and why: one sentence for the person who can mend it. */
export interface SetAside {
  readonly id: string;
  readonly reason: string;
}

/** The films of a list, decoded to S × S bytes; those that could not be are in `setAside`. */
export interface DecodedFilms {
  readonly usable: readonly FilmRecord[];
  readonly setAside: readonly SetAside[];
  /**
   * Reads the plane of one usable film from the disk: memory does not grow with the films.
   * @returns [S · S], the caller's own
   * @throws {FederationError} `FILM_UNREADABLE` when the disk lost it; its segment is removed, and the next load decodes again
   */
  pixels(index: number): Uint8Array;
  close(): void;
}

export interface FilmCacheOptions {
  /** Image paths are relative to this folder. */
  readonly catalogueFolder: string;
  readonly films: readonly FilmRecord[];
  readonly size: number;
  /** Where decoded films are kept; lists of films may share it. */
  readonly cacheFolder: string;
  /** Bytes the folder may take when these films need less; FEDOXNET_FILM_CACHE_GB by default. */
  readonly limit?: number;
  /** Called after each film that had to be decoded. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Decodes each film once, whatever list it is in. A film is known by its path, length and time of change, the size of the
 * square and the version of the decoder: a replaced image is decoded anew. Films that could not be decoded are tried
 * again each time: whoever mends one need not touch the cache.
 * @throws {FederationError} `DISK_FULL`, `CACHE_UNWRITABLE`, or `CONFIG_INVALID` for a limit that is none
 */
export async function decodeFilms(options: FilmCacheOptions): Promise<DecodedFilms> {
  const { films, size, cacheFolder, limit = filmCacheLimit() } = options;
  const keys = await filmKeys(options);
  const store = await PlaneStore.open(cacheFolder, size, new Set(keys));
  try {
    const reasons = await decodeMissing(options, keys, store);
    for (const [i, film] of films.entries()) {
      const plane = store.entry(keys[i] as string);
      if (plane !== undefined && (plane.width !== film.width || plane.height !== film.height))
        reasons.set(
          i,
          `${film.file} is ${plane.width}×${plane.height} pixels, the catalogue says ${film.width}×${film.height}.`,
        );
    }
    await store.markUsed();
    await keepWithinLimit(cacheFolder, limit, store.paths);
    const usable = [...films.keys()].filter((i) => !reasons.has(i));
    return {
      usable: usable.map((i) => films[i] as FilmRecord),
      setAside: [...reasons]
        .sort(([a], [b]) => a - b)
        .map(([i, reason]) => ({ id: (films[i] as FilmRecord).id, reason })),
      pixels: (index) => store.read(keys[usable[index] ?? -1] ?? ''),
      close: () => store.close(),
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

/** Decodes what the store lacks, segment by segment. @returns why a film cannot be used, by its position */
async function decodeMissing(
  { films, size, cacheFolder, catalogueFolder, onProgress }: FilmCacheOptions,
  keys: readonly string[],
  store: PlaneStore,
): Promise<Map<number, string>> {
  const missing = [...films.keys()].filter((i) => store.entry(keys[i] as string) === undefined);
  const perSegment = Math.min(SEGMENT_PLANES, Math.max(1, Math.floor(SEGMENT_BYTES / size ** 2)));
  const reasons = new Map<number, string>();
  let done = 0;
  for (let first = 0; first < missing.length; first += perSegment) {
    const queue = missing.slice(first, first + perSegment);
    const segment = await SegmentWriter.create(cacheFolder, size);
    const work = async (): Promise<void> => {
      for (let i = queue.shift(); i !== undefined; i = queue.shift()) {
        const { file } = films[i] as FilmRecord;
        try {
          const { pixels, width, height } = await decodeFilm(resolve(catalogueFolder, file), size);
          await segment.add(pixels, { key: keys[i] as string, width, height });
        } catch (error) {
          if (!(error instanceof FederationError && error.code === 'FILM_UNREADABLE')) throw error;
          reasons.set(i, error.message);
        }
        onProgress?.(++done, missing.length);
      }
    };
    try {
      await Promise.all(Array.from({ length: FILMS_AT_ONCE }, work));
      if (segment.planes > 0) await store.add(await segment.seal());
    } finally {
      await segment.discard();
    }
  }
  return reasons;
}

/** One for each film: equal keys mean equal planes. */
function filmKeys({ films, catalogueFolder, size }: FilmCacheOptions): Promise<string[]> {
  return Promise.all(
    films.map(async ({ file }) => {
      const path = resolve(catalogueFolder, file);
      const found = await stat(path, { bigint: true }).catch(() => null);
      const stamp = [DECODE_VERSION, size, path, String(found?.size), String(found?.mtimeNs)];
      return createHash('sha256').update(JSON.stringify(stamp)).digest('base64url').slice(0, 24);
    }),
  );
}
