import { CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import { openChunk, type ChunkSeal } from '@fedoxnet/shared/sealing/chunks';
import { chunkKey, type BlobReader } from './blob-store.js';

/** A file that lies sealed in the store. */
export interface SealedFile {
  readonly folder: string;
  readonly seal: ChunkSeal;
}

/**
 * Plaintext bytes [begin, end) of a sealed file in order, opening only the chunks that hold them, one at a time.
 * @param buffer at least a sealed chunk long, for all pieces: one is then good until the next is asked for. Without it each
 *   piece has its own memory.
 * @throws {FederationError} `CHUNK_NOT_AUTHENTIC`, `NOT_FOUND`
 */
export async function* readSealedRange(
  blobs: BlobReader,
  { folder, seal }: SealedFile,
  begin: number,
  end: number,
  buffer?: Uint8Array,
): AsyncGenerator<Uint8Array> {
  for (let index = Math.floor(begin / CHUNK_BYTES); index * CHUNK_BYTES < end; index += 1) {
    const start = index * CHUNK_BYTES;
    const sealed = await blobs.get(chunkKey(folder, index), buffer);
    const plaintext = openChunk(seal, index, sealed, sealed);
    yield plaintext.subarray(Math.max(0, begin - start), Math.min(plaintext.length, end - start));
  }
}
