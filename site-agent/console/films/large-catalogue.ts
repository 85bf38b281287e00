import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { FederationError, type ErrorCode } from '@fedoxnet/shared/errors';
import { CATALOGUE_FILE, readCatalogue } from '../../data/catalogue-file.js';
import type { Catalogue, FilmRecord } from '../../data/film.js';

const WORKER = new URL('./catalogue-worker.js', import.meta.url);
/** Bytes from which a thread is worth its start: about 1,500 films, which take some 30 ms to read. */
const LARGE = 1_000_000;

export type CatalogueReply =
  | { readonly head: Omit<Catalogue, 'films'>; readonly pieces: readonly Uint8Array[] }
  | { readonly code: ErrorCode; readonly message: string };

/**
 * As `readCatalogue`, without keeping this thread busy for long: the agent's messages and the page's requests come in between.
 * A large catalogue is read and checked by a thread of its own, and taken over piece by piece.
 * @param large bytes from which that is done
 * @throws {FederationError} as `readCatalogue`
 */
export async function readLargeCatalogue(folder: string, large = LARGE): Promise<Catalogue> {
  const found = await stat(join(folder, CATALOGUE_FILE)).catch(() => null);
  if (found === null || found.size < large) return readCatalogue(folder);
  const reply = await ask(folder);
  if ('code' in reply) throw new FederationError(reply.code, reply.message);
  const films: FilmRecord[] = [];
  for (const piece of reply.pieces) {
    // Checked by the thread a moment ago.
    for (const film of JSON.parse(new TextDecoder().decode(piece)) as FilmRecord[]) films.push(film);
    await setImmediate();
  }
  return { ...reply.head, films };
}

function ask(folder: string): Promise<CatalogueReply> {
  const worker = new Worker(WORKER, { workerData: folder, execArgv: [] });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () =>
      reject(new FederationError('DATA_INVALID', `The catalogue of ${folder} cannot be read.`)),
    );
  });
}
