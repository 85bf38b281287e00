import type { RequestHandler, Response } from 'express';
import { chunkKey } from '../blobs/blob-store.js';
import type { CoordinatorContext } from '../context.js';
import { requireRelease } from '../releases/grant-release.js';
import { folderOfRelease } from '../releases/seal-release.js';
import { numberIn, studyIn } from './parameters.js';
import { Recent } from './recent.js';
import { requireSite } from './who-asks.js';

/** A sealed chunk of a release, a few pieces at a time: as many sites may be slow as there are. */
export function releaseChunks(context: CoordinatorContext): RequestHandler {
  const folders = new Recent<string>();

  return async (request, response) => {
    const { study: name, release: number } = request.params;
    const question = JSON.stringify([request.get('authorization'), name, number]);
    const folder = await folders.get(question, async () => {
      const site = await requireSite(context, request);
      const study = await studyIn(context, request);
      const release = await requireRelease(context, study, numberIn(request, 'release'), site);
      return folderOfRelease(release.header);
    });
    const key = chunkKey(folder, numberIn(request, 'index'));
    const bytes = await context.blobs.size(key);
    response.type('application/octet-stream').set('content-length', String(bytes));
    try {
      await context.blobs.copy(key, (piece) => sent(response, piece));
      response.end();
    } catch (error) {
      // A site that hung up hears nothing more; whatever else failed is ours.
      if (!response.destroyed) throw error;
    }
  };
}

/** Resolves when the piece has gone to the system. */
function sent(response: Response, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(new Error('the site hung up'));
    response.once('close', onClose);
    response.write(piece, (error) => {
      response.off('close', onClose);
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}
