import type { BlobReader } from './blob-store.js';
import { readSealedRange, type SealedFile } from './sealed-range.js';

/**
 * The plaintext of a sealed file in order, chunk by chunk, each in memory of its own.
 * @throws {FederationError} `CHUNK_NOT_AUTHENTIC`, `NOT_FOUND`
 */
export function openStoredChunks(blobs: BlobReader, file: SealedFile): AsyncGenerator<Uint8Array> {
  return readSealedRange(blobs, file, 0, file.seal.header.bytes);
}

/** The same bytes in pieces of exactly `size`, the last one excepted. A piece is good until the next one is asked for. */
export async function* inPiecesOf(
  size: number,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(size);
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
        filled = 0;
      }
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}
