import { CHUNK_BYTES, MAX_CHUNKS, SEALED_CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import { FederationError } from '@fedoxnet/shared/errors';
import { fromBase64 } from '@fedoxnet/shared/sealing/base64';
import { chunkCount, chunkSeal, sealChunk } from '@fedoxnet/shared/sealing/chunks';
import {
  generateDataKey,
  generateNoncePrefix,
  NONCE_PREFIX_BYTES,
  sealDataKey,
} from '@fedoxnet/shared/sealing/data-key';
import type { ReleaseHeader } from '@fedoxnet/shared/sealing/header';
import { publicKeysOf, type SiteKeys } from '@fedoxnet/shared/sealing/keys';
import { signHeader } from '@fedoxnet/shared/sealing/signed-header';
import { RunningDigest } from '@fedoxnet/shared/weights/digest';
import { chunkKey, releaseFolder, type BlobStore } from '../blobs/blob-store.js';
import { inPiecesOf } from '../blobs/stored-chunks.js';
import type { ReleaseRow } from '../storage/study-tables.js';

/** Where the chunks of a release lie. */
export function folderOfRelease({ study, release, noncePrefix }: ReleaseHeader): string {
  const prefix = Buffer.from(fromBase64(noncePrefix, NONCE_PREFIX_BYTES, 'nonce prefix')).toString('hex');
  return releaseFolder(study, release, prefix);
}

/**
 * Encrypts a model once for all sites and stores it. `pieces` is read twice: the digest must be known before the first
 * chunk is sealed, and a second pass is cheaper than holding the model.
 */
export async function sealRelease(
  {
    study,
    planHash,
    release,
  }: { readonly study: string; readonly planHash: string; readonly release: number },
  pieces: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  keys: SiteKeys,
  blobs: BlobStore,
): Promise<Omit<ReleaseRow, 'createdAt'>> {
  const digest = new RunningDigest();
  let bytes = 0;
  for await (const piece of pieces()) {
    digest.update(piece);
    bytes += piece.byteLength;
  }
  const chunks = chunkCount(bytes);
  if (chunks > MAX_CHUNKS) {
    throw new FederationError('TOO_LARGE', `Release ${release} of ${study} has ${bytes} bytes.`);
  }
  const header: ReleaseHeader = {
    kind: 'release',
    version: 1,
    study,
    planHash,
    release,
    digest: digest.hex(),
    bytes,
    chunks,
    noncePrefix: generateNoncePrefix(),
  };
  const dataKey = generateDataKey();
  const seal = chunkSeal(header, dataKey);
  const folder = folderOfRelease(header);
  const buffer = Buffer.allocUnsafeSlow(SEALED_CHUNK_BYTES);
  let index = 0;
  for await (const plaintext of inPiecesOf(CHUNK_BYTES, pieces())) {
    const sealed = sealChunk(seal, index, plaintext, buffer);
    await blobs.put(chunkKey(folder, index), [sealed], sealed.byteLength);
    index += 1;
  }
  await blobs.sync(folder);
  return {
    study,
    number: release,
    header,
    signature: signHeader(header, keys.sign.secretKey),
    ownKey: sealDataKey(dataKey, publicKeysOf(keys).boxKey),
  };
}
