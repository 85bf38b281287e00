import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { isDiskFull } from '@fedoxnet/shared/disk-full';
import { SEALED_CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import { runInto } from '@fedoxnet/shared/sealing/run-cipher';
import { writeAll } from '@fedoxnet/shared/write-all';
import type { SpareFile, SpareFiles } from './spare-files.js';

const CIPHER = 'aes-256-ctr';
/** Of one of its files: a chunk that is sealed from it fits into the pages that it has. */
const FILE_BYTES = SEALED_CHUNK_BYTES;
const PIECE_BYTES = 256 * 1024;

type WrittenFile = { readonly path: string; bytes: number };

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
  readonly #buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  readonly #files: WrittenFile[] = [];
  /** The last of the files, while it is written. */
  #open: { readonly file: FileHandle; readonly whole: WrittenFile } | null = null;

  constructor(spares: SpareFiles) {
    this.#spares = spares;
  }

  async append(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.#appendPiece(bytes.subarray(at));
    } catch (error) {
      if (isDiskFull(error)) await this.#spares.drop();
      throw error;
    }
  }

  /** All that was appended. A piece is good until the next one is asked for. */
  async *read(): AsyncGenerator<Uint8Array> {
    yield* this.#read(() => Promise.resolve());
  }

  /** The same for the last time. */
  async *drain(): AsyncGenerator<Uint8Array> {
    yield* this.#read((file) => {
      this.#files.shift();
      return this.#spares.give(file);
    });
  }

  /** Nothing of it stays. */
  async remove(): Promise<void> {
    await this.#close();
    for (const { path } of this.#files.splice(0)) await rm(path, { force: true });
  }

  /** @returns how much of `bytes` it was */
  async #appendPiece(bytes: Uint8Array): Promise<number> {
    const { file, whole } = await this.#fileWithRoom();
    const piece = bytes.subarray(0, Math.min(PIECE_BYTES, FILE_BYTES - whole.bytes));
    runInto(this.#cipher, piece, this.#buffer);
    await writeAll(file, this.#buffer.subarray(0, piece.length));
    whole.bytes += piece.length;
    return piece.length;
  }

  /** @param onRead of each file when it was read to its end */
  async *#read(onRead: (file: SpareFile) => Promise<void>): AsyncGenerator<Uint8Array> {
    await this.#close();
    const decipher = createDecipheriv(CIPHER, this.#key, this.#iv);
    for (const whole of [...this.#files]) {
      const file = await open(whole.path, 'r');
      try {
        for (let left = whole.bytes; left > 0;) {
          const { bytesRead } = await file.read(this.#buffer, 0, Math.min(PIECE_BYTES, left), null);
          if (bytesRead === 0) throw new Error(`scratch of ${whole.bytes} bytes ends ${left} too early`);
          const piece = this.#buffer.subarray(0, bytesRead);
          runInto(decipher, piece, piece);
          left -= bytesRead;
          yield piece;
        }
      } finally {
        await file.close();
      }
      await onRead(whole);
    }
  }

  async #fileWithRoom() {
    if (this.#open !== null && this.#open.whole.bytes < FILE_BYTES) return this.#open;
    await this.#close();
    const { path, file } = await this.#spares.open(FILE_BYTES);
    const whole = { path, bytes: 0 };
    this.#files.push(whole);
    return (this.#open = { file, whole });
  }

  async #close(): Promise<void> {
    await this.#open?.file.close();
    this.#open = null;
  }
}
