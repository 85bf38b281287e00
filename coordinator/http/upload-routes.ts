import { Router } from 'express';
import { FederationError } from '@fedoxnet/shared/errors';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import { uploadRequest } from '@fedoxnet/shared/protocol/http-messages';
import { parseMessage } from '@fedoxnet/shared/protocol/parse';
import { chunkLength, TAG_BYTES } from '@fedoxnet/shared/sealing/chunks';
import type { CoordinatorContext } from '../context.js';
import type { SiteRow } from '../storage/site-tables.js';
import { completeUpload } from '../uploads/complete-upload.js';
import { openUpload, requireUpload, uploadState } from '../uploads/open-upload.js';
import { rememberAsker } from './asker.js';
import { callerOf, requireSite } from './who-asks.js';
import { nameIn, numberIn } from './parameters.js';
import { Recent } from './recent.js';

/** How sealed updates come in, chunk by chunk, in any order, as often as the line breaks. PROTOCOL.md §3. */
export function uploadRoutes(context: CoordinatorContext): Router {
  const router = Router();
  const sites = new Recent<SiteRow>();

  router.post('/uploads', async (request, response) => {
    const site = await requireSite(context, request);
    const message = parseMessage(uploadRequest, request.body, 'upload');
    response.json(await openUpload(context, site, callerOf(request), message));
  });
  router.get('/uploads/:id', async (request, response) => {
    const site = await requireSite(context, request);
    response.json(await uploadState(context, await requireUpload(context, site, nameIn(request, 'id'))));
  });
  router.put('/uploads/:id/chunks/:index', async (request, response) => {
    const site = await sites.get(request.get('authorization') ?? '', () => requireSite(context, request));
    rememberAsker(request, { site: site.name });
    const [id, index] = [nameIn(request, 'id'), numberIn(request, 'index')];
    const update = await context.incoming.find(id, () => requireUpload(context, site, id));
    const { header } = update;
    if (header.site !== site.name) throw new FederationError('NOT_FOUND', `There is no upload ${id}.`);
    if (index >= header.chunks) {
      throw new FederationError(
        'MESSAGE_INVALID',
        `There is no chunk ${index}, only 0 to ${header.chunks - 1}.`,
      );
    }
    const bytes = chunkLength(header, index) + TAG_BYTES;
    // Refused before it is read: a body that is cut off takes its connection, and the refusal, with it.
    const length = Number(request.get('content-length') ?? bytes);
    if (length > bytes)
      throw new FederationError('TOO_LARGE', `Chunk ${index} has ${bytes} bytes, not ${length}.`);
    await context.incoming.receive(id, update, index, request);
    failpoint('coordinator.chunk.stored');
    response.json({});
  });
  router.post('/uploads/:id/complete', async (request, response) => {
    const site = await requireSite(context, request);
    response.json(await completeUpload(context, await requireUpload(context, site, nameIn(request, 'id'))));
  });
  return router;
}
