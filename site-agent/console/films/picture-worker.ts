import { parentPort } from 'node:worker_threads';
import { asFederationError } from '../../agent/failure.js';
import { filmPixels, filmThumbnail } from './film-pixels.js';
import type { PictureOrder, PictureReply } from './picture-messages.js';

/** The thread that decodes films for the page: a DICOM film keeps it busy for a second, and nobody else. */
parentPort?.on('message', (order: PictureOrder) => {
  void answer(order).then((reply) => parentPort?.postMessage(reply));
});

async function answer({ id, kind, path }: PictureOrder): Promise<PictureReply> {
  try {
    return kind === 'pixels'
      ? { id, pixels: await filmPixels(path) }
      : { id, thumbnail: await filmThumbnail(path) };
  } catch (error) {
    const { code, message } = asFederationError(error);
    return { id, code, message };
  }
}
