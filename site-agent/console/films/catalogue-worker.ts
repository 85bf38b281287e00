import { parentPort, workerData } from 'node:worker_threads';
import { asFederationError } from '../../agent/failure.js';
import { readCatalogue } from '../../data/catalogue-file.js';
import type { CatalogueReply } from './large-catalogue.js';

/** Films of one piece: read again in a few milliseconds. */
const PIECE = 1000;

/** The thread that reads and checks one large catalogue, and hands it on as JSON in pieces. */
const reply = await answer(workerData as string);
parentPort?.postMessage(
  reply,
  'pieces' in reply ? reply.pieces.map(({ buffer }) => buffer as ArrayBuffer) : [],
);

async function answer(folder: string): Promise<CatalogueReply> {
  try {
    const { films, ...head } = await readCatalogue(folder);
    const pieces: Uint8Array[] = [];
    for (let from = 0; from < films.length; from += PIECE)
      pieces.push(new TextEncoder().encode(JSON.stringify(films.slice(from, from + PIECE))));
    return { head, pieces };
  } catch (error) {
    const { code, message } = asFederationError(error);
    return { code, message };
  }
}
