import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { runInto } from '@fedoxnet/shared/sealing/run-cipher';

const CIPHER = 'aes-256-ctr';
const PIECE_BYTES = 256 * 1024;

/**
 * Bytes that are written once, read again and removed: a model between its sum and its seal, which is too large for
 * memory and may not lie readable on the disk. The key is in memory alone, so what a crash leaves opens for nobody.
 */
export class ScratchFile {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #key = randomBytes(32);
  readonly #iv = randomBytes(16);
  readonly #cipher = createCipheriv(CIPHER, this.#key, this.#iv);
  readonly #buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async create(folder: string): Promise<ScratchFile> {
    const path = join(folder, randomUUID());
    return new ScratchFile(path, await open(path, 'wx+', 0o600));
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const length = Math.min(PIECE_BYTES, bytes.length - at);
      runInto(this.#cipher, bytes.subarray(at, at + length), this.#buffer);
      await this.#file.write(this.#buffer, 0, length);
    }
  }

  /** All that was appended. A piece is good until the next one is asked for. */
  async *read(): AsyncGenerator<Uint8Array> {
    const decipher = createDecipheriv(CIPHER, this.#key, this.#iv);
    for (let position = 0; ;) {
      const { bytesRead } = await this.#file.read(this.#buffer, 0, PIECE_BYTES, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      const piece = this.#buffer.subarray(0, bytesRead);
      runInto(decipher, piece, piece);
      yield piece;
    }
  }

  async remove(): Promise<void> {
    await this.#file.close();
    await rm(this.#path, { force: true });
  }
}
