import { FederationError } from '@fedoxnet/shared/errors';
import { chunkSeal } from '@fedoxnet/shared/sealing/chunks';
import { openDataKey } from '@fedoxnet/shared/sealing/data-key';
import type { SiteKeys } from '@fedoxnet/shared/sealing/keys';
import { SafetensorsStream } from '@fedoxnet/shared/weights/safetensors';
import type { SafetensorsLayout } from '@fedoxnet/shared/weights/safetensors-header';
import type { BlobStore } from '../blobs/blob-store.js';
import type { SealedFile } from '../blobs/sealed-range.js';
import { openStoredChunks } from '../blobs/stored-chunks.js';
import type { ReleaseRow } from '../storage/study-tables.js';
import { folderOfRelease } from './seal-release.js';

export function sealedRelease({ header, ownKey }: ReleaseRow, keys: SiteKeys): SealedFile {
  return {
    folder: folderOfRelease(header),
    seal: chunkSeal(header, openDataKey(ownKey, keys.box.secretKey)),
  };
}

/** The safetensors file of a release, chunk by chunk. */
export function readRelease(
  release: ReleaseRow,
  keys: SiteKeys,
  blobs: BlobStore,
): AsyncGenerator<Uint8Array> {
  return openStoredChunks(blobs, sealedRelease(release, keys));
}

/** The header of a safetensors file; reads no further. */
export async function readLayout(file: AsyncIterable<Uint8Array>): Promise<SafetensorsLayout> {
  const found: SafetensorsLayout[] = [];
  const stream = new SafetensorsStream({
    onHeader: (_shapes, _metadata, layout) => found.push(layout),
    onValues: () => undefined,
  });
  for await (const piece of file) {
    stream.push(piece);
    if (found[0] !== undefined) return found[0];
  }
  stream.end();
  throw new FederationError('WEIGHTS_INVALID', 'The file ends inside its header.');
}
