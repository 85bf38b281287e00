import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { blobPath, readFailure } from './blob-path.js';
import type { BlobReader } from './blob-store.js';

/**
 * Reads blobs of a folder for a thread that has nothing else to do meanwhile: it waits for the disk itself. What was written
 * a moment ago is still in memory, and handing such a read to another thread would cost more than the read.
 */
export class BlockingBlobReader implements BlobReader {
  /** @param root of the blob store */
  constructor(private readonly root: string) {}

  get(key: string, buffer?: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve) => resolve(this.#read(key, buffer)));
  }

  #read(key: string, buffer?: Uint8Array): Uint8Array {
    const file = this.#open(key);
    try {
      const { size } = fstatSync(file);
      const target = buffer !== undefined && buffer.length >= size ? buffer : Buffer.allocUnsafeSlow(size);
      let read = 0;
      while (read < size) {
        const bytesRead = readSync(file, target, read, size - read, read);
        if (bytesRead === 0) break;
        read += bytesRead;
      }
      return target.subarray(0, read);
    } finally {
      closeSync(file);
    }
  }

  #open(key: string): number {
    try {
      return openSync(blobPath(this.root, key), 'r');
    } catch (error) {
      throw readFailure(key, error);
    }
  }
}
