import type { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { uploadReceipt } from '@fedoxnet/shared/protocol/http-messages';
import { uploadFolder } from '../blobs/blob-store.js';
import type { CoordinatorContext } from '../context.js';
import type { UploadRow } from '../storage/round-tables.js';
import { uploadState } from './open-upload.js';

/**
 * Checks an upload and counts it. Asked again, it answers the same. Chunks that do not open are dropped, so that the
 * site can send them anew.
 * @throws {FederationError} `UPLOAD_INCOMPLETE`, `UPLOAD_MISMATCH`, `WEIGHTS_INVALID`, `UPDATE_TOO_LONG`, `ROUND_CLOSED`
 */
export async function completeUpload(
  context: CoordinatorContext,
  upload: UploadRow,
): Promise<z.infer<typeof uploadReceipt>> {
  const { database, engine, blobs, incoming, log } = context;
  const receipt = { id: upload.id, digest: upload.header.digest, accepted: true } as const;
  if (upload.completedAt !== null) return receipt;
  const { received, chunks } = await uploadState(context, upload);
  if (received.length < chunks) {
    throw new FederationError(
      'UPLOAD_INCOMPLETE',
      `Upload ${upload.id} has ${received.length} of ${chunks} chunks.`,
    );
  }
  const { seconds } = await incoming.complete(upload);
  await blobs.sync(uploadFolder(upload.id));
  failpoint('coordinator.upload.verified');
  try {
    await engine.deliver(upload);
  } catch (error) {
    // Two requests may complete the same upload at once: the second finds it counted.
    const counted = await database.stores.uploads.find(upload.id);
    if (counted === null || counted.completedAt === null) throw error;
  }
  failpoint('coordinator.upload.counted');
  incoming.forget(upload.id);
  const { study, round, site, header } = upload;
  log.info({ study, round, site, bytes: header.bytes, seconds }, 'update accepted');
  return receipt;
}
