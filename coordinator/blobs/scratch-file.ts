import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

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
      await this.#file.write(this.#cipher.update(bytes.subarray(at, at + PIECE_BYTES)));
    }
  }

  /** All that was appended. A piece is good until the next one is asked for. */
  async *read(): AsyncGenerator<Uint8Array> {
    const decipher = createDecipheriv(CIPHER, this.#key, this.#iv);
    const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
    for (let position = 0; ;) {
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      yield decipher.update(buffer.subarray(0, bytesRead));
    }
  }

  async remove(): Promise<void> {
    await this.#file.close();
    await rm(this.#path, { force: true });
  }
}
