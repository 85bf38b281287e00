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
import type { ReleaseHeader, SealedKeyFor, StateHeader } from '@fedoxnet/shared/sealing/header';
import { publicKeysOf, type SiteKeys } from '@fedoxnet/shared/sealing/keys';
import { signHeader } from '@fedoxnet/shared/sealing/signed-header';
import { RunningDigest } from '@fedoxnet/shared/weights/digest';
import { chunkKey, releasesFolder, type BlobStore } from '../blobs/blob-store.js';
import { inPiecesOf } from '../blobs/stored-chunks.js';
import type { ReleaseRow } from '../storage/study-tables.js';

/** Where the chunks of a release lie. */
export function folderOfRelease(header: ReleaseHeader): string {
  return `${releasesFolder(header.study)}/${nameOfTry(header)}`;
}

/** Of a folder: with the nonce prefix, because a second try at a release or a state must not overwrite the first. */
export function nameOfTry({ release, noncePrefix }: ReleaseHeader | StateHeader): string {
  const prefix = fromBase64(noncePrefix, NONCE_PREFIX_BYTES, 'nonce prefix');
  return `${release}-${Buffer.from(prefix).toString('hex')}`;
}

/** Which weights are sealed. */
export interface SealedPlace {
  readonly study: string;
  readonly planHash: string;
  readonly release: number;
}

export type Pieces = () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** A file that is to be sealed. Its digest must be known before its first chunk is. */
export interface Plaintext {
  readonly digest: string;
  readonly bytes: number;
  /** Asked for once. */
  readonly pieces: Pieces;
}

/** Of a file that can be read twice: that is cheaper than holding it. */
export async function plaintextOf(pieces: Pieces): Promise<Plaintext> {
  const digest = new RunningDigest();
  let bytes = 0;
  for await (const piece of pieces()) {
    digest.update(piece);
    bytes += piece.byteLength;
  }
  return { digest: digest.hex(), bytes, pieces };
}

/** Encrypts a model once for all sites and stores it. @throws {FederationError} `TOO_LARGE` */
export async function sealRelease(
  place: SealedPlace,
  plaintext: Plaintext,
  keys: SiteKeys,
  blobs: BlobStore,
): Promise<Omit<ReleaseRow, 'createdAt' | 'state'>> {
  const header: ReleaseHeader = { kind: 'release', ...commonHeader(place, plaintext) };
  const ownKey = await storeSealed(header, folderOfRelease(header), plaintext.pieces, keys, blobs);
  const { study, release: number } = place;
  return { study, number, header, signature: signHeader(header, keys.sign.secretKey), ownKey };
}

/** What the headers of all sealed files say. @throws {FederationError} `TOO_LARGE` */
export function commonHeader(
  { study, planHash, release }: SealedPlace,
  { digest, bytes }: Plaintext,
): Omit<ReleaseHeader, 'kind'> {
  const chunks = chunkCount(bytes);
  if (chunks > MAX_CHUNKS) {
    throw new FederationError('TOO_LARGE', `Release ${release} of ${study} has ${bytes} bytes.`);
  }
  const noncePrefix = generateNoncePrefix();
  return { version: 1, study, planHash, release, digest, bytes, chunks, noncePrefix };
}

/**
 * All of it or nothing: what a failure left of it would stay, and a disk that is full would be so at the next try.
 * @returns the data key, sealed for the coordinator itself
 */
export async function storeSealed(
  header: ReleaseHeader | StateHeader,
  folder: string,
  pieces: Pieces,
  keys: SiteKeys,
  blobs: BlobStore,
): Promise<SealedKeyFor> {
  const dataKey = generateDataKey();
  const seal = chunkSeal(header, dataKey);
  // One chunk is sealed while the one before it is stored.
  const buffers = [0, 1].map(() => Buffer.allocUnsafeSlow(SEALED_CHUNK_BYTES));
  let index = 0;
  let storing = Promise.resolve();
  try {
    for await (const plaintext of inPiecesOf(CHUNK_BYTES, pieces())) {
      const sealed = sealChunk(seal, index, plaintext, buffers[index % 2]);
      await storing;
      storing = blobs.put(chunkKey(folder, index), [sealed], sealed.byteLength);
      storing.catch(() => undefined); // who waits for it hears of it
      index += 1;
    }
    await storing;
    await blobs.sync(folder);
  } catch (error) {
    await storing.catch(() => undefined); // it would put its chunk back
    await dropSealed(folder, blobs);
    throw error;
  }
  return sealDataKey(dataKey, publicKeysOf(keys).boxKey);
}

/** Removes a try that no row will name. What cannot be removed now goes before the next one (unnamed-releases.ts). */
export async function dropSealed(folder: string, blobs: BlobStore): Promise<void> {
  await blobs.removeFolder(folder).catch(() => undefined);
}
