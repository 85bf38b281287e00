import { createCipheriv, createDecipheriv } from 'node:crypto';
import { FederationError } from '../errors.js';
import { CHUNK_BYTES } from '../protocol/limits.js';
import { fromBase64 } from './base64.js';
import { DATA_KEY_BYTES, NONCE_PREFIX_BYTES } from './data-key.js';
import type { SealedHeader } from './header.js';
import { runInto } from './run-cipher.js';
import { headerHash } from './signed-header.js';

/**
 * Sealed weights in numbered chunks, after STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015): every chunk is
 * AES-256-GCM under one data key; its number and whether it is the last lie in the nonce and the header's hash in the
 * associated data, so no chunk can be cut off, moved, repeated or put under another header. PROTOCOL.md §4.
 */
const CIPHER = 'aes-256-gcm';
export const TAG_BYTES = 16;
const NONCE_BYTES = 12;

/** What all chunks of one upload or release share. */
export interface ChunkSeal {
  readonly header: SealedHeader;
  readonly headerHash: Uint8Array;
  readonly noncePrefix: Uint8Array;
  readonly dataKey: Uint8Array;
}

/** How many chunks `bytes` of plaintext make; at least 1 byte. */
export function chunkCount(bytes: number): number {
  return Math.ceil(bytes / CHUNK_BYTES);
}

/** Plaintext bytes of chunk `index`: all are full but the last. Sealed ones are `TAG_BYTES` longer. */
export function chunkLength(header: Pick<SealedHeader, 'bytes' | 'chunks'>, index: number): number {
  return index === header.chunks - 1 ? header.bytes - index * CHUNK_BYTES : CHUNK_BYTES;
}

/** @throws {FederationError} `MESSAGE_INVALID` when the header's own numbers disagree; checked before anything is stored */
export function checkChunkCount(header: SealedHeader): void {
  if (header.chunks !== chunkCount(header.bytes)) {
    throw new FederationError(
      'MESSAGE_INVALID',
      `The header names ${header.chunks} chunks for ${header.bytes} bytes; that is ${chunkCount(header.bytes)}.`,
    );
  }
}

/** @param dataKey 32 bytes, from `generateDataKey` or `openDataKey` */
export function chunkSeal(header: SealedHeader, dataKey: Uint8Array): ChunkSeal {
  checkChunkCount(header);
  if (dataKey.length !== DATA_KEY_BYTES) throw new TypeError(`dataKey has ${dataKey.length} bytes, not 32`);
  return {
    header,
    headerHash: headerHash(header),
    noncePrefix: fromBase64(header.noncePrefix, NONCE_PREFIX_BYTES, 'nonce prefix'),
    dataKey,
  };
}

/** Prefix (7 bytes) ‖ index (4, big-endian) ‖ 1 for the last chunk, else 0. */
export function chunkNonce(prefix: Uint8Array, index: number, last: boolean): Uint8Array {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.set(prefix);
  nonce.writeUInt32BE(index, NONCE_PREFIX_BYTES);
  nonce.writeUInt8(last ? 1 : 0, NONCE_BYTES - 1);
  return nonce;
}

function nonceAt({ header, noncePrefix }: ChunkSeal, index: number): Uint8Array {
  if (!Number.isInteger(index) || index < 0 || index >= header.chunks) {
    throw new FederationError(
      'MESSAGE_INVALID',
      `There is no chunk ${index}, only 0 to ${header.chunks - 1}.`,
    );
  }
  return chunkNonce(noncePrefix, index, index === header.chunks - 1);
}

/**
 * @param index     0-based
 * @param plaintext `chunkLength(header, index)` bytes of the safetensors file from byte `index · CHUNK_BYTES` on
 * @param buffer    where to write, at least `TAG_BYTES` longer than `plaintext`; a fresh one when left out
 * @returns ciphertext ‖ 16-byte tag. The same for the same arguments, so a chunk may be sealed and sent again.
 */
export function sealChunk(
  seal: ChunkSeal,
  index: number,
  plaintext: Uint8Array,
  buffer: Uint8Array = Buffer.allocUnsafeSlow(plaintext.length + TAG_BYTES),
): Uint8Array {
  const nonce = nonceAt(seal, index);
  if (plaintext.length !== chunkLength(seal.header, index)) {
    throw new FederationError(
      'UPLOAD_MISMATCH',
      `Chunk ${index} has ${plaintext.length} bytes, not the ${chunkLength(seal.header, index)} of its header.`,
    );
  }
  const sealed = buffer.subarray(0, plaintext.length + TAG_BYTES);
  const cipher = createCipheriv(CIPHER, seal.dataKey, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(seal.headerHash);
  runInto(cipher, plaintext, sealed);
  cipher.final();
  sealed.set(cipher.getAuthTag(), plaintext.length);
  return sealed;
}

/**
 * @param buffer where to write, as long as the plaintext or longer: `sealed` itself will do; a fresh one when left out. What
 *   lies in it after a refusal means nothing.
 * @returns the plaintext
 * @throws {FederationError} `CHUNK_NOT_AUTHENTIC` when it is not exactly what was sealed at this place
 */
export function openChunk(
  seal: ChunkSeal,
  index: number,
  sealed: Uint8Array,
  buffer?: Uint8Array,
): Uint8Array {
  const nonce = nonceAt(seal, index);
  const length = chunkLength(seal.header, index);
  if (sealed.length !== length + TAG_BYTES) {
    throw new FederationError(
      'CHUNK_NOT_AUTHENTIC',
      `Chunk ${index} has ${sealed.length} bytes, not ${length + TAG_BYTES}.`,
    );
  }
  const decipher = createDecipheriv(CIPHER, seal.dataKey, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(seal.headerHash);
  decipher.setAuthTag(sealed.subarray(length));
  const plaintext = (buffer ?? Buffer.allocUnsafeSlow(length)).subarray(0, length);
  runInto(decipher, sealed.subarray(0, length), plaintext);
  try {
    decipher.final();
  } catch (cause) {
    throw new FederationError('CHUNK_NOT_AUTHENTIC', `Chunk ${index} does not open.`, { cause });
  }
  return plaintext;
}
