import type { RequestHandler } from 'express';
import { pipeline } from 'node:stream/promises';
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
    const { bytes, content } = await context.blobs.stream(chunkKey(folder, numberIn(request, 'index')));
    response.type('application/octet-stream').set('content-length', String(bytes));
    await pipeline(content, response).catch((error: unknown) => {
      // A site that hung up hears nothing more; whatever else failed is ours.
      if (!response.destroyed) throw error;
    });
  };
}
