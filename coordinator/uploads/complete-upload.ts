import type { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { uploadReceipt } from '@fedoxnet/shared/protocol/http-messages';
import { chunkSeal } from '@fedoxnet/shared/sealing/chunks';
import { openDataKey } from '@fedoxnet/shared/sealing/data-key';
import { RunningDigest } from '@fedoxnet/shared/weights/digest';
import { SafetensorsStream } from '@fedoxnet/shared/weights/safetensors';
import { checkShapes, modelLayout } from '../aggregation/model-layout.js';
import { uploadFolder } from '../blobs/blob-store.js';
import { openStoredChunks } from '../blobs/stored-chunks.js';
import type { CoordinatorContext } from '../context.js';
import type { UploadRow } from '../storage/round-tables.js';
import type { StudyRow } from '../storage/study-tables.js';
import { uploadState } from './open-upload.js';

/** Opens every chunk, one at a time: digest, names, shapes and numbers must be what header and model say. */
async function verify(
  { blobs, keys }: CoordinatorContext,
  upload: UploadRow,
  study: StudyRow,
): Promise<void> {
  const { header, id, site } = upload;
  if (study.model === null)
    throw new FederationError('MODEL_INVALID', `Study ${study.name} has no initial model.`);
  const { classes } = study.plan;
  const model = modelLayout(new Map(study.model.tensors), study.model.roles, classes.length);
  for (const field of ['classRows', 'globalRows', 'prototypeRows'] as const) {
    if (header.masses[field].length !== classes.length) {
      throw new FederationError(
        'WEIGHTS_INVALID',
        `The update of ${site} gives ${header.masses[field].length} ${field} for ${classes.length} classes.`,
      );
    }
  }
  const digest = new RunningDigest();
  const stream = new SafetensorsStream(
    {
      onHeader: (shapes) => checkShapes(model, shapes, `The update of ${site}`),
      onValues: () => undefined,
    },
    { finite: true },
  );
  const seal = chunkSeal(header, openDataKey(header, keys.box.secretKey));
  for await (const plaintext of openStoredChunks(blobs, uploadFolder(id), seal)) {
    digest.update(plaintext);
    stream.push(plaintext);
  }
  stream.end();
  if (digest.hex() !== header.digest) {
    throw new FederationError('UPLOAD_MISMATCH', `The update of ${site} does not have its header's digest.`);
  }
}

/**
 * Checks an upload and counts it. Asked again, it answers the same. Chunks that do not open are dropped, so that the
 * site can send them anew.
 * @throws {FederationError} `UPLOAD_INCOMPLETE`, `CHUNK_NOT_AUTHENTIC`, `UPLOAD_MISMATCH`, `WEIGHTS_INVALID`, `ROUND_CLOSED`
 */
export async function completeUpload(
  context: CoordinatorContext,
  upload: UploadRow,
): Promise<z.infer<typeof uploadReceipt>> {
  const { database, engine, blobs } = context;
  const receipt = { id: upload.id, digest: upload.header.digest, accepted: true } as const;
  if (upload.completedAt !== null) return receipt;
  const { received, chunks } = await uploadState(context, upload);
  if (received.length < chunks) {
    throw new FederationError(
      'UPLOAD_INCOMPLETE',
      `Upload ${upload.id} has ${received.length} of ${chunks} chunks.`,
    );
  }
  const study = await database.stores.studies.find(upload.study);
  if (study === null) throw new FederationError('NOT_FOUND', `There is no study ${upload.study}.`);
  try {
    await verify(context, upload, study);
  } catch (error) {
    if (error instanceof FederationError && error.code === 'CHUNK_NOT_AUTHENTIC') {
      await blobs.removeFolder(uploadFolder(upload.id));
    }
    throw error;
  }
  failpoint('coordinator.upload.verified');
  try {
    await engine.deliver(upload);
  } catch (error) {
    // Two requests may complete the same upload at once: the second finds it counted.
    const counted = await database.stores.uploads.find(upload.id);
    if (counted === null || counted.completedAt === null) throw error;
  }
  failpoint('coordinator.upload.counted');
  return receipt;
}
