import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { BlobStore } from './blob-store.js';

const KEY = /^[a-z0-9][a-z0-9.-]*(\/[a-z0-9][a-z0-9.-]*)*$/;
const INCOMING = '.incoming';

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** Blobs as files. A blob appears under its name when it is complete and on the disk, so a crash leaves no half of one. */
export class FolderBlobStore implements BlobStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Removes what a crash left half-written. Call it before anything is stored. */
  async prepare(): Promise<void> {
    await rm(join(this.#root, INCOMING), { recursive: true, force: true });
    await mkdir(join(this.#root, INCOMING), { recursive: true, mode: 0o700 });
  }

  async put(
    key: string,
    pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    bytes: number,
  ): Promise<void> {
    const path = this.#path(key);
    const temporary = join(this.#root, INCOMING, randomUUID());
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(temporary, 'wx', 0o600);
    try {
      let written = 0;
      for await (const piece of pieces) {
        written += piece.byteLength;
        if (written > bytes) break;
        failpoint('coordinator.blob.writing');
        await file.write(piece);
      }
      if (written !== bytes) {
        const found = written > bytes ? 'more' : `${written}`;
        throw new FederationError('UPLOAD_MISMATCH', `Blob ${key} must have ${bytes} bytes, not ${found}.`);
      }
      await file.sync();
      await file.close();
      failpoint('coordinator.blob.synced');
      await rename(temporary, path);
      await this.#syncFolder(dirname(path));
      failpoint('coordinator.blob.stored');
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async get(key: string): Promise<Uint8Array> {
    try {
      return await readFile(this.#path(key));
    } catch (error) {
      if (isMissing(error))
        throw new FederationError('NOT_FOUND', `There is no blob ${key}.`, { cause: error });
      throw error;
    }
  }

  async has(key: string): Promise<boolean> {
    return stat(this.#path(key)).then(
      () => true,
      (error: unknown) => {
        if (isMissing(error)) return false;
        throw error;
      },
    );
  }

  async list(folder: string): Promise<string[]> {
    return readdir(this.#path(folder)).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
  }

  async removeFolder(folder: string): Promise<void> {
    await rm(this.#path(folder), { recursive: true, force: true });
  }

  #path(key: string): string {
    if (!KEY.test(key)) throw new TypeError(`"${key}" is no key of a blob`);
    return join(this.#root, key);
  }

  /** A rename is only as durable as the folder that holds it. */
  async #syncFolder(folder: string): Promise<void> {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}
