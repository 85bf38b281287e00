import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { isDiskFull } from '@fedoxnet/shared/disk-full';
import { SEALED_CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import { runInto } from '@fedoxnet/shared/sealing/run-cipher';
import { writeAll } from '@fedoxnet/shared/write-all';
import type { SpareFile, SpareFiles } from './spare-files.js';

const CIPHER = 'aes-256-ctr';
/** Of one of its files: a chunk that is sealed from it fits into the pages that it has. */
const FILE_BYTES = SEALED_CHUNK_BYTES;

/**
 * Bytes that are written once and read again: a model between its sum and its seal, which is too large for memory and may not lie
 * readable on the disk. The key is in memory alone, so what a crash leaves opens for nobody.
 *
 * They lie in files as long as a chunk. `drain` offers each to be written over as soon as it was read, so that what is sealed from
 * it takes its place: a round finds room for one model on the disk, not for two.
 */
export class Scratch {
  readonly #spares: SpareFiles;
  readonly #key = randomBytes(32);
  readonly #iv = randomBytes(16);
  readonly #cipher = createCipheriv(CIPHER, this.#key, this.#iv);
  readonly #buffer = Buffer.allocUnsafeSlow(FILE_BYTES);
  #files: SpareFile[] = [];
  /** Bytes in the buffer that are in no file yet. */
  #held = 0;

  constructor(spares: SpareFiles) {
    this.#spares = spares;
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) {
      const part = rest.subarray(0, FILE_BYTES - this.#held);
      runInto(this.#cipher, part, this.#buffer.subarray(this.#held));
      this.#held += part.length;
      rest = rest.subarray(part.length);
      if (this.#held === FILE_BYTES) await this.#flush();
    }
  }

  /** All that was appended. A piece is good until the next one is asked for. */
  async *read(): AsyncGenerator<Uint8Array> {
    await this.#flush();
    const decipher = createDecipheriv(CIPHER, this.#key, this.#iv);
    for (const { path, bytes } of [...this.#files]) {
      const piece = this.#buffer.subarray(0, bytes);
      const file = await open(path, 'r');
      try {
        const { bytesRead } = await file.read(piece, 0, bytes, 0);
        if (bytesRead !== bytes) throw new Error(`scratch of ${bytes} bytes came back as ${bytesRead}`);
      } finally {
        await file.close();
      }
      runInto(decipher, piece, piece);
      yield piece;
    }
  }

  /** The same for the last time. */
  async *drain(): AsyncGenerator<Uint8Array> {
    for await (const piece of this.read()) {
      yield piece;
      const [done] = this.#files.splice(0, 1);
      if (done !== undefined) await this.#spares.give(done);
    }
  }

  /** Nothing of it stays. */
  async remove(): Promise<void> {
    for (const { path } of this.#files.splice(0)) await rm(path, { force: true });
  }

  async #flush(): Promise<void> {
    if (this.#held === 0) return;
    const { path, file } = await this.#spares.open(this.#held);
    this.#files.push({ path, bytes: this.#held });
    try {
      await writeAll(file, this.#buffer.subarray(0, this.#held));
      this.#held = 0;
    } catch (error) {
      if (isDiskFull(error)) await this.#spares.drop();
      throw error;
    } finally {
      await file.close();
    }
  }
}
