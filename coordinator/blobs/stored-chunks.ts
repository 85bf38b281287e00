import { openChunk, type ChunkSeal } from '@fedoxnet/shared/sealing/chunks';
import { chunkKey, type BlobStore } from './blob-store.js';

/**
 * The plaintext behind stored chunks, in order, one chunk in memory at a time.
 * @throws {FederationError} `CHUNK_NOT_AUTHENTIC`, `NOT_FOUND`
 */
export async function* openStoredChunks(
  blobs: BlobStore,
  folder: string,
  seal: ChunkSeal,
): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < seal.header.chunks; index += 1) {
    yield openChunk(seal, index, await blobs.get(chunkKey(folder, index)));
  }
}

/** The same bytes in pieces of exactly `size`, the last one excepted. */
export async function* inPiecesOf(
  size: number,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let buffer = Buffer.alloc(size);
  let filled = 0;
  for await (const piece of pieces) {
    let rest = piece;
    while (rest.length > 0) {
      const part = rest.subarray(0, size - filled);
      buffer.set(part, filled);
      filled += part.length;
      rest = rest.subarray(part.length);
      if (filled === size) {
        yield buffer;
        buffer = Buffer.alloc(size);
        filled = 0;
      }
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}
